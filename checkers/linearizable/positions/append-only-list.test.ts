// Append-only lists against every order there is, and against the general search, from seeds that a failure names.

import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { list } from '../../models/list.ts';
import { modelLayers } from '../layers/event-layers.ts';
import { partOf } from '../part.ts';
import { appendOnlyList } from './append-only-list.ts';
import {
  agreement,
  firstSeed,
  histories,
  type Simulated,
  simulate,
  smallShape,
  unlimited,
} from './simulated-object.fixture.ts';

const timeout = 600_000;

function object(initial: readonly Json[]): Simulated<readonly Json[]> {
  let appended = 0;
  return {
    initial,
    call: (random) => (random(2) === 0 ? { f: 'read' } : { f: 'append', value: ++appended }),
    perform: (state, { f, value }) =>
      f === 'read' ? [state, { value: state }] : [[...state, value as Json], {}],
    wrong: (random, { f }, right, other) => {
      if (f === 'append') return right;
      const told = Array.isArray(right.value) ? (right.value as readonly Json[]) : [];
      switch (random(5)) {
        case 0:
          return { value: told.toReversed() };
        case 1:
          return { value: told.slice(0, random(told.length + 1)) };
        case 2:
          return { value: [...told, 1 + random(appended + 1)] };
        case 3:
          return told.length === 0 ? {} : other;
        default:
          return other;
      }
    },
  };
}

describe('append-only lists', () => {
  it('agree with every order there is on random small histories, with proofs', { timeout }, () => {
    const seen = agreement(appendOnlyList, histories, (seed) => {
      const initial = seed % 5 === 0 ? [100, 'a'] : [];
      return { model: list(initial), operations: simulate(seed, object(initial), smallShape(seed)) };
    });
    expect(seen.invalid).toBeGreaterThan(histories * 0.2);
    expect(seen.valid).toBeGreaterThan(histories * 0.2);
    expect(seen.crashed).toBeGreaterThan(histories * 0.2);
    expect(seen.proved).toBe(seen.invalid);
    expect(seen.unclear + seen.other).toBe(0);
  });

  it('agree with the search for any model on longer ones', { timeout }, () => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = firstSeed; seed < firstSeed + 100; seed++) {
      const shape = { operations: 60, processes: 5, crashed: 0.05, wrong: seed % 2 === 0 ? 0 : 0.03 };
      const part = partOf(list(), simulate(seed, object([]), shape));
      const other = modelLayers.decide(part, { budget: unlimited, configurations: 200_000 });
      seen[other.validity]++;
      if (other.validity === 'unknown') continue;
      expect(appendOnlyList.decide(part, { budget: unlimited }).validity, `seed ${seed}`).toBe(
        other.validity,
      );
    }
    expect(seen.valid).toBeGreaterThan(25);
    expect(seen.invalid).toBeGreaterThan(15);
  });

  it('leave a list to others in which a value is appended twice', () => {
    const operations = simulate(1, object([]), { operations: 9, processes: 2, crashed: 0, wrong: 0 });
    const twice = operations.map((one) =>
      one.call.f === 'append' ? { ...one, call: { f: 'append', value: 1 } } : one,
    );
    expect(appendOnlyList.applies(partOf(list(), operations))).toBe(true);
    expect(appendOnlyList.applies(partOf(list(), twice))).toBe(false);
    expect(appendOnlyList.applies(partOf(list([3]), operations))).toBe(false);
    const own = { ...list(), step: list().step.bind(undefined) };
    expect(appendOnlyList.applies(partOf(own, operations))).toBe(false);
  });
});
