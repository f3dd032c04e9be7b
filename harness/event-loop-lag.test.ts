import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { measureEventLoopLag } from './event-loop-lag.ts';

test('a stall shows in the maximum, in milliseconds', async () => {
  const lag = measureEventLoopLag();
  await setTimeout(50);
  const from = performance.now();
  while (performance.now() - from < 120);
  await setTimeout(50);
  const { p50, p99, max } = lag.stop();
  expect(max).toBeGreaterThan(90);
  expect(max).toBeLessThan(5000);
  expect(p50).toBeLessThanOrEqual(p99);
  expect(p99).toBeLessThanOrEqual(max);
});

test('an idle loop has little lag: what it waits for on purpose is not counted', async () => {
  const lag = measureEventLoopLag();
  await setTimeout(200);
  // Generous, for machines that are busy with other things.
  expect(lag.stop().p50).toBeLessThan(9);
});

test('a measurement that is stopped at once is zero', () => {
  expect(measureEventLoopLag().stop()).toEqual({ p50: 0, p99: 0, max: 0 });
});
