// Plans that make calls. Each call goes to the first free thread, so to a random one (see Context).

import type { Call } from '../../checkers/op.ts';
import type { Context, Next, OpGenerator } from './generator.ts';
import { exhausted, pending, planned } from './next.ts';

/** Nothing to do. */
export const none: OpGenerator = { next: () => exhausted, update: () => none };

/**
 * The calls that `make` gives for 0, 1, 2 … until it gives undefined. It must be pure: asked for the same number and
 * context, it gives the same call. The call goes to `context.free[0]`.
 */
export function fromFunction(make: (n: number, context: Context) => Call | undefined): OpGenerator {
  return fromNth(make, 0);
}

function fromNth(make: (n: number, context: Context) => Call | undefined, n: number): OpGenerator {
  const plan: OpGenerator = {
    next(context): Next {
      const call = make(n, context);
      if (call === undefined) return exhausted;
      const thread = context.free[0];
      if (thread === undefined) return pending(plan, Infinity);
      return planned(context.time, thread, call, fromNth(make, n + 1));
    },
    update: () => plan,
  };
  return plan;
}

/** The same call again and again, for ever or so many times. */
export function repeat(call: Call, times = Infinity): OpGenerator {
  return fromFunction((n) => (n < times ? call : undefined));
}

/** Each call once, in order. */
export function sequence(calls: Iterable<Call>): OpGenerator {
  const list = [...calls];
  return fromFunction((n) => list[n]);
}
