// One thing after another: how many, how often, what comes next.

import type { Context, Next, OpGenerator, Wrapper } from './generator.ts';
import { exhausted, pending, rewrap } from './next.ts';
import { none } from './sources.ts';

/** One plan after the other. Does not wait: the last calls of one may still be open when the next begins. */
export function concat(...plans: readonly OpGenerator[]): OpGenerator {
  const [first, ...others] = plans;
  if (first === undefined) return none;
  return {
    next(context) {
      let current = first;
      for (let i = 0; ; i++) {
        const next = current.next(context);
        if (next.kind !== 'exhausted') return rewrap(next, (rest) => concat(rest, ...others.slice(i)));
        const following = others[i];
        if (following === undefined) return exhausted;
        current = following;
      }
    },
    update: (context, event) => concat(first.update(context, event), ...others),
  };
}

/** Begins when every thread it may use is idle. */
export function synchronize(plan: OpGenerator): OpGenerator {
  const waiting: OpGenerator = {
    next: (context) => (isIdle(context) ? plan.next(context) : pending(waiting, Infinity)),
    update: (context, event) => synchronize(plan.update(context, event)),
  };
  return waiting;
}

function isIdle(context: Context): boolean {
  return context.free.length === context.threads.length;
}

/** One plan after the other, each beginning when every thread is idle. The last one's calls are not waited for. */
export function phases(...plans: readonly OpGenerator[]): OpGenerator {
  return concat(...plans.map(synchronize));
}

/** At most so many calls. */
export function limit(count: number): Wrapper {
  return (plan) => (count <= 0 ? none : limited(plan, count));
}

function limited(plan: OpGenerator, left: number): OpGenerator {
  return {
    next(context) {
      return rewrap(
        plan.next(context),
        (same) => limited(same, left),
        (rest) => (left === 1 ? none : limited(rest, left - 1)),
      );
    },
    update: (context, event) => limited(plan.update(context, event), left),
  };
}

/** One call. */
export const once: Wrapper = limit(1);

/** From the beginning again when it is exhausted, for ever or so many times in all. */
export function cycle(times = Infinity): Wrapper {
  return (plan) => (times <= 0 ? none : cycled(plan, plan, times));
}

function cycled(original: OpGenerator, current: OpGenerator, times: number): OpGenerator {
  return {
    next(context) {
      const next = current.next(context);
      if (next.kind !== 'exhausted') return rewrap(next, (rest) => cycled(original, rest, times));
      if (times <= 1) return exhausted;
      // A plan that is exhausted at its very beginning ends the cycle, which would spin otherwise.
      return rewrap(original.next(context), (rest) => cycled(original, rest, times - 1));
    },
    update: (context, event) => cycled(original, current.update(context, event), times),
  };
}

/**
 * A call of the first, a call of the second, … and again: strictly in turn, so that pairs never drift apart. Exhausted
 * as soon as the one whose turn it is has nothing more to do.
 */
export function flipFlop(...plans: readonly OpGenerator[]): OpGenerator {
  return plans.length === 0 ? none : alternating(plans, 0);
}

function alternating(plans: readonly OpGenerator[], turn: number): OpGenerator {
  return {
    next(context): Next {
      return rewrap(
        plans[turn]?.next(context) ?? exhausted,
        (same) => alternating(plans.with(turn, same), turn),
        (rest) => alternating(plans.with(turn, rest), (turn + 1) % plans.length),
      );
    },
    update: (context, event) =>
      alternating(
        plans.map((plan) => plan.update(context, event)),
        turn,
      ),
  };
}
