// Counters of ones against every order there is, and against the general search, from seeds that a failure names.

import { describe, expect, it } from 'vitest';
import { counter } from '../../models/counter.ts';
import { modelLayers } from '../layers/event-layers.ts';
import { partOf } from '../part.ts';
import {
  agreement,
  firstSeed,
  histories,
  type Simulated,
  simulate,
  smallShape,
  unlimited,
} from './simulated-object.fixture.ts';
import { unitCounter } from './unit-counter.ts';

const timeout = 600_000;

function object(initial: number): Simulated<number> {
  return {
    initial,
    call: (random) => (random(2) === 0 ? { f: 'read' } : { f: 'add', value: 1 }),
    perform: (state, { f }) => (f === 'read' ? [state, { value: state }] : [state + 1, {}]),
    wrong: (random, { f }, right) =>
      f === 'read' ? { value: Number(right.value) + [-1, 1, 1, -2, 2][random(5)]! } : right,
  };
}

describe('counters of ones', () => {
  it('agree with every order there is on random small histories, with proofs', { timeout }, () => {
    const seen = agreement(unitCounter, histories, (seed) => {
      const initial = seed % 5 === 0 ? -1 : 0;
      return { model: counter(initial), operations: simulate(seed, object(initial), smallShape(seed)) };
    });
    expect(seen.invalid).toBeGreaterThan(histories * 0.2);
    expect(seen.valid).toBeGreaterThan(histories * 0.2);
    expect(seen.crashed).toBeGreaterThan(histories * 0.2);
    expect(seen.proved).toBe(seen.invalid);
    expect(seen.unclear + seen.other).toBe(0);
  });

  it('agree with the search for any model on longer ones', { timeout }, () => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = firstSeed; seed < firstSeed + 200; seed++) {
      const shape = { operations: 80, processes: 6, crashed: 0.05, wrong: seed % 2 === 0 ? 0 : 0.1 };
      const part = partOf(counter(), simulate(seed, object(0), shape));
      const other = modelLayers.decide(part, { budget: unlimited, configurations: 100_000 });
      seen[other.validity]++;
      if (other.validity === 'unknown') continue;
      expect(unitCounter.decide(part, { budget: unlimited }).validity, `seed ${seed}`).toBe(other.validity);
    }
    expect(seen.valid).toBeGreaterThan(50);
    expect(seen.invalid).toBeGreaterThan(30);
  });

  it('are left to others where something else is added or an add tells the count', () => {
    const operations = simulate(2, object(0), { operations: 9, processes: 2, crashed: 0, wrong: 0 });
    const add = { id: 100, process: 9, invokedAt: 100, completedAt: 101 };
    const applies = (more: object): boolean =>
      unitCounter.applies(
        partOf(counter(), [...operations, { ...add, ...(more as { call: { f: string } }) }]),
      );
    expect(applies({ call: { f: 'add', value: 1 }, result: {} })).toBe(true);
    expect(applies({ call: { f: 'add', value: 2 }, result: {} })).toBe(false);
    expect(applies({ call: { f: 'add', value: 1 }, result: { value: 7 } })).toBe(false);
  });
});
