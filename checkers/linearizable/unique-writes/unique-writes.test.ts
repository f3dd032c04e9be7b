// Registers with unique writes against brute force, in both directions, and against the general search on longer
// histories; from a seed that a failure names.

import { describe, expect, it } from 'vitest';
import { budget } from '../../checker.ts';
import type { Json } from '../../json.ts';
import type { Model } from '../../model.ts';
import { casRegister } from '../../models/cas-register.ts';
import type { RegisterState } from '../../models/register.ts';
import type { Operation } from '../../op.ts';
import { everyInitial, everyOrder } from '../brute-force.ts';
import { decide } from '../decide.ts';
import type { Decision } from '../decision.ts';
import { partOf } from '../part.ts';
import { type HistoryShape, randomHistory, randomNumbers } from '../random-history.fixture.ts';
import { shrink } from '../shrink.ts';
import { faultInOrder } from '../verify-order.ts';
import { prefix } from '../weaken.ts';
import { uniqueWrites } from './unique-writes.ts';

const unlimited = budget({});
const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 30_000_000);

function judge(model: Model<RegisterState>, operations: readonly Operation[]): Decision {
  return uniqueWrites.decide(partOf(model, operations), { budget: unlimited });
}

/**
 * Operations drawn without any register behind them: intervals, calls and answers at random, every written value new, or
 * (rarely) not: then there is no such history, and it is undefined. Mostly not linearizable.
 */
function drawn(seed: number, most: number): Operation[] {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const count = 1 + integer(most);
  const ends = Array.from({ length: count * 2 }, (_, i) => i);
  for (let i = ends.length - 1; i > 0; i--) {
    const j = integer(Math.min(i + 1, 6));
    [ends[i], ends[i - j]] = [ends[i - j] as number, ends[i] as number];
  }
  const crashed = random() * 0.5;
  const reads = random();
  let written = 0;
  const seen = (): { value?: Json } => {
    const value = integer(count);
    return value === 0 ? {} : { value };
  };
  const operations = Array.from({ length: count }, (_, i): Operation => {
    const [a, b] = [ends[i * 2] as number, ends[i * 2 + 1] as number];
    const [invokedAt, completedAt] = [Math.min(a, b), Math.max(a, b)];
    const open = { id: invokedAt, process: i, invokedAt };
    const isCrashed = random() < crashed;
    const done = { completedAt: isCrashed ? Infinity : completedAt };
    const result = (told: { value?: Json; mismatch?: true }) => (isCrashed ? {} : { result: told });
    if (random() < reads) return { ...open, call: { f: 'read' }, ...done, ...result(seen()) };
    if (random() < 0.4) return { ...open, call: { f: 'write', value: ++written }, ...done, ...result({}) };
    const from = seen().value ?? null;
    if (random() < 0.3) {
      return {
        ...open,
        call: { f: 'cas', value: [from, 50] },
        ...done,
        ...result({ ...seen(), mismatch: true }),
      };
    }
    return { ...open, call: { f: 'cas', value: [from, ++written] }, ...done, ...result({}) };
  });
  return operations.sort((a, b) => a.invokedAt - b.invokedAt);
}

/** A small history, half of them of a simulated register with some wrong answers, half drawn. */
function small(seed: number, most = 8): { model: Model<RegisterState>; operations: Operation[] } {
  const random = randomNumbers(seed ^ 0x2545f491);
  const model = casRegister([undefined, null, 1, 0][Math.floor(random() * 4)]);
  if (random() < 0.5) return { model, operations: drawn(seed, most) };
  const operations = randomHistory(seed, {
    operations: 2 + Math.floor(random() * (most - 1)),
    processes: 2 + Math.floor(random() * 4),
    writes: 0.1 + random() * 0.5,
    cas: random() * 0.6,
    crashed: random() < 0.4 ? 0 : random() * 0.5,
    wrong: random() < 0.3 ? 0 : random() * 0.5,
  });
  return { model, operations };
}

/** The violation comes with the culprit's completion, and the rows have no order by themselves. */
function expectProof(
  model: Model<RegisterState>,
  operations: readonly Operation[],
  decision: Decision,
): void {
  if (decision.validity !== 'invalid' || decision.proof === undefined) throw new Error('no proof');
  const { culprit, rows, start } = decision.proof;
  const end = (operations[culprit] as Operation).completedAt;
  if (everyOrder(model, prefix(model, operations, end)).linearizable) throw new Error('told too early');
  if (!everyOrder(model, prefix(model, operations, end - 1)).linearizable) throw new Error('told too late');
  const few = prefix(
    model,
    Array.from(rows, (row) => operations[row] as Operation),
    end,
  );
  if (!rows.includes(culprit)) throw new Error('the culprit is not in its proof');
  const initials = start === 'any' ? everyInitial(model, few) : [model.init()];
  if (everyOrder(model, few, initials).linearizable) throw new Error('the proof has an order');
}

