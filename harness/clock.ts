// Time as the harness sees it. One monotonic origin a run; never the wall clock, which may be set back.

/** Nanoseconds since the clock was made, as a plain number: exact for over a hundred days. */
export interface Clock {
  now(): number;
}

export function monotonicClock(): Clock {
  const origin = process.hrtime.bigint();
  return { now: () => Number(process.hrtime.bigint() - origin) };
}

export const nanosPerMs = 1_000_000;
export const nanosPerSecond = 1_000_000_000;
