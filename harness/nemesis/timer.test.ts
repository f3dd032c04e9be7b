import { describe, expect, it } from 'vitest';
import { inTime, realTimer } from './timer.ts';

describe('the real timer', () => {
  it('sleeps as long as told, and ends at once when the signal is aborted, before or during', async () => {
    const timer = realTimer();
    const begun = timer.now();
    await timer.sleep(20);
    expect(timer.now() - begun).toBeGreaterThan(19e6);
    const stop = new AbortController();
    const sleeping = timer.sleep(3_600_000, stop.signal);
    stop.abort();
    await sleeping;
    await timer.sleep(3_600_000, stop.signal);
    expect(timer.now() - begun).toBeLessThan(5e9);
  });
});

describe('work in time', () => {
  it('gives what the work gives, and throws what it throws', async () => {
    const timer = realTimer();
    expect(await inTime(timer, 1_000, async () => ({ done: true }))).toEqual({ done: true });
    const failing = inTime(timer, 1_000, async () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
  });

  it('gives nothing when the limit is over, tells the work, and hears no late complaint', async () => {
    const timer = realTimer();
    let told: AbortSignal | undefined;
    const outcome = await inTime(timer, 10, (signal) => {
      told = signal;
      return new Promise<object>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')));
      });
    });
    expect([outcome, told?.aborted]).toEqual([undefined, true]);
  });

  it('does not abort the signal of work that came to its end', async () => {
    const timer = realTimer();
    const signal = await inTime(timer, 5, async (signal) => signal);
    await timer.sleep(15);
    expect(signal?.aborted).toBe(false);
  });
});
