// Time for code that acts: a clock and the power to wait. The simulator puts a virtual one in its place.

import { setTimeout } from 'node:timers/promises';
import { type Clock, monotonicClock, nanosPerMs } from '../clock.ts';

export interface Timer extends Clock {
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export function realTimer(clock: Clock = monotonicClock()): Timer {
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      await setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    },
  };
}

/** Whole milliseconds since `since`, a time of the same clock. */
export function elapsedMs(clock: Clock, since: number): number {
  return Math.round((clock.now() - since) / nanosPerMs);
}

/**
 * What the work gives, or `undefined` when it has not ended after so many milliseconds or so soon after the outer
 * signal: its own signal is aborted then, and `work` goes on unheard. What it throws, this throws.
 */
export async function inTime<T extends object>(
  timer: Timer,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T | undefined> {
  const late = new AbortController();
  const done = new AbortController();
  const signal = outer === undefined ? late.signal : AbortSignal.any([late.signal, outer]);
  const running = work(signal);
  const limit = timer.sleep(
    limitMs,
    outer === undefined ? done.signal : AbortSignal.any([done.signal, outer]),
  );
  const expired = limit.then(async () => {
    if (outer?.aborted === true) await timer.sleep(Math.min(GRACE_MS, limitMs), done.signal);
    return undefined;
  });
  try {
    const outcome = await Promise.race([running, expired]);
    // Only now: what the work makes of its abort must not be taken for what it gives.
    if (outcome === undefined) late.abort();
    return outcome;
  } finally {
    done.abort();
    running.catch(() => {});
  }
}

/** How long work may take to notice that it is not wanted any more. */
const GRACE_MS = 1_000;
