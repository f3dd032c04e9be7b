// The judgement of one key, synchronous: reductions, then the search.

import type { Budget, GaveUp } from '../checker.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { problemOf, type Start } from './problem.ts';
import { type Reduction, reduced } from './reductions.ts';
import { search } from './search.ts';
import { faultInOrder } from './verify-order.ts';

export type Decision =
  | { readonly validity: 'valid'; readonly order: readonly Operation[]; readonly configurations: number }
  | {
      readonly validity: 'invalid';
      /** Everything that completed before this position in the history fits in an order; 0: nothing is known. */
      readonly reached: number;
      readonly longest: readonly Operation[];
      readonly configurations: number;
    }
  | {
      readonly validity: 'unknown';
      /** `limit`: the number of configurations allowed, not the budget. */
      readonly cause: GaveUp | 'limit';
      readonly bytes: number;
      readonly configurations: number;
    };

export interface DecideOptions {
  readonly budget: Budget;
  readonly configurations?: number;
  readonly keepLongest?: boolean;
  readonly start?: Start;
  /** For tests; all of them by default. */
  readonly reductions?: readonly Reduction[];
}

/** A valid decision has been verified; an order that does not hold is a bug of ours and throws. */
export function decide<State>(
  model: Model<State>,
  operations: readonly Operation[],
  options: DecideOptions,
): Decision {
  const problem = reduced(problemOf(model, operations, options.start), options.reductions);
  const outcome = search(problem, options);
  if (outcome.found === 'none') return { ...outcome, validity: 'invalid' };
  if (outcome.found === 'nothing yet') return { ...outcome, validity: 'unknown' };
  const fault = options.start === 'any' ? undefined : faultInOrder(model, operations, outcome.order);
  if (fault !== undefined) throw new Error(`the search for a linearization gave a wrong one: ${fault}`);
  return { ...outcome, validity: 'valid' };
}
