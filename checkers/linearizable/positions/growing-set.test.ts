// Sets that only grow against every order there is, and against the general search, from seeds that a failure names.

import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { set } from '../../models/set.ts';
import { modelLayers } from '../layers/event-layers.ts';
import { partOf } from '../part.ts';
import { growingSet } from './growing-set.ts';
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
  let added = 0;
  return {
    initial,
    call: (random) => (random(2) === 0 ? { f: 'read' } : { f: 'add', value: ++added }),
    perform: (state, { f, value }, random) => {
      if (f === 'read') return [state, { value: random(2) === 0 ? state : state.toReversed() }];
      return [[...state, value as Json], random(2) === 0 ? { value: true } : {}];
    },
    wrong: (random, { f }, right, other) => {
      if (f === 'add') return right;
      const told = Array.isArray(right.value) ? (right.value as readonly Json[]) : [];
      const any = 1 + random(added + 1);
      if (random(3) === 0) return { value: told.filter((element) => element !== any) };
      if (random(2) === 0) return { value: [...told, any] };
      return Array.isArray(other.value) ? other : {};
    },
  };
}

describe('sets that only grow', () => {
  it('agree with every order there is on random small histories, with proofs', { timeout }, () => {
    const seen = agreement(growingSet, histories, (seed) => {
      const initial = seed % 5 === 0 ? [100, 'a'] : [];
      return { model: set(initial), operations: simulate(seed, object(initial), smallShape(seed)) };
    });
    expect(seen.invalid).toBeGreaterThan(histories * 0.2);
    expect(seen.valid).toBeGreaterThan(histories * 0.2);
    expect(seen.crashed).toBeGreaterThan(histories * 0.2);
    expect(seen.proved).toBe(seen.invalid);
    expect(seen.unclear + seen.other).toBe(0);
  });

  it('agree with the search for any model on longer ones', { timeout }, () => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = firstSeed; seed < firstSeed + 60; seed++) {
      const shape = { operations: 50, processes: 5, crashed: 0.05, wrong: seed % 2 === 0 ? 0 : 0.05 };
      const part = partOf(set(), simulate(seed, object([]), shape));
      const other = modelLayers.decide(part, { budget: unlimited, configurations: 100_000 });
      seen[other.validity]++;
      if (other.validity === 'unknown') continue;
      expect(growingSet.decide(part, { budget: unlimited }).validity, `seed ${seed}`).toBe(other.validity);
    }
    expect(seen.valid).toBeGreaterThan(15);
    expect(seen.invalid).toBeGreaterThan(10);
  });
});
