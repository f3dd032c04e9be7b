// Every model: the portfolio against every order there is on random small histories, from a seed that a failure names.

import { describe, expect, it } from 'vitest';
import { budget } from '../checker.ts';
import type { Model } from '../model.ts';
import { models } from '../models/registry.ts';
import type { Operation } from '../op.ts';
import { everyOrder } from './brute-force.ts';
import { everySubset } from './every-subset.ts';
import { failure } from './layers/small-histories.fixture.ts';
import { partOf } from './part.ts';
import { splitObjects } from './parts.ts';
import { judge } from './portfolio.ts';
import { Dice, type ModelHistoryShape, randomModelHistory } from './random-model-history.fixture.ts';
import { simulatedObjects } from './simulated-objects.fixture.ts';

const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 60_000_000);
/** Of each model; a hundred thousand would take some two and a half minutes of processor time together. */
const histories = process.env['FAULTLINE_LONG'] === '1' ? 1_000_000 : 5_000;
const limits = { budget: budget({}) };
const timeout = 3_600_000;

function shapeFrom(dice: Dice, most: number): ModelHistoryShape {
  return {
    operations: 2 + dice.below(most - 1),
    processes: 2 + dice.below(4),
    crashed: dice.chance(0.4) ? 0 : dice.random() * 0.4,
    wrong: dice.chance(0.15) ? 0 : 0.1 + dice.random() * 0.7,
  };
}

function drawn(name: string, seed: number, most: number): Operation[] {
  const dice = new Dice(seed);
  const object = simulatedObjects[name]?.(dice);
  if (object === undefined) throw new Error(`no object ${name}`);
  return randomModelHistory(object, dice, shapeFrom(dice, most));
}

/** Counts of both verdicts; throws with the seed where `verdict` and every order disagree. */
function agreement(
  name: string,
  model: Model<unknown>,
  count: number,
  most: number,
  isValid: (operations: readonly Operation[]) => boolean,
): { valid: number; invalid: number } {
  const seen = { valid: 0, invalid: 0 };
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const operations = drawn(name, seed, most);
    const expected = everyOrder(model, operations).linearizable;
    if (isValid(operations) !== expected) {
      throw failure(seed, `not ${expected ? 'valid' : 'invalid'}, which every order says`, operations);
    }
    seen[expected ? 'valid' : 'invalid']++;
  }
  return seen;
}

describe.each(models.map(({ name, make }) => [name, make()] as const))(
  'on histories of a %s',
  (name, model) => {
    it('the portfolio agrees with every order there is, in both directions', { timeout }, () => {
      const seen = agreement(name, model, histories, 7, (operations) => {
        const { validity } = judge(partOf(model, operations), limits).decision;
        if (validity === 'unknown') throw new Error('undecided');
        return validity === 'valid';
      });
      expect(seen.valid).toBeGreaterThan(histories * 0.2);
      expect(seen.invalid).toBeGreaterThan(histories * 0.2);
    });

    it('both oracles agree', { timeout }, () => {
      agreement(name, model, 500, 8, (operations) => everySubset(model, operations));
    });

    it('what a simulated object answered is legal, also in longer histories', { timeout }, () => {
      for (let seed = firstSeed; seed < firstSeed + 20; seed++) {
        const dice = new Dice(seed);
        const object = simulatedObjects[name]?.(dice);
        if (object === undefined) throw new Error(name);
        const shape = { operations: 20, processes: 4, crashed: 0.03, wrong: 0 };
        const operations = randomModelHistory(object, dice, shape);
        const { decision } = judge(partOf(model, operations), limits);
        if (decision.validity !== 'valid') throw failure(seed, decision.validity, operations);
      }
    });
  },
);

describe.each(models.filter(({ make }) => make().parts !== undefined))(
  'a history of a $name split by what its calls touch',
  ({ name, make }) => {
    it('is linearizable exactly when each part is', { timeout }, () => {
      const model = make();
      let several = 0;
      agreement(name, model, 5_000, 8, (operations) => {
        const whole = splitObjects(operations, model);
        if ('refusal' in whole) throw new Error(whole.refusal);
        if (whole.parts.length > 1) several++;
        return whole.parts.every((part) => everyOrder(model, part.operations()).linearizable);
      });
      expect(several).toBeGreaterThan(1_000);
    });
  },
);
