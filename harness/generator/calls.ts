// Plans with other calls than those the plan inside makes.

import type { Call } from '../../checkers/op.ts';
import type { Next, OpGenerator, Wrapper } from './generator.ts';
import { rewrap } from './next.ts';

/** Each call changed. */
export function map(change: (call: Call) => Call): Wrapper {
  return (plan) => mapped(plan, change);
}

function mapped(plan: OpGenerator, change: (call: Call) => Call): OpGenerator {
  return {
    next(context) {
      const next = plan.next(context);
      const changed: Next =
        next.kind === 'op' ? { ...next, op: { ...next.op, call: change(next.op.call) } } : next;
      return rewrap(changed, (rest) => mapped(rest, change));
    },
    update: (context, event) => mapped(plan.update(context, event), change),
  };
}

const PATIENCE = 100_000;

/** Only the calls that are wanted. A plan without any would be asked for ever: that is an error. */
export function filter(wanted: (call: Call) => boolean): Wrapper {
  return (plan) => filtered(plan, wanted);
}

function filtered(plan: OpGenerator, wanted: (call: Call) => boolean): OpGenerator {
  return {
    next(context) {
      let current = plan;
      for (let i = 0; i < PATIENCE; i++) {
        const next = current.next(context);
        if (next.kind !== 'op' || wanted(next.op.call)) return rewrap(next, (rest) => filtered(rest, wanted));
        current = next.rest;
      }
      throw new Error(`filter: none of ${PATIENCE} calls in a row was wanted`);
    },
    update: (context, event) => filtered(plan.update(context, event), wanted),
  };
}
