// The search over a register's events against every order there is, and against the general search, from seeds that a
// failure names.

import { describe, expect, it } from 'vitest';
import { budget } from '../../checker.ts';
import type { Operation } from '../../op.ts';
import { everyInitial, everyOrder } from '../brute-force.ts';
import { decide } from '../decide.ts';
import { partOf } from '../part.ts';
import { faultInOrder } from '../verify-order.ts';
import { prefix } from '../weaken.ts';
import { isImpossible } from '../witness.ts';
import { busyMoves } from './busy-moves.fixture.ts';
import { type RegisterSearchOptions, searchRegister } from './register-search.ts';
import { failure, firstSeed, type SmallHistory, smallHistory } from './small-histories.fixture.ts';
import { type Timeline, timelineOf } from './timeline.ts';

const exact: RegisterSearchOptions = { budget: budget({}), configurations: Infinity, crashed: 'exact' };
const timeout = 900_000;

type Truth = (history: SmallHistory, operations: readonly Operation[]) => boolean;

const bruteForce: Truth = ({ model }, operations) => everyOrder(model, operations).linearizable;
const generalSearch: Truth = ({ model }, operations) =>
  decide(model, operations, { budget: budget({}) }).validity === 'valid';

function timelineFor({ model, operations }: SmallHistory): Timeline {
  const moves = partOf(model, operations).moves();
  if (moves === undefined) throw new Error('a register has moves');
  return timelineOf(moves);
}

/** Verdict, order, earliest event and longest order of the exact search, each compared with the truth. */
function complaint(history: SmallHistory, truth: Truth): { what?: string; isValid: boolean } {
  const { model, operations } = history;
  const isValid = truth(history, operations);
  const timeline = timelineFor(history);
  const outcome = searchRegister(timeline, exact);
  if (outcome.found === 'order') {
    if (!isValid) return { isValid, what: 'an order where there is none' };
    const fault = faultInOrder(partOf(model, operations), outcome.order);
    return fault === undefined ? { isValid } : { isValid, what: fault };
  }
  if (outcome.found !== 'none') return { isValid, what: outcome.found };
  if (isValid) return { isValid, what: 'no order where there is one' };
  const row = (timeline.moves.events[outcome.event] as number) >> 1;
  const end = operations[row]?.completedAt as number;
  const before = prefix(model, operations, end - 1);
  if (truth(history, prefix(model, operations, end)))
    return { isValid, what: 'good up to the event it names' };
  if (!truth(history, before)) return { isValid, what: 'bad before the event it names' };
  const rows = new Map(before.map(({ id }, index) => [id, index]));
  const longest = Array.from(outcome.longest, (index) => rows.get(operations[index]?.id as number) ?? -1);
  const fault = faultInOrder(partOf(model, before), longest);
  return fault === undefined ? { isValid } : { isValid, what: `longest order: ${fault}` };
}

function agreement(histories: number, most: number, truth: Truth): { valid: number; invalid: number } {
  const seen = { valid: 0, invalid: 0 };
  for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
    const history = smallHistory(seed, most);
    const { what, isValid } = complaint(history, truth);
    if (what !== undefined) throw failure(seed, what, history.operations);
    seen[isValid ? 'valid' : 'invalid']++;
  }
  return seen;
}

