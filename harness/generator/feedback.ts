// Plans that go by what happened to their own calls.

import type { Op, Process } from '../../checkers/op.ts';
import type { Context, Next, OpGenerator, Wrapper } from './generator.ts';
import { exhausted, pending, rewrap } from './next.ts';
import { none } from './sources.ts';

/** Until one of its calls is ok. On several threads, calls may be open when that happens; see `eachThread`. */
export const untilOk: Wrapper = (plan) => asking(plan, []);

function asking(plan: OpGenerator, open: readonly Process[]): OpGenerator {
  return {
    next(context) {
      const next = plan.next(context);
      return rewrap(
        next,
        (same) => asking(same, open),
        (rest) => asking(rest, [...open, ...callers(next, context)]),
      );
    },
    update(context, event) {
      if (event.type === 'ok' && open.includes(event.process)) return none;
      return asking(plan.update(context, event), stillOpen(open, event));
    },
  };
}

/** The process that makes the call, if there is a call. */
function callers(next: Next, context: Context): readonly Process[] {
  return next.kind === 'op' ? [context.processOf(next.op.thread)] : [];
}

function stillOpen(open: readonly Process[], event: Op): readonly Process[] {
  return event.type === 'invoke' ? open : open.filter((process) => process !== event.process);
}

/** At most so many of its calls are open at once. */
export function concurrencyLimit(count: number): Wrapper {
  return (plan) => crowded(plan, count, []);
}

function crowded(plan: OpGenerator, count: number, open: readonly Process[]): OpGenerator {
  const whole: OpGenerator = {
    next(context) {
      if (open.length >= count) return pending(whole, Infinity);
      const next = plan.next(context);
      return rewrap(
        next,
        (same) => crowded(same, count, open),
        (rest) => crowded(rest, count, [...open, ...callers(next, context)]),
      );
    },
    update: (context, event) => crowded(plan.update(context, event), count, stillOpen(open, event)),
  };
  return whole;
}

/**
 * Ends when a call would go to a process beyond the first so many. Each `info` retires a process, so this bounds the
 * calls of unknown outcome, on which the cost of checking a key depends.
 */
export function processLimit(count: number): Wrapper {
  return (plan) => processLimited(plan, count, new Set());
}

function processLimited(plan: OpGenerator, count: number, seen: ReadonlySet<Process>): OpGenerator {
  return {
    next(context) {
      const next = plan.next(context);
      const calling = callers(next, context).filter((process) => !seen.has(process));
      const known = calling.length === 0 ? seen : new Set([...seen, ...calling]);
      return known.size > count
        ? exhausted
        : rewrap(
            next,
            (same) => processLimited(same, count, seen),
            (rest) => processLimited(rest, count, known),
          );
    },
    update: (context, event) => processLimited(plan.update(context, event), count, seen),
  };
}

/** After each event, the plan is what `react` makes of the plan that has been told of it. */
export function onUpdate(react: (plan: OpGenerator, context: Context, event: Op) => OpGenerator): Wrapper {
  return (plan) => ({
    next: (context) => rewrap(plan.next(context), onUpdate(react)),
    update: (context, event) => onUpdate(react)(react(plan.update(context, event), context, event)),
  });
}
