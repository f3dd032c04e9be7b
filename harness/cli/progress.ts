// What a run shows while it goes on, on stderr: a block that redraws itself on a terminal, plain timestamped lines
// elsewhere. It only watches; nothing depends on it.

import { styleText } from 'node:util';
import type { Op } from '../../checkers/op.ts';
import type { RunObserver } from '../test-plan.ts';
import type { PlanSummary } from '../test-run.ts';
import { Tally } from './tally.ts';

const FRAME_MS = 100;
const LINE_MS = 10_000;

export interface Progress extends RunObserver {
  /** Ends the display; what was on the screen stays as plain lines. */
  end(): void;
  say(text: string): void;
}

export function progress(plan: PlanSummary, stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? liveProgress(plan, stream) : plainProgress(plan, stream);
}

function heading(plan: PlanSummary): string {
  const faults = plan.faults.map((fault) => fault.name).join(', ') || 'no faults';
  const mutant = plan.mutant === undefined ? '' : ` · mutant ${plan.mutant}`;
  return `${plan.workload} on ${plan.nodes.length} nodes (${plan.environment}) · ${faults} · seed ${plan.seed}${mutant}`;
}

function plainProgress(plan: PlanSummary, stream: NodeJS.WriteStream): Progress {
  const begun = performance.now();
  const tally = new Tally(plan);
  let ended = false;
  const say = (text: string) => {
    stream.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
  };
  say(heading(plan));
  const timer = setInterval(() => {
    if (tally.started) say(tally.numbers());
  }, LINE_MS);
  timer.unref();
  return {
    say,
    note: say,
    folder: (path) => say(`run folder ${path}`),
    stage: (name) => say(name),
    op(op: Op) {
      tally.add(op);
      const event = tally.lastEvent(op);
      if (event !== undefined) say(event);
    },
    end() {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      if (tally.started) say(tally.numbers());
    },
  };
}

function liveProgress(plan: PlanSummary, stream: NodeJS.WriteStream): Progress {
  const tally = new Tally(plan);
  let ended = false;
  let stage = 'start';
  let drawn = 0;
  const erase = () => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`);
  const fitted = (text: string) => {
    const width = Math.max(20, stream.columns - 1);
    return text.length > width ? `${text.slice(0, width - 1)}…` : text;
  };
  const draw = () => {
    const lines = [heading(plan), ...tally.block(stage)].map((line, i) => {
      const text = fitted(line);
      return i === 0 ? styleText('bold', text, { stream }) : text;
    });
    stream.write(`${erase()}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  const say = (text: string) => {
    stream.write(`${erase()}${text}\n`);
    drawn = 0;
    draw();
  };
  return {
    say,
    note: say,
    folder: (path) => say(`run folder ${path}`),
    stage(name) {
      stage = name;
      draw();
    },
    op: (op) => tally.add(op),
    end() {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      draw();
    },
  };
}
