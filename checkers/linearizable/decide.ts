// The judgement of some operations by the general search alone, synchronous: reductions, then the search.

import type { Budget } from '../checker.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import type { Decision } from './decision.ts';
import { partOf } from './part.ts';
import { problemOf, type Start } from './problem.ts';
import { type Reduction, reduced } from './reductions.ts';
import { search } from './search.ts';
import { faultInOrder } from './verify-order.ts';

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
  const decision = decideUnverified(model, operations, options);
  const fault =
    decision.validity !== 'valid' || options.start === 'any'
      ? undefined
      : faultInOrder(partOf(model, operations), decision.order);
  if (fault !== undefined) throw new Error(`the search for a linearization gave a wrong one: ${fault}`);
  return decision;
}

export function decideUnverified<State>(
  model: Model<State>,
  operations: readonly Operation[],
  options: DecideOptions,
): Decision {
  const problem = reduced(problemOf(model, operations, options.start), options.reductions);
  const outcome = search(problem, options);
  if (outcome.found === 'none') return { ...outcome, validity: 'invalid' };
  if (outcome.found === 'nothing yet') return { ...outcome, validity: 'unknown' };
  const rows = new Map(operations.map(({ id }, row) => [id, row]));
  return { ...outcome, validity: 'valid', order: outcome.order.map(({ id }) => rows.get(id) ?? -1) };
}
