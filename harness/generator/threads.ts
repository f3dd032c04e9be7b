// Who does it: parts of a plan for parts of the threads.

import { UsageError } from '../errors.ts';
import type { Context, OpGenerator, Thread, Wrapper } from './generator.ts';
import { narrower, withThreads } from './narrow.ts';
import { rewrap } from './next.ts';
import { joined, type Plans, soonest } from './soonest.ts';

/** Only the threads that are wanted; the plan sees and hears of no others. */
export function onThreads(wanted: (thread: Thread) => boolean): Wrapper {
  return (plan) => narrowed(plan, wanted, narrower(wanted));
}

export const onClients: Wrapper = onThreads((thread) => thread !== 'nemesis');

export const onNemesis: Wrapper = onThreads((thread) => thread === 'nemesis');

function narrowed(
  plan: OpGenerator,
  wanted: (thread: Thread) => boolean,
  narrow: (context: Context) => Context,
): OpGenerator {
  const whole: OpGenerator = {
    next: (context) => rewrap(plan.next(narrow(context)), (rest) => narrowed(rest, wanted, narrow)),
    update: (context, event) =>
      wanted(context.threadOf(event.process))
        ? narrowed(plan.update(narrow(context), event), wanted, narrow)
        : whole,
  };
  return whole;
}

/** A copy of the plan for each thread, which sees that thread alone. Exhausted when all copies are. */
export function eachThread(plan: OpGenerator): OpGenerator {
  return copies((context) => context.threads.map(() => plan));
}

function copies(plansFor: (context: Context) => Plans): OpGenerator {
  const whole: OpGenerator = {
    next(context) {
      const joint = soonest(context, [...plansFor(context)], freeFirst(context), (plan, index) =>
        plan.next(alone(context, context.threads[index] as Thread)),
      );
      return joined(joint, (after) => copies(() => after));
    },
    update(context, event) {
      const thread = context.threadOf(event.process);
      const index = context.threads.indexOf(thread);
      const plans = plansFor(context);
      const plan = plans[index]?.update(alone(context, thread), event);
      return plan === undefined ? whole : copies(() => plans.with(index, plan));
    },
  };
  return whole;
}

function alone(context: Context, thread: Thread): Context {
  const threads = [thread];
  return withThreads(context, threads, context.free.includes(thread) ? threads : []);
}

/** Places in `context.threads`: free threads in their order, then the busy ones, whose copies may be exhausted. */
function* freeFirst(context: Context): Iterable<number> {
  for (const thread of context.free) yield context.threads.indexOf(thread);
  for (const [index, thread] of context.threads.entries()) if (!context.free.includes(thread)) yield index;
}

/**
 * So many threads for each plan, in order, and all the others for the last: `reserve([[5, reads], [3, writes]], cas)`.
 * A thread never changes sides. Throws UsageError when there are too few threads.
 */
export function reserve(
  reserved: readonly (readonly [count: number, plan: OpGenerator])[],
  others: OpGenerator,
): OpGenerator {
  const counts = reserved.map(([count]) => count);
  return pools([...reserved.map(([, plan]) => plan), others], divider(counts));
}

/** The threads of each pool; divided once, since the threads of a plan never change. */
function divider(counts: readonly number[]): (context: Context) => readonly (readonly Thread[])[] {
  let seen: readonly Thread[] | undefined;
  let divided: readonly (readonly Thread[])[] = [];
  return ({ threads }) => {
    if (seen !== threads) {
      divided = divide(threads, counts);
      seen = threads;
    }
    return divided;
  };
}

function divide(threads: readonly Thread[], counts: readonly number[]): readonly (readonly Thread[])[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (threads.length < total) {
    throw new UsageError(
      `reserve: ${total} threads are reserved (${counts.join(' + ')}), but only ${threads.length} exist`,
    );
  }
  let taken = 0;
  const reserved = counts.map((count) => {
    taken += count;
    return threads.slice(taken - count, taken);
  });
  return [...reserved, threads.slice(total)];
}

function pools(plans: Plans, poolsIn: (context: Context) => readonly (readonly Thread[])[]): OpGenerator {
  const whole: OpGenerator = {
    next(context) {
      const threads = poolsIn(context);
      const joint = soonest(context, [...plans], plans.keys(), (plan, index) =>
        plan.next(poolContext(context, threads[index])),
      );
      return joined(joint, (after) => pools(after, poolsIn));
    },
    update(context, event) {
      const threads = poolsIn(context);
      const thread = context.threadOf(event.process);
      const index = threads.findIndex((pool) => pool.includes(thread));
      const plan = plans[index]?.update(poolContext(context, threads[index]), event);
      return plan === undefined ? whole : pools(plans.with(index, plan), poolsIn);
    },
  };
  return whole;
}

function poolContext(context: Context, threads: readonly Thread[] = []): Context {
  const free = context.free.filter((thread) => threads.includes(thread));
  return withThreads(context, threads, free);
}
