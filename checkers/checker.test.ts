import { describe, expect, it } from 'vitest';
import { budget, type Checker, compose, join, type Validity, worst } from './checker.ts';
import { History } from './history.ts';

const empty = History.of([]);
const says = (validity: Validity, summary: string = validity): Checker => ({
  name: summary,
  check: async () => ({ validity, summary }),
});

describe('worst', () => {
  it('pitfall 56: invalid outranks unknown, which outranks valid; of nothing it is unknown', () => {
    expect(worst([])).toBe('unknown');
    expect(worst(['valid'])).toBe('valid');
    expect(worst(['valid', 'unknown', 'valid'])).toBe('unknown');
    expect(worst(['unknown', 'invalid', 'valid'])).toBe('invalid');
  });
});

describe('compose', () => {
  it('joins the sentences of the parts that decided', async () => {
    const checker = compose({
      a: says('valid', 'fine'),
      b: says('invalid', 'broken'),
      c: says('unknown', 'tired'),
    });
    const result = await checker.check(empty, budget({}));
    expect(result).toMatchObject({ validity: 'invalid', summary: 'broken' });
    expect(Object.keys(result.parts ?? {})).toEqual(['a', 'b', 'c']);
  });

  it("pitfall 59: a checker that throws is unknown, says so, and does not hide another one's finding", async () => {
    const broken: Checker = {
      name: 'broken',
      check: async () => {
        throw new Error('no such column');
      },
    };
    const alone = await compose({ broken }).check(empty, budget({}));
    expect(alone.validity).toBe('unknown');
    expect(alone.summary).toContain('no such column');
    const both = await compose({ broken, other: says('invalid') }).check(empty, budget({}));
    expect(both.validity).toBe('invalid');
  });

  it('of no checkers is unknown, since nothing was checked', async () => {
    expect(await compose({}).check(empty, budget({}))).toMatchObject({ validity: 'unknown' });
    expect(join({}).summary).toBe('nothing was checked');
  });
});

describe('budget', () => {
  it('gives up for memory, for time and for an interruption, and says which', () => {
    expect(budget({ memoryBytes: 100 }).giveUp(100)).toBeUndefined();
    expect(budget({ memoryBytes: 100 }).giveUp(101)).toBe('memory');
    expect(budget({ timeMs: -1 }).giveUp(0)).toBe('time');
    expect(budget({ timeMs: 60_000 }).giveUp(1e12)).toBeUndefined();
    expect(budget({ timeMs: -1, memoryBytes: 0, interrupted: () => true }).giveUp(1)).toBe('interrupted');
  });
});
