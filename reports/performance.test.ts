import { describe, expect, it } from 'vitest';
import { History } from '../checkers/history.ts';
import { performanceWindows, quantiles } from './performance.ts';
import { runFacts } from './run-facts.ts';
import { ms, syntheticOps } from './testdata/synthetic-run.ts';

describe('latency and rate over time', () => {
  it('quantiles are by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantiles(hundred)).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 });
    expect(quantiles([7])).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 });
    expect(quantiles([])).toBeUndefined();
  });

  it('windows have a round length, and an operation counts where it ended', () => {
    const history = History.of([
      { type: 'invoke', process: 0, f: 'read', time: 0 },
      { type: 'ok', process: 0, f: 'read', time: 30 * ms },
      { type: 'invoke', process: 0, f: 'read', time: 31 * ms },
      { type: 'fail', process: 0, f: 'read', time: 95 * ms },
      { type: 'invoke', process: 1, f: 'write', time: 96 * ms },
    ]);
    expect(performanceWindows(history, runFacts(history), 4)).toMatchObject([
      { from: 0, to: 50 * ms, ok: 1, fail: 0, info: 0, latency: { p50: 30 * ms } },
      { from: 50 * ms, to: 100 * ms, ok: 0, fail: 1, info: 0 },
    ]);
  });

  it('every completed operation is in exactly one window', () => {
    const history = History.of(syntheticOps({ operations: 500, seed: 3 }));
    const facts = runFacts(history);
    for (const count of [1, 7, 120]) {
      const windows = performanceWindows(history, facts, count);
      expect(windows.length).toBeLessThanOrEqual(count);
      const sum = windows.reduce((total, { ok, fail, info }) => total + ok + fail + info, 0);
      expect(sum).toBe(facts.operations);
    }
  });
});
