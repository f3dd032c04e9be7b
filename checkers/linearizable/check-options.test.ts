import { describe, expect, it } from 'vitest';
import { type Budget, budget } from '../checker.ts';
import { casRegister } from '../models/cas-register.ts';
import { register } from '../models/register.ts';
import { check } from './check.ts';
import { historyOf, scripted } from './history-script.fixture.ts';
import { algorithmNames } from './judge-part.ts';
import { randomHistory } from './random-history.fixture.ts';

const unlimited = budget({});
const repeated = scripted(
  '0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1\n0 invoke read\n0 ok read 1',
);
const hard = historyOf(randomHistory(5, { operations: 400, processes: 30, writes: 0.7, values: 5 }), 'k');

describe('the algorithm that is asked for', () => {
  it('is the only one that judges', async () => {
    for (const algorithm of ['event-layers', 'wing-gong-lowe']) {
      const result = await check(repeated, register(), unlimited, { algorithm });
      expect(result).toMatchObject({ validity: 'valid', details: { algorithm } });
    }
  });

  it('leaves undecided what it does not apply to, and says so', async () => {
    const result = await check(repeated, register(), unlimited, { algorithm: 'unique-writes' });
    expect(result).toMatchObject({
      validity: 'unknown',
      summary: 'undecided: unique-writes does not apply',
      details: { perKey: [{ validity: 'unknown', cause: 'unique-writes does not apply' }] },
    });
  });

  it('is refused when there is none of that name', async () => {
    expect(algorithmNames()).toContain('wing-gong-lowe');
    await expect(check(repeated, register(), unlimited, { algorithm: 'magic' })).rejects.toThrow(
      `no algorithm is called magic; allowed: ${algorithmNames().join(', ')}`,
    );
  });
});

describe('orders', () => {
  it('are told by key, as ids of operations in the history', async () => {
    const history = scripted(`
      0 invoke a: write 1
      1 invoke b: write 7
      0 ok a: write 1
      2 invoke a: write 2
      1 ok b: write 7
      3 invoke a: read
      3 ok a: read 1
      2 ok a: write 2`);
    const told = new Map<string, number[]>();
    await check(history, casRegister(), unlimited, {
      orders: (key, order) => told.set(key ?? '', [...order]),
    });
    expect(Object.fromEntries(told)).toEqual({ a: [0, 5, 3], b: [1] });
  });

  it('are not told of a key that has none', async () => {
    const bad = scripted('0 invoke read\n0 ok read 2');
    const told: unknown[] = [];
    await check(bad, register(), unlimited, { orders: (key) => told.push(key) });
    expect(told).toEqual([]);
  });
});

describe('the sentence of a budget that ran out', () => {
  it('names what was allowed', async () => {
    const noTime = await check(hard, casRegister(), budget({ timeMs: -1 }));
    expect(noTime.summary).toMatch(/^undecided: key k ran out of time \(-?0\.001 s allowed\)$/u);
    const noMemory = await check(hard, casRegister(), budget({ memoryBytes: 2 ** 10 }));
    expect(noMemory.summary).toBe('undecided: key k ran out of memory (0.001 MB allowed)');
    const { perKey } = noMemory.details as { perKey: { cause: string; bytes: number }[] };
    expect(perKey[0]).toMatchObject({ cause: 'memory' });
    expect(perKey[0]?.bytes).toBeGreaterThan(2 ** 10);
  });

  it('is memory too where something got larger than JavaScript can hold', async () => {
    const greedy: Budget = {
      giveUp: (bytes) => {
        if (bytes > 0) throw new RangeError('Array buffer allocation failed');
        return undefined;
      },
    };
    const result = await check(hard, casRegister(), greedy);
    expect(result).toMatchObject({
      validity: 'unknown',
      summary: 'undecided: key k: ran into a limit of memory (Array buffer allocation failed)',
    });
  });
});
