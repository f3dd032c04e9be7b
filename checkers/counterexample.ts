// What a failed check hands over: a minimal sub-history that no order explains, and the reasons in words.

import type { Json } from './json.ts';
import type { Operation } from './op.ts';

/** The classic shapes, each with a template of words. `other` is the honest rest. */
export type ViolationShape =
  | 'stale-read'
  | 'lost-write'
  | 'never-written'
  | 'failed-took-effect'
  | 'reads-backwards'
  | 'double-cas'
  | 'other';

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
  /** Ids that the longest legal order places, in that order, and why nothing can follow it. */
  readonly longestOrder: readonly number[];
  /** Operations of this key before shrinking. */
  readonly operationsBefore: number;
  /** Nanoseconds since the start of the run that the operations span. */
  readonly from: number;
  readonly to: number;
}
