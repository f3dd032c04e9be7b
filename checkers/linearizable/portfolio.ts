// The algorithms that decide a part, the cheapest first, and the one place where one of them is chosen and its order is
// verified.

import type { Budget } from '../checker.ts';
import type { Decision } from './decision.ts';
import { modelLayers, registerLayers } from './layers/event-layers.ts';
import type { Part } from './part.ts';
import { appendOnlyList } from './positions/append-only-list.ts';
import { growingSet } from './positions/growing-set.ts';
import { toldVersions } from './positions/told-versions.ts';
import { unitCounter } from './positions/unit-counter.ts';
import { uniqueQueue } from './queue/unique-queue.ts';
import { uniqueWrites } from './unique-writes/unique-writes.ts';
import { faultInOrder } from './verify-order.ts';
import { wingGongLowe } from './wing-gong-lowe.ts';

export interface Limits {
  readonly budget: Budget;
  /** Give up with `limit` after this many configurations. */
  readonly configurations?: number;
}

export interface Algorithm {
  /** In results. */
  readonly name: string;
  /** Whether its preconditions hold: it then comes to a decision that is right in both directions, or gives up. */
  applies<State>(part: Part<State>): boolean;
  decide<State>(part: Part<State>, limits: Limits): Decision;
}

export const portfolio: readonly Algorithm[] = [
  uniqueWrites,
  uniqueQueue,
  registerLayers,
  appendOnlyList,
  unitCounter,
  toldVersions,
  growingSet,
  modelLayers,
  wingGongLowe,
];

export interface Judgement {
  readonly decision: Decision;
  /** The algorithm that came to it, or the last that gave up. */
  readonly algorithm: string;
  /** Configurations searched by all that tried. */
  readonly configurations: number;
}

/**
 * The decision of the first algorithm that applies and does not give up for its own limit. A valid one has been verified;
 * an order that does not hold is a bug of ours and throws.
 */
export function judge<State>(
  part: Part<State>,
  limits: Limits,
  algorithms: readonly Algorithm[] = portfolio,
): Judgement {
  let judgement: Judgement | undefined;
  for (const algorithm of algorithms) {
    if (!algorithm.applies(part)) continue;
    const decision = algorithm.decide(part, limits);
    const configurations = (judgement?.configurations ?? 0) + decision.configurations;
    judgement = { decision, algorithm: algorithm.name, configurations };
    if (decision.validity === 'unknown' && decision.cause === 'limit') continue;
    break;
  }
  if (judgement === undefined) throw new Error('no algorithm applies');
  if (judgement.decision.validity === 'valid') {
    const { order } = judgement.decision;
    const fault = part.fault === undefined ? faultInOrder(part, order) : part.fault(order);
    if (fault !== undefined) throw new Error(`${judgement.algorithm} gave a wrong order: ${fault}`);
  }
  return judgement;
}
