// The search against brute force on random small histories, from a seed that a failure names.

import { describe, expect, it } from 'vitest';
import { budget } from '../checker.ts';
import type { Model } from '../model.ts';
import { casRegister } from '../models/cas-register.ts';
import { register } from '../models/register.ts';
import type { Operation } from '../op.ts';
import { everyInitial, everyOrder } from './brute-force.ts';
import { type DecideOptions, decide } from './decide.ts';
import { explain } from './explain.ts';
import { historyOf } from './history-script.fixture.ts';
import { partOf } from './part.ts';
import { randomHistory, randomNumbers } from './random-history.fixture.ts';
import {
  reductions,
  withNarrowedIntervals,
  withoutCrashedObservers,
  withoutUnneededCrashed,
} from './reductions.ts';
import { shrink } from './shrink.ts';

const unlimited = budget({});
const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 20_000_000);

/** At most eight operations of two to five processes, of every kind that a register can have. */
function smallHistory(seed: number, most = 8): { model: Model<unknown>; operations: Operation[] } {
  const random = randomNumbers(seed ^ 0x5bd1e995);
  const withCas = random() < 0.7;
  const operations = randomHistory(seed, {
    operations: 2 + Math.floor(random() * (most - 1)),
    processes: 2 + Math.floor(random() * 4),
    ...(random() < 0.4 ? {} : { values: 1 + Math.floor(random() * 3) }),
    writes: 0.1 + random() * 0.5,
    cas: withCas ? random() * 0.5 : 0,
    crashed: random() < 0.4 ? 0 : random() * 0.4,
    wrong: random() < 0.25 ? 0 : random() * 0.6,
  });
  const initial = random() < 0.2 ? 1 : undefined;
  const model = withCas ? casRegister(initial) : register(initial);
  return { model, operations };
}

function expectAgreement(
  histories: number,
  judge: (model: Model<unknown>, operations: readonly Operation[]) => string,
  truth = (model: Model<unknown>, operations: readonly Operation[]): boolean =>
    everyOrder(model, operations).linearizable,
): { valid: number; invalid: number } {
  const seen = { valid: 0, invalid: 0 };
  for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
    const { model, operations } = smallHistory(seed);
    const expected = truth(model, operations) ? 'valid' : 'invalid';
    const actual = judge(model, operations);
    if (actual !== expected) {
      throw new Error(
        `seed ${seed}: ${actual}, but every order says ${expected}:\n${JSON.stringify(operations)}`,
      );
    }
    seen[expected]++;
  }
  return seen;
}

const judgeWith =
  (options: Omit<DecideOptions, 'budget'>) =>
  (model: Model<unknown>, operations: readonly Operation[]): string =>
    decide(model, operations, { budget: unlimited, ...options }).validity;

describe('on random small histories', () => {
  it('pitfall 76, G30: the search and brute force agree on 100,000, in both directions', {
    timeout: 120_000,
  }, () => {
    const seen = expectAgreement(100_000, judgeWith({}));
    expect(seen.valid).toBeGreaterThan(30_000);
    expect(seen.invalid).toBeGreaterThan(25_000);
  });

  it.each([
    ['no reduction', []],
    ['crashed observers left out', [withoutCrashedObservers]],
    ['unneeded crashed operations left out', [withoutUnneededCrashed]],
    ['narrowed intervals', [withNarrowedIntervals]],
    ['narrowed intervals first', [...reductions].reverse()],
  ])('pitfall 71: the verdict is the same with %s', (_, some) => {
    expectAgreement(3_000, judgeWith({ reductions: some }));
  });

  it('a model that tells nothing by moves gets the same verdicts', () => {
    expectAgreement(3_000, (model, operations) => {
      const silent = { ...model };
      delete silent.move;
      return judgeWith({})(silent, operations);
    });
  });

  it.each([[reductions], [[]]])('pitfall 64: an unknown initial state is every initial state', (some) => {
    expectAgreement(
      3_000,
      judgeWith({ start: 'any', reductions: some }),
      (model, operations) => everyOrder(model, operations, everyInitial(model, operations)).linearizable,
    );
  });
});

describe('counterexamples of random histories', () => {
  it('are confirmed by brute force, contain the culprit, and are small', () => {
    const sizes: number[] = [];
    for (let seed = firstSeed; seed < firstSeed + 1_000; seed++) {
      const { model, operations } = smallHistory(seed, 30);
      const decision = decide(model, operations, { budget: unlimited });
      if (decision.validity !== 'invalid') continue;
      const shrunk = shrink(partOf(model, operations), decision, unlimited);
      const told = explain({
        history: historyOf(operations),
        model,
        key: undefined,
        all: operations,
        size: operations.length,
        shrunk,
      });
      const where = `seed ${seed}`;
      expect(
        told.operations.map(({ id }) => id),
        where,
      ).toContain(told.culprit);
      for (const operation of told.operations) expect(operations, where).toContain(operation);
      expect(told.sentence, where).not.toMatch(/undefined|NaN|Infinity/u);
      if (told.operations.length <= 9) {
        const initials = shrunk.start === 'any' ? everyInitial(model, told.operations) : [model.init()];
        expect(everyOrder(model, told.operations, initials).linearizable, where).toBe(false);
      }
      sizes.push(told.operations.length);
    }
    sizes.sort((a, b) => a - b);
    expect(sizes.length).toBeGreaterThan(250);
    expect(sizes[Math.floor(sizes.length * 0.9)]).toBeLessThanOrEqual(4);
  });

  it('hardly ever show an observer that is not needed', () => {
    let observers = 0;
    let needless = 0;
    for (let seed = firstSeed; seed < firstSeed + 1_000; seed++) {
      const { model, operations } = smallHistory(seed, 20);
      const decision = decide(model, operations, { budget: unlimited });
      if (decision.validity !== 'invalid') continue;
      const { operations: few, start } = shrink(partOf(model, operations), decision, unlimited);
      for (const one of few.filter(({ call, result }) => model.isObserver(call, result))) {
        const without = few.filter((other) => other !== one);
        observers++;
        // Possible, though the shrinking takes away all it can: outcomes are given back to what it had left open.
        if (decide(model, without, { budget: unlimited, start }).validity === 'invalid') needless++;
      }
    }
    expect(observers).toBeGreaterThan(200);
    expect(needless / observers).toBeLessThan(0.01);
  });
});

describe('longer histories of a simulated register', () => {
  const shapes = [
    { operations: 300, processes: 6, writes: 0.3, cas: 0.2, crashed: 0.05 },
    { operations: 120, processes: 4, writes: 0.3, cas: 0.2, crashed: 0.03, values: 4 },
  ];

  it.each(shapes)('are valid as they are, and mostly not when one answer is changed: %o', (shape) => {
    let caught = 0;
    for (let seed = firstSeed; seed < firstSeed + 60; seed++) {
      const operations = randomHistory(seed, shape);
      const model = casRegister();
      expect(decide(model, operations, { budget: unlimited }).validity, `seed ${seed}`).toBe('valid');
      const random = randomNumbers(seed);
      const reads = operations.filter(({ call, result }) => call.f === 'read' && result !== undefined);
      const changed = reads[Math.floor(random() * reads.length)];
      const other = reads[Math.floor(random() * reads.length)];
      if (changed === undefined || other?.result === undefined) continue;
      const wrong = { ...changed, result: other.result };
      const mutated = operations.map((operation) => (operation === changed ? wrong : operation));
      if (decide(model, mutated, { budget: unlimited }).validity === 'invalid') caught++;
    }
    expect(caught).toBeGreaterThan(25);
  });
});
