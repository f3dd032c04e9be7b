// What the threads say to each other, and the cells that all of them see.

import type { Budget, GaveUp } from '../../checker.ts';
import { budget } from '../../checker.ts';
import type { Operation } from '../../op.ts';
import type { Decision, Invalid, Valid } from '../decision.ts';
import type { PartJudgement } from '../judge-part.ts';
import type { ModelReference } from './model-reference.ts';
import type { PartHistory, SharedHistory } from './shared-history.ts';

/** What a thread has to know of a check before it can judge parts of it. */
export interface OpenCheck {
  readonly kind: 'open';
  readonly history: SharedHistory;
  readonly model: ModelReference;
  readonly algorithm: string | undefined;
  readonly cells: Int32Array;
  /** The thread's own cell. */
  readonly slot: number;
  readonly memoryBytes: number | undefined;
}

export interface PartTask {
  /** The ids of its operations, rising. */
  readonly ids: Int32Array;
  readonly configurations: number;
}

export type ToThread =
  | OpenCheck
  | { readonly kind: 'judge'; readonly tasks: readonly PartTask[] }
  | { readonly kind: 'close' };

/** For each task, in their order; or what a model or an algorithm threw. */
export type FromThread =
  | { readonly kind: 'judged'; readonly results: readonly SentJudgement[] }
  | { readonly kind: 'broke'; readonly stack: string };

type SentDecision =
  | Exclude<Decision, Valid | Invalid>
  | (Omit<Valid, 'order'> & { readonly order: Int32Array })
  | (Omit<Invalid, 'longest'> & { readonly longest: Int32Array });

export type SentJudgement = Omit<PartJudgement, 'decision'> & { readonly decision: SentDecision };

/** A judgement of a part's own history in the numbers of the whole one. */
export function sent(judgement: PartJudgement, { indexes }: PartHistory): SentJudgement {
  const { decision } = judgement;
  if (decision.validity === 'unknown') return { ...judgement, decision };
  if (decision.validity === 'valid') {
    return { ...judgement, decision: { ...decision, order: Int32Array.from(decision.order) } };
  }
  const reached = decision.reached === 0 ? 0 : (indexes[decision.reached] ?? decision.reached);
  const longest = Int32Array.from(decision.longest, ({ id }) => indexes[id] as number);
  return { ...judgement, decision: { ...decision, reached, longest } };
}

export function received(judgement: SentJudgement, operation: (id: number) => Operation): PartJudgement {
  const { decision } = judgement;
  if (decision.validity !== 'invalid') return { ...judgement, decision };
  return { ...judgement, decision: { ...decision, longest: Array.from(decision.longest, operation) } };
}

/** Cell 0: why all have to stop, 0 for not yet. The others: what each thread holds, in KiB. */
const causes: readonly (GaveUp | undefined)[] = [undefined, 'time', 'memory', 'interrupted'];

export function newCells(threads: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (threads + 1)));
}

export function stopAll(cells: Int32Array, cause: GaveUp): void {
  Atomics.store(cells, 0, causes.indexOf(cause));
}

/** What all threads hold together, in bytes. */
export function heldBytes(cells: Int32Array): number {
  let sum = 0;
  for (let slot = 1; slot < cells.length; slot++) sum += Atomics.load(cells, slot);
  return sum * 1024;
}

/** Says that the thread of this slot holds nothing. */
export function release(cells: Int32Array, slot: number): void {
  Atomics.store(cells, slot, 0);
}

/** The budget of a check as one of its threads sees it: one pool of memory for all, and this thread's own heap. */
export function threadBudget({ cells, slot, memoryBytes }: OpenCheck): Budget {
  const own = budget({});
  const most = memoryBytes ?? Infinity;
  return {
    giveUp(bytes) {
      Atomics.store(cells, slot, Math.ceil(bytes / 1024));
      const cause = causes[Atomics.load(cells, 0)];
      if (cause !== undefined) return cause;
      return bytes > most || heldBytes(cells) > most + 1024 * cells.length ? 'memory' : own.giveUp(0);
    },
    allowance: (cause) => own.allowance?.(cause),
  };
}
