// What a failed check hands over: a minimal sub-history that no order explains, and the reasons in words.

import type { Json } from './json.ts';
import type { Operation } from './op.ts';

/** The classic shapes of registers, each with a template of words. `other` is the honest rest, of any object. */
export type RegisterShape =
  | 'stale-read'
  | 'lost-write'
  | 'never-written'
  | 'failed-took-effect'
  | 'reads-backwards'
  | 'double-cas'
  | 'other';

/** And those of queues, stacks, sets, counters, locks, lists and maps. */
export type ViolationShape =
  | RegisterShape
  | 'taken-twice'
  | 'out-of-order'
  | 'wrongly-empty'
  | 'lost-element'
  | 'resurrected-element'
  | 'reads-disagree'
  | 'impossible-count'
  | 'two-holders'
  | 'released-by-another'
  | 'token-went-back'
  | 'lost-append'
  | 'torn-read';

/** A legal order of some of the operations which no other can follow. */
export interface DeadEnd {
  /** Ids, in that order. */
  readonly order: readonly number[];
  /** The state before whatever would come next, in words; absent when it may be any. */
  readonly stateBefore?: string;
  /** The operations that the order does not place: those of known outcome first, each by invocation. */
  readonly remaining: readonly Remaining[];
  /** How many more there are than are listed. */
  readonly remainingNotListed: number;
}

export interface Remaining {
  readonly id: number;
  /** Why it cannot come next, or need not: a clause that fits after "because". */
  readonly why: string;
}

export interface Counterexample {
  readonly key?: string;
  readonly shape: ViolationShape;
  /** One sentence that names the shape and the operations, e.g. "stale read: process 4 read 1 although …". */
  readonly sentence: string;
  /** What was seen, a sentence each, in order of time. */
  readonly observed: readonly string[];
  /** Why no order explains it: forced orderings and dead ends, a sentence each. */
  readonly because: readonly string[];
  /** By invocation: what is left when no more can be taken away by steps that never turn a good history bad. */
  readonly operations: readonly Operation[];
  /** The operation whose completion made it impossible: an id of `operations`. */
  readonly culprit: number;
  /** The value before these operations, as the search knew it; absent when any value was allowed. */
  readonly initial?: { readonly value?: Json };
  /** Ids that the longest legal order places, in that order: the first of {@link deadEnds}. */
  readonly longestOrder: readonly number[];
  /** The longest legal orders, at most a few of them, and why nothing can follow each; never empty. */
  readonly deadEnds: readonly DeadEnd[];
  /** Operations of this key before shrinking. */
  readonly operationsBefore: number;
  /** Nanoseconds since the start of the run that the operations span. */
  readonly from: number;
  readonly to: number;
}
