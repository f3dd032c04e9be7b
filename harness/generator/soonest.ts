// The choice between plans that run side by side: who can go soonest goes.

import type { Context, Next, OpGenerator, Planned } from './generator.ts';
import { earlier, exhausted, pending } from './next.ts';

/** What several plans answer together. In `plans` an exhausted one is undefined, and the one that goes is its rest. */
export type Joint =
  | {
      readonly kind: 'op';
      readonly op: Planned;
      readonly index: number;
      readonly plans: readonly (OpGenerator | undefined)[];
    }
  | {
      readonly kind: 'pending';
      readonly until: number | undefined;
      readonly plans: readonly (OpGenerator | undefined)[];
    }
  | { readonly kind: 'exhausted' };

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
  let best: { op: Planned; rest: OpGenerator; index: number; time: number; rank: number } | undefined;
  let until: number | undefined = Infinity;
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
      const time = Math.max(next.op.time, context.time);
      const rank = context.free.indexOf(next.op.thread);
      if (best === undefined || time < best.time || (time === best.time && rank < best.rank)) {
        best = { op: next.op, rest: next.rest, index, time, rank };
        if (rank === 0 && time === context.time) break;
      }
    }
  }
  if (best !== undefined) {
    plans[best.index] = best.rest;
    return { kind: 'op', op: best.op, index: best.index, plans };
  }
  return plans.some((plan) => plan !== undefined) ? { kind: 'pending', until, plans } : { kind: 'exhausted' };
}

/** What the plans answer together as the answer of the one plan that holds them; `index` is the one that goes. */
export function joined(
  joint: Joint,
  hold: (plans: readonly (OpGenerator | undefined)[], index: number | undefined) => OpGenerator,
): Next {
  if (joint.kind === 'op') return { kind: 'op', op: joint.op, rest: hold(joint.plans, joint.index) };
  return joint.kind === 'pending' ? pending(hold(joint.plans, undefined), joint.until) : exhausted;
}
