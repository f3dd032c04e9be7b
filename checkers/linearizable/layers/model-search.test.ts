// The search for any model against every order there is, from seeds that a failure names.

import { describe, expect, it } from 'vitest';
import { budget } from '../../checker.ts';
import { illegal, legal, type Model } from '../../model.ts';
import { casRegister } from '../../models/cas-register.ts';
import type { Call, Operation, Result } from '../../op.ts';
import { everyOrder } from '../brute-force.ts';
import { partOf } from '../part.ts';
import { randomHistory, randomNumbers } from '../random-history.fixture.ts';
import { faultInOrder } from '../verify-order.ts';
import { prefix } from '../weaken.ts';
import { type ModelSearchOptions, searchModel } from './model-search.ts';
import { modelTimelineOf } from './model-timeline.ts';
import { failure, firstSeed, withoutMoves } from './small-histories.fixture.ts';

const exact: ModelSearchOptions = { budget: budget({}), configurations: Infinity };
const timeout = 600_000;

/** A queue of numbers: its states are lists, of which there are many. */
const queue: Model<readonly number[]> = {
  name: 'queue',
  keyed: false,
  init: () => [],
  key: (state) => state.join(),
  describe: (state) => `[${state.join()}]`,
  isObserver: (call) => call.f === 'size',
  step(state, { f, value }, result) {
    if (f === 'put') return legal([...state, value as number]);
    if (f === 'size')
      return result && result.value !== state.length ? illegal(() => 'it is not so long') : legal(state);
    if (result !== undefined && result.value !== (state[0] ?? null)) return illegal(() => 'another is first');
    return legal(state.slice(1));
  },
};

/** Reads, writes and cas of a register as calls of a queue, most of them with answers that cannot be. */
function asQueue(operations: readonly Operation[]): Operation[] {
  let length = 0;
  return operations.map((operation, i): Operation => {
    const call: Call =
      operation.call.f === 'write'
        ? { f: 'put', value: i % 3 }
        : { f: operation.call.f === 'cas' ? 'size' : 'take' };
    if (operation.result === undefined) return { ...operation, call };
    const seen = typeof operation.result.value === 'number' ? operation.result.value : 0;
    const result: Result =
      call.f === 'put'
        ? {}
        : call.f === 'size'
          ? { value: length }
          : { value: length === 0 ? null : seen % 3 };
    length = Math.max(0, length + (call.f === 'put' ? 1 : call.f === 'take' ? -1 : 0));
    return { ...operation, call, result };
  });
}

/** A register whose refused cas says no more than that the value was another: no move between states. */
const strictCas: Model<number> = {
  name: 'strict cas',
  keyed: true,
  init: () => 0,
  key: (state) => state,
  describe: String,
  isObserver: ({ f }, result) => f === 'read' || result?.mismatch === true,
  step(state, { f, value }, result) {
    if (f === 'write') return legal(value as number);
    if (f === 'read') return !result || result.value === state ? legal(state) : illegal(() => 'it is not');
    const [from, to] = value as unknown as [number, number];
    if (result?.mismatch === true) return state === from ? illegal(() => 'it was') : legal(state);
    if (state === from) return legal(to);
    return result === undefined ? legal(state) : illegal(() => 'it was not');
  },
};

/** What refused cas found is taken away, and what is absent is 0. */
function untold(operations: readonly Operation[]): Operation[] {
  return operations.map((operation): Operation => {
    const { call, result } = operation;
    if (result?.mismatch === true) return { ...operation, result: { mismatch: true } };
    return call.f === 'read' && result !== undefined && result.value === undefined
      ? { ...operation, result: { value: 0 } }
      : operation;
  });
}

function agreement<State>(
  histories: number,
  draw: (seed: number) => { model: Model<State>; operations: Operation[] },
): { valid: number; invalid: number } {
  const seen = { valid: 0, invalid: 0 };
  for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
    const { model, operations } = draw(seed);
    const isValid = everyOrder(model, operations).linearizable;
    const timeline = modelTimelineOf(model, operations);
    for (const beam of [undefined, 1]) {
      const outcome = searchModel(model, timeline, { ...exact, ...(beam === undefined ? {} : { beam }) });
      if (outcome.found === 'order') {
        const fault = isValid ? faultInOrder(partOf(model, operations), outcome.order) : 'there is none';
        if (fault !== undefined) throw failure(seed, fault, operations);
      } else if (outcome.found === 'none') {
        if (isValid) throw failure(seed, 'no order where there is one', operations);
        const row = (timeline.events[outcome.event] as number) >> 1;
        const position = operations[row]?.completedAt as number;
        // A register's open operation does the same with and without its outcome, so there it is the earliest.
        if (
          model.name === 'cas-register' &&
          everyOrder(model, prefix(model, operations, position)).linearizable
        )
          throw failure(seed, 'good up to the event it names', operations);
        const before = prefix(model, operations, position - 1);
        const rows = new Map(before.map(({ id }, index) => [id, index]));
        const longest = Array.from(outcome.longest, (row) => rows.get(operations[row]?.id as number) ?? -1);
        const fault = faultInOrder(partOf(model, before), longest);
        if (fault !== undefined) throw failure(seed, `longest order: ${fault}`, operations);
      } else if (beam === undefined) throw failure(seed, outcome.found, operations);
    }
    seen[isValid ? 'valid' : 'invalid']++;
  }
  return seen;
}

