// The section that shows when what happened: around the violation, where there is one, and over the whole run.

import { countText, plural } from '../safe-text.ts';
import { momentText } from '../time-text.ts';
import { type Html, html } from './escape.ts';
import { outcomeLegend } from './legend.ts';
import type { RunView } from './run-view.ts';
import { timelinePicture } from './timeline-picture.ts';
import { timelineRows } from './timeline-rows.ts';

/** Up to this many operations are drawn one by one. */
const detailLimit = 1_500;
/** As many as are wished around a violation. */
const windowWish = 400;
const rowLimit = 40;

interface Window {
  readonly from: number;
  readonly to: number;
}

export function timeline(view: RunView): Html | undefined {
  const { facts, run } = view;
  if (facts.operations === 0) return html`<p>No operation was recorded: there is nothing to draw.</p>`;
  const counterexamples = run.result.counterexamples ?? [];
  const first = counterexamples[0];
  const whole: Window = { from: 0, to: facts.end };
  const near = first === undefined ? undefined : windowAround(view, first.from, first.to);
  if (near === undefined || facts.operations <= windowWish / 4) return timelineOf(view, whole, undefined);
  return html`<h3>Around the violation, ${momentText(near.from)} to ${momentText(near.to)}</h3>
${timelineOf(view, near, undefined)}
<h3>The whole run</h3>
${timelineOf(view, whole, near)}`;
}

/** The counterexample with as much around it as stays readable, in nanoseconds. */
function windowAround(view: RunView, from: number, to: number): Window {
  const end = view.facts.end;
  const widest = Math.max(4 * (to - from), 500e6);
  const around = (pad: number): Window => ({ from: Math.max(0, from - pad), to: Math.min(end, to + pad) });
  for (let pad = widest; pad > Math.max(1e5, (to - from) / 20); pad /= 1.5) {
    if (invocationsIn(view, around(pad)).length <= windowWish) return around(pad);
  }
  return around(Math.max(1e5, (to - from) / 20));
}

function invocationsIn({ run: { history }, facts }: RunView, { from, to }: Window): number[] {
  const result: number[] = [];
  for (const index of facts.invocations) {
    if (history.time(index) > to) break;
    const completion = history.partner(index);
    if (completion === -1 || history.time(completion) >= from) result.push(index);
  }
  return result;
}

function timelineOf(view: RunView, window: Window, framed: Window | undefined): Html {
  const { history, plan, result } = view.run;
  const counterexamples = result.counterexamples ?? [];
  const invocations = invocationsIn(view, window);
  const detailed = framed === undefined && invocations.length <= detailLimit;
  const { rows, leftOut } = timelineRows(history, invocations, {
    threads: plan.concurrency,
    limit: rowLimit,
    first: counterexamples.slice(0, 5).flatMap((found) => found.operations.map(({ process }) => process)),
  });
  const operations = plural(invocations.length, 'operation');
  const label = `Timeline of ${operations} in ${plural(rows.length, 'row')}, ${momentText(window.from)} to ${momentText(window.to)}`;
  return html`${timelinePicture({
    label,
    history,
    rows,
    spans: view.spans,
    ...window,
    detailed,
    counterexamples,
    ...(framed === undefined ? {} : { framed }),
  })}
${outcomeLegend(detailed, counterexamples.length > 0, framed !== undefined)}
${detailed ? undefined : html`<p class="quiet">These are ${operations}, too many to draw one by one: each column of pixels shows the worst outcome in it.</p>`}
${leftOut > 0 ? html`<p class="quiet">${countText(leftOut)} more rows are not drawn.</p>` : undefined}`;
}
