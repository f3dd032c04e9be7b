// Versioned registers against every order there is, and against the general search, from seeds that a failure names.

import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { type VersionedState, versionedRegister } from '../../models/versioned-register.ts';
import { modelLayers } from '../layers/event-layers.ts';
import { partOf } from '../part.ts';
import { randomNumbers } from '../random-history.fixture.ts';
import {
  agreement,
  firstSeed,
  histories,
  type Simulated,
  simulate,
  smallShape,
  unlimited,
} from './simulated-object.fixture.ts';
import { toldVersions } from './told-versions.ts';

const timeout = 600_000;

/** `values`: how many different ones are written, 0 for a new one each time; `told`: in how many of ten writes the version is. */
function object(initial: VersionedState, values: number, told: number): Simulated<VersionedState> {
  let written = 0;
  return {
    initial,
    call: (random, state) => {
      const value = values === 0 ? ++written : 1 + random(values);
      if (random(2) === 0) return { f: 'read' };
      if (random(2) === 0) return { f: 'write', value };
      return { f: 'cas', value: [random(4) === 0 ? random(4) : (state?.[1] ?? 0), value] };
    },
    perform: (state, { f, value }, random) => {
      const seen = state === undefined ? {} : { value: state };
      if (f === 'read') return [state, seen];
      const [from, to] = f === 'cas' ? (value as readonly [Json, Json]) : [undefined, value as Json];
      if (f === 'cas' && (state === undefined || state[1] !== from))
        return [state, { ...seen, mismatch: true }];
      const next = [(state?.[0] ?? 0) + 1, to] as const;
      const silent = f === 'write' && random(2) === 0 ? { value: to } : {};
      return [next, random(10) < told ? { value: next } : silent];
    },
    wrong: (random, call, right, other) => {
      if (call.f !== 'read') {
        const [version, value] = (Array.isArray(right.value) ? right.value : [1, 1]) as [number, Json];
        return random(2) === 0 || right.value === undefined
          ? right
          : { ...right, value: [version + random(3) - 1, value] };
      }
      if (random(4) > 0) return Array.isArray(other.value) ? { value: other.value } : {};
      return { value: [random(4), random(4)] };
    },
  };
}

describe('versioned registers', () => {
  it('agree with every order there is on random small histories, with proofs', { timeout }, () => {
    const seen = agreement(toldVersions, histories, (seed) => {
      const random = randomNumbers(seed ^ 0x3779b9);
      const initial = random() < 0.2 ? ([3, 0] as const) : undefined;
      const [values, told] = [random() < 0.7 ? 0 : 3, random() < 0.5 ? 10 : 6];
      const model = versionedRegister(initial);
      return { model, operations: simulate(seed, object(initial, values, told), smallShape(seed)) };
    });
    expect(seen.invalid).toBeGreaterThan(histories * 0.2);
    expect(seen.valid).toBeGreaterThan(histories * 0.2);
    expect(seen.crashed).toBeGreaterThan(histories * 0.2);
    expect(seen.proved).toBeGreaterThan(seen.invalid * 0.8);
    expect(seen.unclear).toBeLessThan(histories * 0.3);
  });

  it('agree with the search for any model on longer ones', { timeout }, () => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = firstSeed; seed < firstSeed + 200; seed++) {
      const shape = { operations: 80, processes: 6, crashed: 0.05, wrong: seed % 2 === 0 ? 0 : 0.03 };
      const part = partOf(versionedRegister(), simulate(seed, object(undefined, 0, 9), shape));
      const own = toldVersions.decide(part, { budget: unlimited });
      const other = modelLayers.decide(part, { budget: unlimited, configurations: 100_000 });
      if (own.validity === 'unknown' || other.validity === 'unknown') {
        seen.unknown++;
        continue;
      }
      seen[own.validity]++;
      expect(own.validity, `seed ${seed}`).toBe(other.validity);
    }
    expect(seen.valid).toBeGreaterThan(30);
    expect(seen.invalid).toBeGreaterThan(30);
  });
});
