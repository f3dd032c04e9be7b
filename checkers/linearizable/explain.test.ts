import { describe, expect, it } from 'vitest';
import { budget } from '../checker.ts';
import type { Counterexample } from '../counterexample.ts';
import { casRegister } from '../models/cas-register.ts';
import { check } from './check.ts';
import { scripted } from './history-script.fixture.ts';

async function story(script: string): Promise<Counterexample> {
  const result = await check(scripted(script), casRegister(), budget({}));
  expect(result.validity).toBe('invalid');
  const [first] = result.counterexamples ?? [];
  if (first === undefined) throw new Error('no counterexample');
  expect(result.summary).toBe(`key k3 is not linearizable: ${first.sentence}`);
  return first;
}

describe('the classic shapes in words', () => {
  it('stale read: an old value after a newer write had been acknowledged', async () => {
    const told = await story(`
      0 @n1 invoke k3: write 1
      0 @n1 ok k3: write 1
      1 @n1 invoke k3: write 2
      2 @n3 invoke k3: read
      1 @n1 ok k3: write 2
      2 @n3 ok k3: read 1
      4 @n2 invoke k3: read
      4 @n2 ok k3: read 1
      0 @n1 invoke k3: read
      0 @n1 ok k3: read 2`);
    expect(told).toEqual({
      key: 'k3',
      shape: 'stale-read',
      sentence:
        'stale read: process 4 (at n2) read 1 at 0.007 s, though the write of 2 (operation 2) had been acknowledged at 0.004 s',
      observed: [
        '0.002 s to 0.004 s: process 1 (at n1) wrote 2 (operation 2)',
        '0.006 s to 0.007 s: process 4 (at n2) read 1 (operation 6)',
      ],
      because: [
        'the write of 2 (operation 2) had completed at 0.004 s, before the read of 1 (operation 6) began at 0.006 s, so it comes first',
        'only operation 0 can have left 1 behind, and had taken effect before the write of 2 (operation 2) began at 0.002 s, ' +
          'so after it the value cannot be 1 any more',
      ],
      operations: [expect.objectContaining({ id: 2, completedAt: 4 }), expect.objectContaining({ id: 6 })],
      culprit: 6,
      longestOrder: [2],
      deadEnds: [
        {
          order: [2],
          stateBefore: '2',
          remaining: [{ id: 6, why: 'it read 1 where the value was 2' }],
          remainingNotListed: 0,
        },
      ],
      operationsBefore: 5,
      from: 2e6,
      to: 7e6,
    });
  });

  it('stale read of a value whose write is unknown, but had been seen', async () => {
    const told = await story(`
      0 invoke k3: write 1
      0 info k3: write 1
      1 invoke k3: read
      1 ok k3: read 1
      1 invoke k3: write 2
      1 ok k3: write 2
      2 invoke k3: read
      2 ok k3: read 1`);
    expect(told.shape).toBe('stale-read');
    expect(told.because[1]).toBe(
      'only operation 0 can have left 1 behind, and had taken effect (operation 0 had not completed, but its value ' +
        'had been seen) before the write of 2 (operation 4) began at 0.004 s, so after it the value cannot be 1 any more',
    );
  });

  it('stale read of a value that a cas took away', async () => {
    const told = await story(`
      0 invoke k3: write 1
      1 invoke k3: cas [1,2]
      1 ok k3: cas [1,2]
      2 invoke k3: read
      2 ok k3: read 1
      0 ok k3: write 1`);
    expect(told.shape).toBe('stale-read');
    expect(told.because[1]).toMatch(
      /^1 came up only once, by operation 0, and the cas from 1 to 2 \(operation 1\) took it away/u,
    );
  });

  it('lost write: acknowledged, never seen, and everybody goes on seeing what was before', async () => {
    const told = await story(`
      0 invoke k3: write 1
      0 ok k3: write 1
      1 invoke k3: write 2
      1 ok k3: write 2
      2 invoke k3: read
      2 ok k3: read 1
      3 invoke k3: read
      3 ok k3: read 1`);
    expect(told).toMatchObject({
      shape: 'lost-write',
      sentence:
        'lost write: the write of 2 (operation 2) by process 1 was acknowledged at 0.003 s, but nobody ever saw it, and process 2 read 1 at 0.005 s',
    });
    expect(told.because.at(-1)).toBe('1 was seen again later by operation 6');
  });

  it('lost write: acknowledged, and a cas was carried out on what was before', async () => {
    const told = await story(`
      0 invoke k3: write 1
      0 ok k3: write 1
      1 invoke k3: write 2
      1 ok k3: write 2
      2 invoke k3: cas [1,3]
      2 ok k3: cas [1,3]
      3 invoke k3: read
      3 ok k3: read 3`);
    expect(told).toMatchObject({ shape: 'lost-write' });
    expect(told.sentence).toMatch(
      /^lost write: the write of 2 \(operation 2\) by process 1 was acknowledged at 0.003 s, but .* at 0.005 s$/u,
    );
    expect(told.because.at(-1)).toMatch(/is no read that a copy may have answered/u);
  });

  it('stale read, and no lost write, when somebody had seen what came after the write', async () => {
    const told = await story(`
      0 invoke k3: write 1
      0 ok k3: write 1
      1 invoke k3: write 2
      1 ok k3: write 2
      2 invoke k3: read
      2 ok k3: read 1
      1 invoke k3: write 3
      1 ok k3: write 3
      3 invoke k3: read
      3 ok k3: read 3
      2 invoke k3: read
      2 ok k3: read 1`);
    expect(told.shape).toBe('stale-read');
    expect(told.sentence).toMatch(/^stale read: process 2 read 1 at/u);
  });

  it('value never written, or only later', async () => {
    const told = await story(`
      1 invoke k3: read
      1 ok k3: read 7
      2 invoke k3: write 7
      2 ok k3: write 7`);
    expect(told).toMatchObject({
      shape: 'never-written',
      sentence:
        'value never written: process 1 read 7 at 0.001 s, which nobody had written yet: the write of 7 (operation 2) by process 2 began only at 0.002 s',
      initial: {},
    });
  });

  it('a failed cas whose value was read', async () => {
    const told = await story(`
      0 invoke k3: write 1
      0 ok k3: write 1
      1 invoke k3: cas [1,2]
      1 fail k3: cas [1,2]
      2 invoke k3: read
      2 ok k3: read 2`);
    expect(told.shape).toBe('failed-took-effect');
    expect(told.observed[0]).toBe(
      '0.002 s to 0.003 s: the cas from 1 to 2 (operation 2) by process 1 was reported as certainly failed at 0.003 s (refused)',
    );
  });

  it('two successful cas from one value', async () => {
    const told = await story(`
      0 invoke k3: write 1
      0 ok k3: write 1
      1 invoke k3: cas [1,2]
      2 invoke k3: cas [1,3]
      1 ok k3: cas [1,2]
      2 ok k3: cas [1,3]`);
    expect(told).toMatchObject({
      shape: 'double-cas',
      sentence:
        'two successful cas from one value: the cas from 1 to 2 (operation 2) by process 1 and the cas from 1 to 3 (operation 3) by process 2, ' +
        'acknowledged at 0.004 s and 0.005 s, though 1 came up once only',
    });
    expect(told.operations.map(({ id }) => id)).toEqual([2, 3]);
  });

  it('pitfall 69, 70: what is none of them is told by forced orders and dead ends, a bounded number of them', async () => {
    const told = await story(`
      0 invoke k3: write 1
      1 invoke k3: write 2
      2 invoke k3: write 1
      0 ok k3: write 1
      1 ok k3: write 2
      2 ok k3: write 1
      3 invoke k3: read
      3 ok k3: read 1
      4 invoke k3: read
      4 ok k3: read 2`);
    expect(told.sentence).toMatch(/^(no order of these \d operations explains them|reads going backwards)/u);
    expect(told.because.length).toBeGreaterThan(0);
    expect(told.because.length).toBeLessThan(30);
  });
});
