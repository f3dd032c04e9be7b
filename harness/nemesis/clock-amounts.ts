// By how much clocks are made wrong, from a Random. Pure. The ranges are Jepsen's: exponential, so that small and large
// amounts come equally often.

import * as v from 'valibot';
import type { Json } from '../../checkers/json.ts';
import type { Random } from '../random.ts';
import { type TargetSpec, targetWords } from './targets.ts';

/** Said of an amount that a reading, with its round trip, cannot tell from nothing. */
export const TOO_SMALL = 'too small to be told apart';

/** Between two bounds, so that each power of ten is as likely as any other; `point` is in [0, 1). */
export function exponential(least: number, most: number, point: number): number {
  return least * (most / least) ** point;
}

const LEAST_BUMP_MS = 11;
const MOST_BUMP_MS = 288_000;

/** Forwards or back, in whole milliseconds. */
export function drawBump(random: Random): number {
  const sign = random.next() < 0.5 ? -1 : 1;
  return sign * Math.round(exponential(LEAST_BUMP_MS, MOST_BUMP_MS, random.next()));
}

export interface Strobe {
  readonly deltaMs: number;
  readonly periodMs: number;
  readonly durationMs: number;
}

const LEAST_DELTA_MS = 4;
const MOST_DELTA_MS = 262_144;
const MOST_PERIOD_MS = 1_000;
const MOST_DURATION_MS = 32_000;

/** Never longer than the faults' interval, and long enough for both sides of it to be seen. */
export function drawStrobe(random: Random, intervalMs: number): Strobe {
  const most = Math.min(MOST_DURATION_MS, Math.max(1, intervalMs));
  const durationMs = Math.max(1, Math.round(most * (0.25 + 0.75 * random.next())));
  const longest = Math.max(1, Math.min(MOST_PERIOD_MS, durationMs / 4));
  return {
    deltaMs: Math.round(exponential(LEAST_DELTA_MS, MOST_DELTA_MS, random.next())),
    periodMs: Math.max(1, Math.round(exponential(1, longest, random.next()))),
    durationMs,
  };
}

/** Rates closer to 1 than this could not be told from it within a few seconds. */
const LEAST_FACTOR = 1.15;
const MOST_FACTOR = 2;

/** From half as fast as right to twice as fast. */
export function drawRate(random: Random): number {
  const faster = random.next() < 0.5;
  const factor = exponential(LEAST_FACTOR, MOST_FACTOR, random.next());
  return Math.round((faster ? factor : 1 / factor) * 1000) / 1000;
}

/** What a call says: whom it means and, if it fixes that, how much. */
export interface ClockCall {
  readonly targets: TargetSpec;
  readonly byMs?: number;
  readonly rate?: number;
  readonly strobe?: Strobe;
}

const targets = v.union([v.picklist(targetWords), v.array(v.string())]);
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const callSchema = v.strictObject({
  targets,
  byMs: v.optional(v.pipe(v.number(), v.finite())),
  rate: v.optional(positive),
  strobe: v.optional(v.strictObject({ deltaMs: v.number(), periodMs: positive, durationMs: positive })),
});

/** A word, names, or an object that has one of them as `targets`; undefined when it is nothing of these. */
export function parseClockCall(value: Json | undefined): ClockCall | undefined {
  const bare = v.safeParse(targets, value);
  if (bare.success) return { targets: bare.output };
  const whole = v.safeParse(callSchema, value);
  return whole.success ? (whole.output as ClockCall) : undefined;
}
