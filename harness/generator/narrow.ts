// A context as a part of the plan sees it: fewer threads.

import type { Context, Thread } from './generator.ts';

/** The context with these threads only. */
export function withThreads(context: Context, threads: readonly Thread[], free: readonly Thread[]): Context {
  return { time: context.time, threads, free, processOf: context.processOf, threadOf: context.threadOf };
}

/**
 * Narrows contexts to the threads that are wanted. Threads stay the same for a whole run, so their list is made once,
 * and parts further in may recognise it.
 */
export function narrower(wanted: (thread: Thread) => boolean): (context: Context) => Context {
  let seen: readonly Thread[] | undefined;
  let kept: readonly Thread[] = [];
  return (context) => {
    if (seen !== context.threads) {
      seen = context.threads;
      kept = context.threads.filter(wanted);
    }
    return withThreads(context, kept, context.free.filter(wanted));
  };
}
