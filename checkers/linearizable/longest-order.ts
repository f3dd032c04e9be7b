// The longest legal order of operations that have none for all of them.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { everyInitial, everyOrder } from './brute-force.ts';
import { decide } from './decide.ts';
import type { Start } from './problem.ts';

const EVERY_ORDER = 8;
const CONFIGURATIONS = 20_000;

/** Exactly the longest for a few operations; for more, the longest that a bounded search has reached. */
export function longestOrder<State>(
  model: Model<State>,
  operations: readonly Operation[],
  start: Start,
): readonly Operation[] {
  if (operations.length <= EVERY_ORDER) {
    return everyOrder(model, operations, start === 'any' ? everyInitial(model, operations) : [model.init()])
      .longest;
  }
  const decision = decide(model, operations, {
    budget: { giveUp: () => undefined },
    configurations: CONFIGURATIONS,
    keepLongest: true,
    reductions: [],
    start,
  });
  return decision.validity === 'invalid' ? decision.longest : [];
}