describe('the search over events', () => {
  it('agrees with every order there is on 100,000 small histories, in both directions, with evidence', {
    timeout,
  }, () => {
    const seen = agreement(100_000, 8, bruteForce);
    expect(seen.valid).toBeGreaterThan(40_000);
    expect(seen.invalid).toBeGreaterThan(25_000);
  });

  it('agrees with the general search on 10,000 longer ones', { timeout }, () => {
    const seen = agreement(10_000, 30, generalSearch);
    expect(seen.valid).toBeGreaterThan(3_000);
    expect(seen.invalid).toBeGreaterThan(3_000);
  });

  it('is right in one direction with a beam, forced or unlimited crashed operations', { timeout }, () => {
    const found = new Map<string, number>();
    for (let seed = firstSeed; seed < firstSeed + 20_000; seed++) {
      const history = smallHistory(seed);
      const { operations, model } = history;
      const isValid = bruteForce(history, operations);
      const timeline = timelineFor(history);
      for (const crashed of ['exact', 'forced', 'unlimited'] as const) {
        for (const beam of crashed === 'unlimited' ? [undefined] : [undefined, 1, 3]) {
          const outcome = searchRegister(timeline, {
            ...exact,
            crashed,
            ...(beam === undefined ? {} : { beam }),
          });
          const way = `${crashed} with beam ${beam}: ${outcome.found} where ${isValid ? 'one' : 'none'} is`;
          found.set(way, (found.get(way) ?? 0) + 1);
          const isFalse = isValid ? outcome.found === 'none' : outcome.found === 'order';
          if (isFalse) throw failure(seed, way, operations);
          if (outcome.found !== 'order') continue;
          const fault = faultInOrder(partOf(model, operations), outcome.order);
          if (fault !== undefined) throw failure(seed, `${way}: ${fault}`, operations);
        }
      }
    }
    // Each of the ways is worth something.
    expect(found.get('forced with beam 3: order where one is')).toBeGreaterThan(10_000);
    expect(found.get('unlimited with beam undefined: none where none is')).toBeGreaterThan(5_000);
    expect(found.get('exact with beam 1: lost where none is')).toBeGreaterThan(100);
    expect(found.get('unlimited with beam undefined: unlimited order where none is')).toBeGreaterThan(1);
  });

  it('agrees with every order there is when any state may be first', { timeout }, () => {
    const seen = { valid: 0, invalid: 0 };
    for (let seed = firstSeed; seed < firstSeed + 20_000; seed++) {
      const history = smallHistory(seed);
      const { model, operations } = history;
      if (operations.some((operation) => isImpossible(model, operation))) continue;
      const isValid = everyOrder(model, operations, everyInitial(model, operations)).linearizable;
      const outcome = searchRegister(timelineFor(history), { ...exact, anyStart: true });
      if ((outcome.found === 'order') !== isValid) throw failure(seed, outcome.found, operations);
      seen[isValid ? 'valid' : 'invalid']++;
    }
    expect(seen.invalid).toBeGreaterThan(2_000);
  });
});

const fiveValues = { operations: 20_000, values: 5, writes: 0.25, cas: 0.25 };

describe('long histories of busy clients', () => {
  it.each([
    { ...fiveValues, clients: 10 },
    { ...fiveValues, clients: 10, aimed: 0.7 },
    { ...fiveValues, clients: 20, writes: 0.5, cas: 0 },
    { ...fiveValues, clients: 100, operations: 3_000, writes: 0.3, cas: 0.1 },
    { ...fiveValues, clients: 50, writes: 0, cas: 0.5, aimed: 0.7, operations: 5_000 },
  ])('have an order, kept few: %o', { timeout }, (shape) => {
    const moves = busyMoves(firstSeed, shape);
    const timeline = timelineOf(moves);
    const most = shape.operations * (shape.clients > 40 ? 2_000 : 20);
    const outcome = searchRegister(timeline, { ...exact, configurations: most });
    expect(outcome.found, `seed ${firstSeed}`).toBe('order');
    if (outcome.found === 'order') expect(faultInMoves(timeline, outcome.order)).toBeUndefined();
  });

  it('have none when one read of a thousand sees something else', { timeout }, () => {
    let invalid = 0;
    for (let seed = firstSeed; seed < firstSeed + 20; seed++) {
      const moves = busyMoves(seed, { ...fiveValues, operations: 5_000, clients: 5, stale: 5 });
      const outcome = searchRegister(timelineOf(moves), exact);
      if (outcome.found === 'none') invalid++;
    }
    expect(invalid).toBeGreaterThan(15);
  });
});

/** What is wrong with an order of rows. */
function faultInMoves({ moves, start, end }: Timeline, order: Int32Array): string | undefined {
  let state = 0;
  let latest = -1;
  const placed = new Set(order);
  if (placed.size !== order.length) return 'somebody is placed twice';
  if (placed.size !== start.length) return 'somebody is not placed';
  for (const row of order) {
    if ((end[row] as number) < latest) return `row ${row} comes too late`;
    latest = Math.max(latest, start[row] as number);
    if (moves.needs[row] !== -1 && moves.needs[row] !== state) return `row ${row} needs another state`;
    if (moves.leaves[row] !== -1) state = moves.leaves[row] as number;
  }
  return undefined;
}