function shapeFrom(seed: number): Parameters<typeof randomHistory>[1] {
  const random = randomNumbers(seed ^ 0x1234567);
  return {
    operations: 2 + Math.floor(random() * 7),
    processes: 2 + Math.floor(random() * 6),
    values: 1 + Math.floor(random() * 4),
    writes: 0.1 + random() * 0.5,
    cas: random() * 0.5,
    crashed: random() < 0.4 ? 0 : random() * 0.4,
    wrong: random() < 0.25 ? 0 : random() * 0.6,
  };
}

describe('the search for any model', () => {
  it('agrees with every order there is on 30,000 histories of a register that does not tell its moves', {
    timeout,
  }, () => {
    const seen = agreement(30_000, (seed) => {
      const model = withoutMoves(casRegister(seed % 3 === 0 ? 1 : undefined));
      return { model, operations: randomHistory(seed, shapeFrom(seed)) };
    });
    expect(seen.valid).toBeGreaterThan(10_000);
    expect(seen.invalid).toBeGreaterThan(8_000);
  });

  it('and on 10,000 of a queue', { timeout }, () => {
    const seen = agreement(10_000, (seed) => ({
      model: queue,
      operations: asQueue(randomHistory(seed, { ...shapeFrom(seed), wrong: 0 })),
    }));
    expect(seen.valid).toBeGreaterThan(1_000);
    expect(seen.invalid).toBeGreaterThan(1_000);
  });

  it('places more than 32 operations that are open at once', () => {
    const operations = Array.from({ length: 70 }, (_, i): Operation => {
      const call = { f: 'write', value: i % 2 };
      return { id: i, process: i, call, result: {}, invokedAt: i, completedAt: 200 + i };
    });
    const model = withoutMoves(casRegister(0));
    const found = (all: readonly Operation[]): string =>
      searchModel(model, modelTimelineOf(model, all), { ...exact, configurations: 100_000 }).found;
    expect(found(operations)).toBe('order');
    const read = (value: number): Operation => ({
      id: 300,
      process: 300,
      call: { f: 'read' },
      result: { value },
      invokedAt: 300,
      completedAt: 301,
    });
    expect(found([...operations, read(2)])).toBe('none');
    expect(found([...operations, read(1)])).toBe('order');
  });

  it('judges refused cas that do not tell what they found, and crashed writes beside them', {
    timeout,
  }, () => {
    const seen = agreement(30_000, (seed) => ({
      model: strictCas,
      operations: untold(randomHistory(seed, { ...shapeFrom(seed), crashed: (seed % 4) * 0.15 })),
    }));
    expect(seen.valid).toBeGreaterThan(5_000);
    expect(seen.invalid).toBeGreaterThan(5_000);
    // A crashed write that nobody observed may be all that explains a refusal (it may not be left out).
    const [read, write, cas] = [0, 1, 2].map((id) => ({ id, process: id, invokedAt: id * 2 }));
    const operations = [
      { ...read, call: { f: 'read' }, result: { value: 0 }, completedAt: 1 },
      { ...write, call: { f: 'write', value: 1 }, completedAt: Infinity },
      { ...cas, call: { f: 'cas', value: [0, 1] }, result: { mismatch: true }, completedAt: 5 },
    ] as Operation[];
    const found = (all: Operation[]): string =>
      searchModel(strictCas, modelTimelineOf(strictCas, all), exact).found;
    expect(found(operations)).toBe('order');
    expect(found(operations.filter(({ id }) => id !== 1))).toBe('none');
  });

  it('is right in one direction with forced or unlimited crashed operations', { timeout }, () => {
    const ways = new Map<string, number>();
    for (let seed = firstSeed; seed < firstSeed + 10_000; seed++) {
      const operations = untold(randomHistory(seed, { ...shapeFrom(seed), crashed: 0.3 }));
      const isValid = everyOrder(strictCas, operations).linearizable;
      const timeline = modelTimelineOf(strictCas, operations);
      for (const crashed of ['forced', 'unlimited'] as const) {
        const outcome = searchModel(strictCas, timeline, { ...exact, crashed });
        const way = `${crashed}: ${outcome.found} where ${isValid ? 'one' : 'none'} is`;
        ways.set(way, (ways.get(way) ?? 0) + 1);
        if (outcome.found === (isValid ? 'none' : 'order')) throw failure(seed, way, operations);
        if (outcome.found !== 'order') continue;
        const fault = faultInOrder(partOf(strictCas, operations), outcome.order);
        if (fault !== undefined) throw failure(seed, `${way}: ${fault}`, operations);
      }
    }
    expect(ways.get('forced: order where one is')).toBeGreaterThan(1_000);
    expect(ways.get('unlimited: none where none is')).toBeGreaterThan(1_000);
  });
});
