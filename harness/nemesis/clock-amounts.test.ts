import { describe, expect, it } from 'vitest';
import { Stream } from '../random.ts';
import { drawBump, drawRate, drawStrobe, parseClockCall } from './clock-amounts.ts';

const draws = <T>(draw: (random: ReturnType<Stream['source']>) => T): T[] => {
  const random = Stream.of(3).source();
  return Array.from({ length: 500 }, () => draw(random));
};

describe('amounts for clocks', () => {
  it('bumps are ±11 ms to ±288 s, each power of ten about as often', () => {
    const bumps = draws(drawBump);
    const sizes = bumps.map(Math.abs);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(288_000);
    for (const [from, to] of [
      [11, 100],
      [100, 1_000],
      [1_000, 10_000],
      [10_000, 100_000],
    ] as const) {
      expect(sizes.filter((ms) => ms >= from && ms < to).length).toBeGreaterThan(70);
    }
    expect(bumps.filter((ms) => ms < 0).length).toBeGreaterThan(200);
    expect(bumps.filter((ms) => ms > 0).length).toBeGreaterThan(200);
  });

  it('rates are between half and twice, none of them close to right', () => {
    for (const rate of draws(drawRate)) {
      expect(rate).toBeGreaterThanOrEqual(0.5);
      expect(rate).toBeLessThanOrEqual(2);
      expect(Math.abs(rate - 1)).toBeGreaterThan(0.12);
    }
  });

  it.each([400, 3_000, 10_000, 100_000])('strobes fit an interval of %d ms', (intervalMs) => {
    for (const { deltaMs, periodMs, durationMs } of draws((random) => drawStrobe(random, intervalMs))) {
      expect(deltaMs).toBeGreaterThanOrEqual(4);
      expect(deltaMs).toBeLessThanOrEqual(262_144);
      expect(periodMs).toBeGreaterThanOrEqual(1);
      expect(periodMs).toBeLessThanOrEqual(Math.min(1_000, durationMs / 4 + 1));
      expect(durationMs).toBeLessThanOrEqual(Math.min(32_000, intervalMs));
    }
  });

  it('a call says whom, and may say how much', () => {
    expect(parseClockCall('all')).toEqual({ targets: 'all' });
    expect(parseClockCall(['n1'])).toEqual({ targets: ['n1'] });
    expect(parseClockCall({ targets: 'one', rate: 2 })).toEqual({ targets: 'one', rate: 2 });
    for (const bad of [undefined, null, 'some', { targets: 'all', rate: 0 }, { targets: 'all', times: 2 }]) {
      expect(parseClockCall(bad)).toBeUndefined();
    }
  });
});
