// What may be left out together: on random small histories, leaving it out never makes a good one bad.

import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import { fencedLock } from '../models/fenced-lock.ts';
import { list } from '../models/list.ts';
import { mutex } from '../models/mutex.ts';
import { queue } from '../models/queue.ts';
import { set } from '../models/set.ts';
import { stack } from '../models/stack.ts';
import type { Call, Operation, Result } from '../op.ts';
import { everySubset } from './every-subset.ts';
import { randomNumbers } from './random-history.fixture.ts';
import { removableTogether } from './removable-together.ts';
import { removable } from './weaken.ts';

const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 70_000_000);
const trials = process.env['FAULTLINE_LONG'] === '1' ? 1_000_000 : 100_000;

type Pick = (bound: number) => number;

/** A call, and what it tells of this state if that is asked of an object that works. */
type Caller = (
  pick: Pick,
  values: number,
) => { call: Call; told: (state: Json[]) => Result; after: (state: Json[]) => Json[] };

const inOut =
  (into: string, out: string, isLast: boolean): Caller =>
  (pick, values) => {
    const value = pick(values);
    if (pick(2) === 0)
      return { call: { f: into, value }, told: () => ({}), after: (state) => [...state, value] };
    return {
      call: { f: out },
      told: (state) => (state.length === 0 ? {} : { value: state.at(isLast ? -1 : 0) as Json }),
      after: (state) => (isLast ? state.slice(0, -1) : state.slice(1)),
    };
  };

const callers: Record<string, [() => Model<unknown>, Caller]> = {
  queue: [() => queue(), inOut('enqueue', 'dequeue', false)],
  stack: [() => stack(), inOut('push', 'pop', true)],
  list: [
    () => list(),
    (pick, values) => {
      const value = pick(values);
      return pick(2) === 0
        ? { call: { f: 'append', value }, told: () => ({}), after: (state) => [...state, value] }
        : { call: { f: 'read' }, told: (state) => ({ value: state }), after: (state) => state };
    },
  ],
  set: [
    () => set(),
    (pick, values) => {
      const value = pick(values);
      const without = (state: Json[]): Json[] => state.filter((one) => one !== value);
      const isIn = (state: Json[]): boolean => state.includes(value);
      switch (pick(5)) {
        case 0:
        case 1:
          return {
            call: { f: 'add', value },
            told: (state) => ({ value: !isIn(state) }),
            after: (state) => [...without(state), value],
          };
        case 2:
          return { call: { f: 'remove', value }, told: (state) => ({ value: isIn(state) }), after: without };
        case 3:
          return {
            call: { f: 'contains', value },
            told: (state) => ({ value: isIn(state) }),
            after: (state) => state,
          };
        default:
          return { call: { f: 'read' }, told: (state) => ({ value: state }), after: (state) => state };
      }
    },
  ],
};

/** Owners acquire what is free and release what they hold; now and then somebody does what he may not. */
const locker: Caller = (pick, values) => {
  const value = pick(values);
  const f = pick(2) === 0 ? 'acquire' : 'release';
  return { call: { f, value }, told: () => ({}), after: (state) => state };
};
const tokens: Caller = (pick, values) => {
  const plain = locker(pick, values);
  const token = pick(5);
  return { ...plain, told: () => (plain.call.f === 'acquire' && token > 0 ? { value: token } : {}) };
};
callers['mutex'] = [() => mutex(), locker];
callers['fenced-lock'] = [() => fencedLock(), tokens];

/**
 * Up to seven operations with effects in the order of their invocation, at once; then their ends are moved about, so that
 * they overlap, and few are made to crash.
 */
function smallHistory(seed: number, caller: Caller): Operation[] {
  const random = randomNumbers(seed);
  const pick: Pick = (bound) => Math.floor(random() * bound);
  const values = 1 + pick(4);
  const crashed = random() < 0.3 ? 0 : random() * 0.5;
  let state: Json[] = [];
  const operations: Operation[] = [];
  const count = 2 + pick(6);
  const spread = 1 + pick(5);
  for (let i = 0; i < count; i++) {
    const { call, told, after } = caller(pick, values);
    const isCrashed = random() < crashed;
    const result = told(state);
    if (!isCrashed || pick(2) === 0) state = after(state);
    const at = i * 10;
    const invokedAt = at - pick(spread * 5) + i / 100;
    operations.push({
      id: i,
      process: i,
      call,
      invokedAt,
      completedAt: isCrashed ? Infinity : at + pick(spread * 5) + 0.5 + i / 100,
      ...(isCrashed ? {} : { result }),
    });
  }
  return operations.sort((a, b) => a.invokedAt - b.invokedAt);
}

describe('what may be left out together', () => {
  it.each(Object.keys(callers))('never makes a good history of a %s bad', { timeout: 240_000 }, (name) => {
    const [make, caller] = callers[name] as [() => Model<unknown>, Caller];
    let left = 0;
    // A stack and a list keep all sequences that they have seen.
    let model = make();
    for (let trial = 0, seed = firstSeed; trial < trials; seed++) {
      if (seed % 1_000 === 0) model = make();
      const operations = smallHistory(seed, caller);
      const groups = [...removable(model, operations), ...removableTogether(model, operations)];
      trial += Math.max(1, groups.length);
      if (groups.length === 0 || !everySubset(model, operations)) continue;
      for (const group of groups) {
        const fewer = operations.filter(({ id }) => !group.has(id));
        if (!everySubset(model, fewer)) {
          throw new Error(`seed ${seed}: bad without ${[...group].join()}:\n${JSON.stringify(operations)}`);
        }
        left++;
      }
    }
    // Of good histories there are enough for this to mean something.
    expect(left).toBeGreaterThan(trials / 12);
  });

  it('nothing of a model that is not known, nor of a queue that held something at the start', () => {
    const one: Operation = {
      id: 0,
      process: 0,
      call: { f: 'enqueue', value: 1 },
      result: {},
      invokedAt: 0,
      completedAt: 1,
    };
    expect(removableTogether(queue(), [one])).toEqual([new Set([0])]);
    expect(removableTogether(queue([1]), [one])).toEqual([]);
    expect(removableTogether({ ...queue(), name: 'other' }, [one])).toEqual([]);
  });
});
