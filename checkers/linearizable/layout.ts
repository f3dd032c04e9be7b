// A problem's steps in the arrays that the search walks: in order of invocation, in order of deadline, and with slots
// so that what is open at one moment fits in a few bits.

import { canonicalJson } from '../json.ts';
import type { Problem, Step } from './problem.ts';

/** Crashed operations that do the same: only their number matters, and the earliest invoked is the first to be used. */
export interface CrashedClass {
  readonly needs: number;
  readonly leaves: number;
  /** By invocation. */
  readonly steps: readonly Step[];
}

export interface Layout {
  /** The steps that must take effect, by invocation; the arrays below are indexed alike. */
  readonly required: readonly Step[];
  readonly invokedAt: Int32Array;
  readonly deadline: Int32Array;
  readonly needs: Int32Array;
  readonly leaves: Int32Array;
  readonly observer: Uint8Array;
  /** Two steps whose intervals meet never have the same slot. */
  readonly slot: Int32Array;
  readonly slots: number;
  /** Indexes of `required` by deadline. */
  readonly byDeadline: Int32Array;
  readonly crashed: readonly CrashedClass[];
}

/** No step may have its deadline before its invocation: such a problem has no order, and no layout either. */
export function layOut<State>(problem: Problem<State>): Layout {
  const required = problem.steps
    .filter((step) => step.deadline !== Infinity)
    .sort((a, b) => a.invokedAt - b.invokedAt);
  const deadline = Int32Array.from(required, (step) => step.deadline);
  // Sorted as a plain array, which is fast for what is nearly sorted, as operations are.
  const ends = [...deadline.keys()].sort((a, b) => (deadline[a] ?? 0) - (deadline[b] ?? 0) || a - b);
  const byDeadline = Int32Array.from(ends);
  const invokedAt = Int32Array.from(required, (step) => step.invokedAt);
  return {
    required,
    invokedAt,
    deadline,
    needs: Int32Array.from(required, (step) => step.needs),
    leaves: Int32Array.from(required, (step) => step.leaves),
    observer: Uint8Array.from(required, (step) => (step.observer ? 1 : 0)),
    ...assignSlots(invokedAt, deadline, byDeadline),
    byDeadline,
    crashed: crashedClasses(problem),
  };
}

function assignSlots(
  invokedAt: Int32Array,
  deadline: Int32Array,
  byDeadline: Int32Array,
): { slot: Int32Array; slots: number } {
  const slot = new Int32Array(invokedAt.length);
  const free: number[] = [];
  let slots = 0;
  let ended = 0;
  for (const [step, start] of invokedAt.entries()) {
    for (; ended < step && (deadline[byDeadline[ended] ?? 0] ?? 0) < start; ended++) {
      free.push(slot[byDeadline[ended] ?? 0] ?? 0);
    }
    slot[step] = free.pop() ?? slots++;
  }
  return { slot, slots };
}

function crashedClasses<State>(problem: Problem<State>): CrashedClass[] {
  const classes = new Map<string, { needs: number; leaves: number; steps: Step[] }>();
  for (const step of problem.steps) {
    if (step.deadline !== Infinity) continue;
    const { f, value } = step.operation.call;
    const name = problem.moves
      ? `${step.needs} ${step.leaves}`
      : canonicalJson(value === undefined ? [f] : [f, value]);
    const group = classes.get(name);
    if (group === undefined) classes.set(name, { needs: step.needs, leaves: step.leaves, steps: [step] });
    else group.steps.push(step);
  }
  for (const group of classes.values()) group.steps.sort((a, b) => a.invokedAt - b.invokedAt);
  return [...classes.values()];
}
