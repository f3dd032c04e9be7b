import { expect, test } from 'vitest';
import { monotonicClock, nanosPerMs, nanosPerSecond } from './clock.ts';

test('a clock begins at zero and never goes back', () => {
  const clock = monotonicClock();
  let last = clock.now();
  expect(last).toBeGreaterThanOrEqual(0);
  expect(last).toBeLessThan(nanosPerSecond);
  for (let i = 0; i < 10_000; i++) {
    const now = clock.now();
    expect(now >= last && Number.isSafeInteger(now)).toBe(true);
    last = now;
  }
});

test('a clock measures nanoseconds of real time', () => {
  const clock = monotonicClock();
  const from = performance.now();
  const begun = clock.now();
  while (performance.now() - from < 20);
  const measured = (clock.now() - begun) / nanosPerMs;
  expect(measured).toBeGreaterThanOrEqual(19.9);
  expect(Math.abs(performance.now() - from - measured)).toBeLessThan(5);
});