describe('on random small histories', () => {
  it('agrees with brute force on 200,000, tells the first bad completion, and proves it', {
    timeout: 240_000,
  }, () => {
    const seen = { valid: 0, invalid: 0, other: 0, crashed: 0, refused: 0 };
    for (let seed = firstSeed; seen.valid + seen.invalid < 200_000; seed++) {
      const { model, operations } = small(seed);
      const part = partOf(model, operations);
      if (!uniqueWrites.applies(part)) {
        seen.other++;
        continue;
      }
      try {
        const decision = judge(model, operations);
        const expected = everyOrder(model, operations).linearizable ? 'valid' : 'invalid';
        if (decision.validity !== expected) throw new Error(`${decision.validity}, but it is ${expected}`);
        if (decision.validity === 'valid') {
          const fault = faultInOrder(part, decision.order);
          if (fault !== undefined) throw new Error(fault);
        } else expectProof(model, operations, decision);
        seen[expected]++;
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}:\n${JSON.stringify(operations)}`, { cause: error });
      }
      if (operations.some(({ result }) => result === undefined)) seen.crashed++;
      if (operations.some(({ result }) => result?.mismatch)) seen.refused++;
    }
    expect(seen.valid).toBeGreaterThan(50_000);
    expect(seen.invalid).toBeGreaterThan(50_000);
    expect(seen.crashed).toBeGreaterThan(50_000);
    expect(seen.refused).toBeGreaterThan(20_000);
    expect(seen.other).toBeGreaterThan(1_000);
  });

  it('applies exactly where no value is left twice, and the initial one never', () => {
    for (let seed = firstSeed; seed < firstSeed + 5_000; seed++) {
      const { model, operations } = small(seed);
      const left = operations.flatMap(({ call, result }) => {
        const { needs, leaves } = model.move?.(call, result) ?? {};
        return leaves === undefined || (needs && model.key(needs.state) === model.key(leaves.state))
          ? []
          : [model.key(leaves.state)];
      });
      const unique = new Set([model.key(model.init()), ...left]).size === left.length + 1;
      expect(uniqueWrites.applies(partOf(model, operations)), `seed ${seed}`).toBe(unique);
    }
  });
});

describe('on longer random histories', () => {
  const shapes: HistoryShape[] = [
    { operations: 60, processes: 4, writes: 0.3, cas: 0.2, crashed: 0.1, wrong: 0.02 },
    { operations: 120, processes: 8, writes: 0.3, cas: 0, crashed: 0.05, wrong: 0.01 },
    { operations: 200, processes: 5, writes: 0.1, cas: 0.5, crashed: 0.2, wrong: 0.005 },
    { operations: 400, processes: 12, writes: 0.2, cas: 0.3, crashed: 0.02, wrong: 0.003 },
  ];

  it.each(shapes)(
    'agrees with the general search, with small counterexamples: %o',
    {
      timeout: 120_000,
    },
    (shape) => {
      const seen = { valid: 0, invalid: 0, unknown: 0 };
      const model = casRegister();
      for (let seed = firstSeed; seed < firstSeed + 150; seed++) {
        const operations = randomHistory(seed, shape);
        const part = partOf(model, operations);
        expect(uniqueWrites.applies(part)).toBe(true);
        const decision = judge(model, operations);
        const other = decide(model, operations, { budget: unlimited, configurations: 300_000 });
        seen[other.validity]++;
        if (other.validity !== 'unknown') expect(decision.validity, `seed ${seed}`).toBe(other.validity);
        if (decision.validity === 'valid') {
          expect(faultInOrder(part, decision.order), `seed ${seed}`).toBeUndefined();
        } else if (decision.validity === 'invalid') {
          const shrunk = shrink(part, decision, unlimited);
          const links = shrunk.operations.filter(({ call }) => call.f === 'cas').length;
          expect(shrunk.operations.length - links, `seed ${seed}`).toBeLessThanOrEqual(6);
          expect(shrunk.operations, `seed ${seed}`).toContain(shrunk.culprit);
          const again = decide(model, shrunk.operations, { budget: unlimited, start: shrunk.start });
          expect(again.validity, `seed ${seed}`).toBe('invalid');
        }
      }
      expect(seen.valid).toBeGreaterThan(15);
      expect(seen.invalid).toBeGreaterThan(15);
    },
  );

  it('valid ones with one answer changed get the same verdict from both', { timeout: 120_000 }, () => {
    const shape = { operations: 150, processes: 6, writes: 0.25, cas: 0.25, crashed: 0.05 };
    const model = casRegister();
    let caught = 0;
    for (let seed = firstSeed; seed < firstSeed + 300; seed++) {
      const operations = randomHistory(seed, shape);
      expect(judge(model, operations).validity, `seed ${seed}`).toBe('valid');
      const random = randomNumbers(seed);
      const observers = operations.filter(
        ({ call, result }) => result !== undefined && (call.f === 'read' || result.mismatch),
      );
      const [changed, other] = [0, 1].map(() => observers[Math.floor(random() * observers.length)]);
      if (changed?.result === undefined || other?.result === undefined) continue;
      const { value: _, ...rest } = changed.result;
      const { value } = other.result;
      const wrong = { ...changed, result: { ...rest, ...(value === undefined ? {} : { value }) } };
      const mutated = operations.map((operation) => (operation === changed ? wrong : operation));
      const { validity } = judge(model, mutated);
      expect(validity, `seed ${seed}`).toBe(decide(model, mutated, { budget: unlimited }).validity);
      if (validity === 'invalid') caught++;
    }
    expect(caught).toBeGreaterThan(150);
  });
});
