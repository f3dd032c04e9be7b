import { afterEach, describe, expect, it, vi } from 'vitest';
import { monotonicClock, nanosPerMs } from './clock.ts';

afterEach(() => vi.useRealTimers());

describe('the clock of a run', () => {
  it('pitfall 21: does not follow the wall clock, so that nothing that skews that reaches the controller', () => {
    const clock = monotonicClock();
    const before = clock.now();
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(new Date('1970-01-02'));
    const after = clock.now();
    expect(Date.now()).toBeLessThan(2 * 86_400_000);
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after - before).toBeLessThan(60_000 * nanosPerMs);
  });

  it('begins near zero, counts in nanoseconds, and never goes back', () => {
    const clock = monotonicClock();
    let last = clock.now();
    expect(last).toBeLessThan(1000 * nanosPerMs);
    for (let i = 0; i < 10_000; i++) {
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });
});
