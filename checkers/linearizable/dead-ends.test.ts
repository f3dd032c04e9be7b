// How far an order gets, told of counterexamples small and large.

import { describe, expect, it } from 'vitest';
import { casRegister } from '../models/cas-register.ts';
import { kvAppend } from '../models/kv-append.ts';
import { deadEnds } from './dead-ends.ts';
import { scripted } from './history-script.fixture.ts';

function endsOf(script: string, culprit: number, model = casRegister()) {
  const operations = scripted(script).operations();
  const last = operations.find(({ id }) => id === culprit);
  if (last === undefined) throw new Error('no such operation');
  return deadEnds(model, operations, last, 'initial');
}

describe('dead ends', () => {
  it('names the state before, and of each operation left over why it cannot come next', () => {
    expect(
      endsOf(
        `
        0 invoke write 1
        0 ok write 1
        5 invoke write 9
        5 info write 9
        1 invoke read
        1 ok read 2
        2 invoke read
        2 ok read 1`,
        4,
      )[0],
    ).toEqual({
      order: [0],
      stateBefore: '1',
      remaining: [
        { id: 4, why: 'it read 2 where the value was 1' },
        {
          id: 6,
          why: 'it was invoked only after the read of 2 (operation 4) had completed, which comes first',
        },
        { id: 2, why: 'its outcome is unknown: it may stay out, and does not help' },
      ],
      remainingNotListed: 0,
    });
  });

  it('shows different longest orders of few operations', () => {
    const ends = endsOf(
      `
      0 invoke write 1
      1 invoke write 2
      0 ok write 1
      1 ok write 2
      2 invoke read
      3 invoke read
      2 ok read 1
      3 ok read 2`,
      5,
    );
    expect(ends.map(({ order, stateBefore }) => [order, stateBefore])).toEqual([
      [[0, 1, 5], '2'],
      [[1, 0, 4], '1'],
    ]);
    expect(ends.map(({ remaining }) => remaining)).toEqual([
      [{ id: 4, why: 'it read 1 where the value was 2' }],
      [{ id: 5, why: 'it read 2 where the value was 1' }],
    ]);
  });

  it('of more operations than can be tried in every order: one order up to the culprit, twenty reasons, the rest counted', () => {
    const lines: string[] = [];
    for (let i = 0; i < 12; i++) lines.push(`0 invoke append "${i % 10}"`, `0 ok append "${i % 10}"`);
    lines.push('1 invoke get', '1 ok get "bad"');
    for (let i = 0; i < 30; i++) lines.push('2 invoke get', '2 ok get "012345678901"');
    const [end, ...others] = endsOf(lines.join('\n'), 24, kvAppend());
    expect(others).toEqual([]);
    expect(end?.order).toHaveLength(12);
    expect(end?.stateBefore).toBe('"012345678901"');
    expect(end?.remaining).toHaveLength(20);
    expect(end?.remaining[0]).toEqual({
      id: 24,
      why: 'it read "bad" where the value was "012345678901"',
    });
    expect(end?.remainingNotListed).toBe(11);
  });
});
