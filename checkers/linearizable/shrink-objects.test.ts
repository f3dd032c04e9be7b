// Long histories of objects without moves are shrunk to a few operations.

import { describe, expect, it } from 'vitest';
import { budget } from '../checker.ts';
import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import { queue } from '../models/queue.ts';
import { set } from '../models/set.ts';
import { stack } from '../models/stack.ts';
import type { Call, Operation, Result } from '../op.ts';
import { everyOrder } from './brute-force.ts';
import { partOf } from './part.ts';
import { judge } from './portfolio.ts';
import { randomNumbers } from './random-history.fixture.ts';
import { shrink } from './shrink.ts';

/** Calls one after the other, with unique values; one answer near the end is that of an earlier call. */
function longHistory(
  operations: number,
  calls: readonly [into: string, out: string],
  isLast: boolean,
): Operation[] {
  const random = randomNumbers(operations);
  const inside: Json[] = [];
  const history: Operation[] = [];
  const gone: Json[] = [];
  let wrong = false;
  for (let i = 0; i < operations; i++) {
    const goesIn = inside.length === 0 || (inside.length < 8 && random() < 0.5);
    const value = goesIn ? i : ((isLast ? inside.pop() : inside.shift()) as Json);
    if (goesIn) inside.push(value);
    else gone.push(value);
    const isWrong = !goesIn && i > operations * 0.9 && gone.length > 20 && !wrong;
    if (isWrong) wrong = true;
    const told = isWrong ? (gone.at(-15) as Json) : value;
    const [call, result]: [Call, Result] =
      calls[0] === 'add'
        ? [{ f: goesIn ? 'add' : 'remove', value: told }, { value: true }]
        : goesIn
          ? [{ f: calls[0], value }, {}]
          : [{ f: calls[1] }, { value: told }];
    history.push({ id: i, process: i % 3, call, result, invokedAt: i * 2, completedAt: i * 2 + 1 });
  }
  return history;
}

const objects: readonly (readonly [string, Model<unknown>, readonly [string, string], boolean])[] = [
  ['queue', queue(), ['enqueue', 'dequeue'], false],
  ['stack', stack(), ['push', 'pop'], true],
  ['set', set(), ['add', 'remove'], false],
];

describe('a wrong answer in a long history', () => {
  it.each(objects)(
    'of a %s is shown by a few operations',
    { timeout: 60_000 },
    (name, model, calls, isLast) => {
      const part = partOf(model, longHistory(20_000, calls, isLast));
      const { decision } = judge(part, { budget: budget({}), configurations: 1_000_000 });
      if (decision.validity !== 'invalid') throw new Error(`${name} is ${decision.validity}`);
      const { operations, culprit } = shrink(part, decision, budget({}));
      expect(operations).toContain(culprit);
      expect(operations.length).toBeLessThanOrEqual(4);
      expect(everyOrder(model, operations).linearizable).toBe(false);
    },
  );
});
