// What an algorithm says of a part.

import type { GaveUp } from '../checker.ts';
import type { Operation } from '../op.ts';
import type { Start } from './problem.ts';

export type Decision = Valid | Invalid | Undecided;

export interface Valid {
  readonly validity: 'valid';
  /** Rows in an order that explains everything: all that completed, and of the crashed those that took effect. */
  readonly order: ArrayLike<number>;
  readonly configurations: number;
}

export interface Invalid {
  readonly validity: 'invalid';
  /** Everything that completed before this position in the history fits in an order; 0: nothing is known. */
  readonly reached: number;
  /** The longest order reached by a search that was asked to keep it. */
  readonly longest: readonly Operation[];
  readonly configurations: number;
  /** From algorithms that know more than that there is no order. */
  readonly proof?: Proof;
}

/** What leaves no order, found exactly. */
export interface Proof {
  /** The row whose completion was the first with which there was no order any more. */
  readonly culprit: number;
  /** Rows, rising, the culprit among them, that have no order when the history ends there: from `start`. */
  readonly rows: Int32Array;
  readonly start: Start;
}

export interface Undecided {
  readonly validity: 'unknown';
  /** `limit`: the number of configurations allowed, not the budget. */
  readonly cause: GaveUp | 'limit';
  readonly bytes: number;
  readonly configurations: number;
}
