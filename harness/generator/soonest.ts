// The choice between plans that run side by side: who can go soonest goes.

import type { Context, Next, OpGenerator, Planned } from './generator.ts';
import { earlier, exhausted, pending } from './next.ts';

/** Plans side by side; undefined where one is exhausted. */
export type Plans = readonly (OpGenerator | undefined)[];

/** What several plans answer together. */
export type Joint =
  | {
      readonly kind: 'op';
      readonly op: Planned;
      /** Whose op it is. */
      readonly index: number;
      /** The plans after the op. */
      readonly plans: Plans;
      /** The plans if it is not carried out; undefined: as they were. */
      readonly kept: Plans | undefined;
    }
  | { readonly kind: 'pending'; readonly until: number | undefined; readonly plans: Plans }
  | { readonly kind: 'exhausted' };

interface Best {
  readonly op: Planned;
  readonly rest: OpGenerator;
  readonly index: number;
  readonly time: number;
  readonly rank: number;
}

/**
 * Asks the plans in the given order and takes the op that can go first. A tie goes to the thread that comes first in
 * `context.free`, which makes plans with threads of their own share by number of threads; on the same thread it goes
 * to the plan that was asked first. `plans` is changed in place, by `ask` as well if it likes: hand over a copy. Plans
 * that `order` leaves out wait for an event.
 */
export function soonest(
  context: Context,
  plans: (OpGenerator | undefined)[],
  order: Iterable<number>,
  ask: (plan: OpGenerator, index: number) => Next,
): Joint {
  let best: Best | undefined;
  let until: number | undefined = Infinity;
  let changed = false;
  for (const index of order) {
    const plan = plans[index];
    if (plan === undefined) continue;
    const next = ask(plan, index);
    if (next.kind === 'exhausted') {
      plans[index] = undefined;
    } else if (next.kind === 'pending') {
      plans[index] = next.rest;
      until = earlier(until, next.until);
    } else {
      if (next.kept !== undefined) plans[index] = next.kept;
      const time = Math.max(next.op.time, context.time);
      const rank = context.free.indexOf(next.op.thread);
      if (best === undefined || time < best.time || (time === best.time && rank < best.rank)) {
        best = { op: next.op, rest: next.rest, index, time, rank };
      }
    }
    changed ||= plans[index] !== plan;
    if (best?.rank === 0 && best.time === context.time) break;
  }
  // One that waits may still have something before an op that is planned for later.
  const awaited = earlier(until, best?.time ?? Infinity);
  if (best !== undefined && (best.time === context.time || awaited === best.time)) {
    const { op, index, rest } = best;
    return { kind: 'op', op, index, plans: plans.with(index, rest), kept: changed ? plans : undefined };
  }
  return plans.some((plan) => plan !== undefined)
    ? { kind: 'pending', until: awaited, plans }
    : { kind: 'exhausted' };
}

/** What the plans answer together as the answer of the one plan that holds them; `gone` is whose op was carried out. */
export function joined(joint: Joint, hold: (plans: Plans, gone: number | undefined) => OpGenerator): Next {
  if (joint.kind === 'exhausted') return exhausted;
  if (joint.kind === 'pending') return pending(hold(joint.plans, undefined), joint.until);
  const { op, plans, kept, index } = joint;
  const rest = hold(plans, index);
  return kept === undefined
    ? { kind: 'op', op, rest }
    : { kind: 'op', op, rest, kept: hold(kept, undefined) };
}
