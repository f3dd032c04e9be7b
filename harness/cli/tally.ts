// Numbers of a run so far, for whoever watches it.

import type { Json } from '../../checkers/json.ts';
import type { Op } from '../../checkers/op.ts';
import { nanosPerSecond } from '../clock.ts';
import type { PlanSummary } from '../test-run.ts';

export class Tally {
  readonly #plan: PlanSummary;
  #ok = 0;
  #failed = 0;
  #unknown = 0;
  #open = 0;
  #time = 0;
  /** Completions of the last second, by time. */
  #recent: number[] = [];
  #phase = '';
  readonly #active = new Map<string, string>();

  constructor(plan: PlanSummary) {
    this.#plan = plan;
  }

  get started(): boolean {
    return this.#ok + this.#failed + this.#unknown > 0;
  }

  add(op: Op): void {
    this.#time = op.time;
    if (op.process === 'nemesis') this.#addNemesis(op);
    else if (op.type === 'invoke') this.#open++;
    else this.#complete(op);
  }

  #complete(op: Op): void {
    this.#open--;
    if (op.type === 'ok') this.#ok++;
    else if (op.type === 'fail') this.#failed++;
    else this.#unknown++;
    this.#recent.push(op.time);
    if (this.#recent.length > 4096) this.#forgetOld();
  }

  #forgetOld(): void {
    const since = this.#time - nanosPerSecond;
    this.#recent = this.#recent.filter((time) => time >= since);
  }

  #addNemesis(op: Op): void {
    if (op.f === 'phase') {
      if (typeof op.value === 'string') this.#phase = op.value;
      return;
    }
    if (op.type === 'invoke' || statusOf(op.value) !== 'applied') return;
    for (const band of this.#plan.faults) {
      if (band.from.includes(op.f)) this.#active.set(band.name, subjectOf(op.value));
      if (band.to.includes(op.f)) this.#active.delete(band.name);
    }
  }

  numbers(): string {
    this.#forgetOld();
    const count = (n: number) => n.toLocaleString('en');
    return `${count(this.#ok)} ok, ${count(this.#failed)} failed, ${count(this.#unknown)} unknown, ${this.#recent.length}/s, ${this.#open} in flight`;
  }

  /** Lines for a live display. */
  block(stage: string): string[] {
    if (!this.started) return [`  ${stage}`];
    const limit = this.#plan.timeLimitMs / 1000;
    const seconds = Math.floor(this.#time / nanosPerSecond);
    const faults = [...this.#active].map(([name, subject]) => (subject === '' ? name : `${name} ${subject}`));
    return [
      `  ${stage}${this.#phase === '' ? '' : ` (${this.#phase})`}  ${seconds <= limit ? `${seconds} s of ${limit} s` : `${seconds} s`}`,
      `  ${this.numbers()}`,
      `  faults: ${faults.join('; ') || 'none now'}`,
    ];
  }

  /** A line about a completed call of the nemesis; undefined for everything else. */
  lastEvent(op: Op): string | undefined {
    if (op.process !== 'nemesis') return undefined;
    if (op.f === 'phase') return op.type === 'invoke' ? `phase ${this.#phase}` : undefined;
    if (op.type === 'invoke') return undefined;
    return [`nemesis ${op.f}`, statusOf(op.value), subjectOf(op.value)]
      .filter((word) => word !== '')
      .join(' ');
  }
}

function member(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [member: string]: Json | undefined })[name];
}

function statusOf(value: Json | undefined): string {
  const status = member(value, 'status');
  return typeof status === 'string' ? status : '';
}

/** What a fault was aimed at, in a few words. */
function subjectOf(value: Json | undefined): string {
  const reason = member(value, 'reason');
  if (typeof reason === 'string') return `(${reason})`;
  const evidence = member(value, 'evidence');
  const shape = member(evidence, 'shape');
  const targets = member(evidence, 'targets');
  const words = [shape, ...(Array.isArray(targets) ? (targets as readonly Json[]) : [])];
  return words.filter((word): word is string => typeof word === 'string').join(' ');
}
