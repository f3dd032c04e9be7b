import { describe, expect, it } from 'vitest';
import type { CheckResult } from './checker.ts';
import type { History } from './history.ts';
import { done, fail, fault, info, invoke, ok, scripted } from './scripted-history.fixture.ts';
import { stats } from './stats.ts';

function check(history: History): Promise<CheckResult> {
  return stats().check(history, { giveUp: () => undefined });
}

describe('stats', () => {
  it('counts how operations ended, by f and in all, an open one as info', async () => {
    const result = await check(
      scripted(
        ...done(0, 'read', 1),
        invoke(0, 'read'),
        fail(0, 'read'),
        invoke(1, 'write', 1),
        info(1, 'write'),
        invoke(2, 'write', 2),
        ...fault('kill', 'failed'),
      ),
    );
    expect(result.validity).toBe('valid');
    expect(result.summary).toBe('4 operations: 1 ok, 1 fail, 2 info');
    expect(result.details).toMatchObject({
      count: 4,
      ok: 1,
      fail: 1,
      info: 2,
      byF: { read: { count: 2, ok: 1, fail: 1, info: 0 }, write: { count: 2, ok: 0, fail: 0, info: 2 } },
    });
  });

  it('tables the errors by code, the most frequent first, with the index where each came first', async () => {
    const history = scripted(
      invoke(0, 'read'),
      fail(0, 'read', 'no-leader'),
      invoke(0, 'read'),
      fail(0, 'read', 'refused'),
      invoke(0, 'write', 1),
      info(0, 'write', 'refused'),
    );
    expect((await check(history)).details).toMatchObject({
      errors: [
        { code: 'refused', count: 2, first: 3 },
        { code: 'no-leader', count: 1, first: 1 },
      ],
    });
  });

  it('gives the latencies of what succeeded, in milliseconds, by nearest rank', async () => {
    const operations = Array.from({ length: 100 }, (_, n) => [
      { ...invoke(0, 'read'), time: n * 1e9 },
      { ...ok(0, 'read'), time: n * 1e9 + (n + 1) * 1e6 },
    ]).flat();
    const slowFailure = [invoke(0, 'read'), { ...fail(0, 'read'), time: 1e12 }];
    expect((await check(scripted(...operations, ...slowFailure))).details).toMatchObject({
      byF: { read: { latencyMs: { p50: 50, p95: 95, p99: 99, max: 100 } } },
    });
  });

  it('a function of any name has its place in the table', async () => {
    const { details } = await check(scripted(...done(0, '__proto__'), ...done(0, 'constructor')));
    const byF = (details as { byF: object }).byF;
    expect(Object.keys(byF)).toEqual(['__proto__', 'constructor']);
  });

  it('pitfall 57: no ops, only nemesis ops, or none that succeeded: unknown', async () => {
    const histories = [
      scripted(),
      scripted(...fault('kill', 'applied')),
      scripted(
        invoke(0, 'read'),
        fail(0, 'read'),
        invoke(1, 'write', 1),
        info(1, 'write'),
        invoke(2, 'read'),
      ),
    ];
    for (const history of histories) {
      const result = await check(history);
      expect(result.validity).toBe('unknown');
      expect(result.summary).toMatch(/^no operation succeeded/);
    }
  });
});
