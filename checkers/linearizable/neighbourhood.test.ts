import { expect, it } from 'vitest';
import { budget } from '../checker.ts';
import { casRegister } from '../models/cas-register.ts';
import type { Operation } from '../op.ts';
import type { Proof } from './decision.ts';
import { neighbourhood } from './neighbourhood.ts';
import { partOf } from './part.ts';
import { randomHistory, randomNumbers } from './random-history.fixture.ts';
import { shrink } from './shrink.ts';
import { uniqueWrites } from './unique-writes/unique-writes.ts';
import { sourcesOf } from './witness.ts';

const seed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 50_000_000);
const model = casRegister();
const shape = { operations: 6_000, processes: 8, writes: 0.3, cas: 0.2, crashed: 0.05 };

/** What an operation saw, as a key; undefined where it saw nothing. */
function seen({ call, result }: Operation): string | number | undefined {
  const needs = result === undefined ? undefined : model.move?.(call, result).needs;
  return needs && model.key(needs.state);
}

it('knows of its values who left them, whether somebody saw them, and who first', () => {
  const operations = randomHistory(seed, shape);
  const part = partOf(model, operations);
  const random = randomNumbers(seed);
  for (let i = 0; i < 10; i++) {
    const culprit = Math.floor(random() * operations.length);
    if (operations[culprit]?.result === undefined) continue;
    const proof: Proof = { culprit, rows: Int32Array.of(culprit), start: 'initial' };
    const near = neighbourhood(part, proof);
    expect(near.length, `seed ${seed}`).toBeLessThan(3_000);
    expect(near).toContain(operations[culprit]);
    const first = (among: readonly Operation[], value: string | number) =>
      among
        .filter((one) => seen(one) === value)
        .sort((a, b) => a.completedAt - b.completedAt)
        .at(0);
    for (const one of near.slice(0, 50)) {
      const value = seen(one);
      if (value === undefined) continue;
      expect(sourcesOf(model, near, one), `seed ${seed}`).toEqual(sourcesOf(model, operations, one));
      expect(first(near, value), `seed ${seed}`).toEqual(first(operations, value));
    }
  }
});

it('one wrong answer in a long history is shown by a few operations, the same as without it', () => {
  let told = 0;
  for (let i = 0; i < 12; i++) {
    const operations = randomHistory(seed + i, { ...shape, wrong: 0.0005 });
    const part = partOf(model, operations);
    const decision = uniqueWrites.decide(part, { budget: budget({}) });
    if (decision.validity !== 'invalid' || decision.proof === undefined) continue;
    told++;
    const shrunk = shrink(part, decision, budget({}));
    const { proof: _, ...unproven } = decision;
    const whole = shrink(part, unproven, budget({}));
    expect(shrunk.culprit, `seed ${seed + i}`).toEqual(whole.culprit);
    expect(shrunk.operations.length, `seed ${seed + i}`).toBeLessThanOrEqual(6);
  }
  expect(told).toBeGreaterThan(3);
}, 120_000);
