// When calls go out. Rates are those of the whole plan, not of each thread.

import { nanosPerMs } from '../clock.ts';
import type { Stream } from '../random.ts';
import type { OpGenerator, Wrapper } from './generator.ts';
import { earlier, exhausted, pending, rewrap } from './next.ts';

/**
 * How far behind its schedule a plan may catch up, in nanoseconds. Late timers and pauses of the harness are made up
 * for, so that the mean rate holds; what a slow system held up is not, or a burst would follow every outage.
 */
const CATCH_UP = 100 * nanosPerMs;

/** Random gaps between calls, uniform from 0 to twice the mean. The first call goes at once. */
export function stagger(meanIntervalMs: number, stream: Stream): Wrapper {
  const span = Math.round(2 * meanIntervalMs * nanosPerMs);
  return (plan) => paced(plan, undefined, 0, (n) => stream.integer(n, span + 1));
}

/** Equal gaps between calls. The first call goes at once. */
export function delay(intervalMs: number): Wrapper {
  return (plan) => paced(plan, undefined, 0, () => intervalMs * nanosPerMs);
}

/** Call `n` not before `due`; the gap that follows it is `gap(n)`. */
function paced(
  plan: OpGenerator,
  due: number | undefined,
  n: number,
  gap: (n: number) => number,
): OpGenerator {
  return {
    next(context) {
      const next = plan.next(context);
      const waiting = (same: OpGenerator) => paced(same, due, n, gap);
      if (next.kind !== 'op') return rewrap(next, waiting);
      const soonest = Math.max(next.op.time, context.time);
      const time = Math.max(soonest, due ?? soonest);
      // From the time that was due, not from the time at which the harness came to it.
      const anchor = Math.max(due ?? time, time - CATCH_UP);
      return rewrap({ ...next, op: { ...next.op, time } }, waiting, (rest) =>
        paced(rest, anchor + gap(n), n + 1, gap),
      );
    },
    update: (context, event) => paced(plan.update(context, event), due, n, gap),
  };
}

/** Does nothing for so long, counted from when it is first asked: to be put between other plans. */
export function sleep(durationMs: number): OpGenerator {
  return sleepUntil((now) => now + durationMs * nanosPerMs);
}

function sleepUntil(wake: (now: number) => number): OpGenerator {
  const plan: OpGenerator = {
    next(context) {
      const time = wake(context.time);
      return context.time >= time
        ? exhausted
        : pending(
            sleepUntil(() => time),
            time,
          );
    },
    update: () => plan,
  };
  return plan;
}

/** Ends so long after its first call, whether the plan is exhausted or not. */
export function timeLimit(durationMs: number): Wrapper {
  return (plan) => timeLimited(plan, durationMs * nanosPerMs, Infinity);
}

function timeLimited(plan: OpGenerator, duration: number, deadline: number): OpGenerator {
  return {
    next(context) {
      if (context.time >= deadline) return exhausted;
      const next = plan.next(context);
      const waiting = (same: OpGenerator) => timeLimited(same, duration, deadline);
      if (next.kind === 'exhausted') return exhausted;
      if (next.kind === 'pending') return pending(waiting(next.rest), earlier(next.until, deadline));
      const time = Math.max(next.op.time, context.time);
      // An event may still bring an earlier call, so it is too soon to be exhausted.
      if (time >= deadline) return pending(waiting(next.kept ?? plan), deadline);
      return rewrap(next, waiting, (rest) =>
        timeLimited(rest, duration, Math.min(deadline, time + duration)),
      );
    },
    update: (context, event) => timeLimited(plan.update(context, event), duration, deadline),
  };
}
