// The small parts that verdicts rest on: the memo, the verifier of orders, brute force itself.

import { describe, expect, it } from 'vitest';
import { register } from '../models/register.ts';
import { everyOrder } from './brute-force.ts';
import { scripted } from './history-script.fixture.ts';
import { Memo } from './memo.ts';
import { partOf } from './part.ts';
import { faultInOrder } from './verify-order.ts';

describe('the memo', () => {
  it('pitfall 62, 63: keeps whole keys apart, whatever their hashes', () => {
    const memo = new Memo();
    const seen = new Set<string>();
    let mistakes = 0;
    for (let i = 0; i < 40_000; i++) {
      const key = Int32Array.from([i % 7, (i * 31) % 101, -(i % 13), i % 3]);
      const length = 1 + (i % 4);
      const name = key.subarray(0, length).join();
      if (memo.add(key, length) === seen.has(name)) mistakes++;
      seen.add(name);
    }
    expect(mistakes).toBe(0);
    expect(memo.size).toBe(seen.size);
  });

  it('pitfall 74: tells the highest bit of a word from none', () => {
    const memo = new Memo();
    expect(memo.add(Int32Array.of(1 << 31), 1)).toBe(true);
    expect(memo.add(Int32Array.of(0), 1)).toBe(true);
    expect(memo.add(Int32Array.of(1 << 31), 1)).toBe(false);
    expect(memo.add(Int32Array.of(0, 0), 2)).toBe(true);
  });
});

describe('the verifier of orders', () => {
  const operations = scripted(`
    0 invoke write 1
    0 ok write 1
    1 invoke read
    2 invoke write 2
    1 ok read 1
    3 invoke write 3
    2 ok write 2
    3 info write 3`).operations();
  const rows = (ids: number[]) => ids.map((id) => operations.findIndex((one) => one.id === id));
  const fault = (...ids: number[]) => faultInOrder(partOf(register(), operations), rows(ids));

  it('accepts an order, with or without what is unknown', () => {
    expect(fault(0, 2, 3)).toBeUndefined();
    expect(fault(0, 2, 5, 3)).toBeUndefined();
  });

  it.each([
    ['placed twice', [0, 2, 2, 3], 'operation 2 is placed twice'],
    ['left out', [0, 2], 'operation 3 completed but is not in the order'],
    ['illegal', [0, 3, 2], 'operation 2 is not legal at its place: it read 1 where the value was 2'],
    [
      'against real time',
      [2, 0, 3],
      'operation 2 is not legal at its place: it read 1 where the value was absent',
    ],
    [
      'against real time though legal',
      [3, 0, 2],
      'operation 0 is placed after one that was invoked only when it had completed',
    ],
  ])('names an operation that is %s', (_, ids, expected) => {
    expect(fault(...ids)).toBe(expected);
  });

  it('knows no operation that is not there', () => {
    expect(fault(99)).toBe('row -1 is not in the part');
    expect(faultInOrder(partOf(register(), operations), [4])).toBe('row 4 is not in the part');
  });
});

describe('brute force', () => {
  it('finds the one order there is, and the longest where there is none', () => {
    const good = scripted(
      '0 invoke write 1\n1 invoke write 2\n0 ok write 1\n1 ok write 2\n0 invoke read\n0 ok read 1',
    );
    expect(everyOrder(register(), good.operations())).toMatchObject({ linearizable: true });
    const bad = scripted('0 invoke write 1\n0 ok write 1\n0 invoke read\n0 ok read 2');
    const { linearizable, longest } = everyOrder(register(), bad.operations());
    expect(linearizable).toBe(false);
    expect(longest.map(({ id }) => id)).toEqual([0]);
  });
});
