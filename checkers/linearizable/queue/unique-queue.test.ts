// Queues with unique values against brute force, in both directions, and against the general search on longer histories;
// from a seed that a failure names.

import { describe, expect, it } from 'vitest';
import { budget } from '../../checker.ts';
import { queue } from '../../models/queue.ts';
import type { Operation } from '../../op.ts';
import { everyOrder } from '../brute-force.ts';
import { decide } from '../decide.ts';
import type { Decision } from '../decision.ts';
import { partOf } from '../part.ts';
import { randomNumbers } from '../random-history.fixture.ts';
import { faultInOrder } from '../verify-order.ts';
import { type BoxShape, drawnBox, simulatedBox } from './random-queue.fixture.ts';
import { uniqueQueue } from './unique-queue.ts';

const unlimited = budget({});
const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 50_000_000);
const small = process.env['FAULTLINE_LONG'] === '1' ? 1_000_000 : 100_000;
const model = queue();

function judge(operations: readonly Operation[]): Decision {
  return uniqueQueue.decide(partOf(model, operations), { budget: unlimited });
}

/** A small history, half of them of a simulated queue with some wrong answers, half drawn. */
function smallHistory(seed: number): Operation[] {
  const random = randomNumbers(seed ^ 0x2545f491);
  if (random() < 0.6) return drawnBox(seed, 8);
  return simulatedBox(seed, {
    operations: 2 + Math.floor(random() * 7),
    processes: 2 + Math.floor(random() * 4),
    puts: 0.3 + random() * 0.4,
    crashed: random() < 0.4 ? 0 : random() * 0.5,
    wrong: random() < 0.3 ? 0 : random() * 0.4,
  });
}

/** What was known at this position: nobody knows what becomes of those still open. */
function until(operations: readonly Operation[], end: number): Operation[] {
  return operations
    .filter(({ invokedAt }) => invokedAt <= end)
    .map((operation) => {
      if (operation.completedAt <= end) return operation;
      const { result: _, ...open } = operation;
      return { ...open, completedAt: Infinity };
    });
}

function expectRight(operations: readonly Operation[], decision: Decision, isValid: boolean): void {
  if (decision.validity !== (isValid ? 'valid' : 'invalid')) throw new Error(`told ${decision.validity}`);
  if (decision.validity === 'valid') {
    const fault = faultInOrder(partOf(model, operations), decision.order);
    if (fault !== undefined) throw new Error(fault);
  } else if (decision.validity === 'invalid') {
    if (decision.proof === undefined) throw new Error('no proof');
    const { culprit, rows } = decision.proof;
    const end = (operations[culprit] as Operation).completedAt;
    if (everyOrder(model, until(operations, end)).linearizable) throw new Error('told too early');
    if (!everyOrder(model, until(operations, end - 1)).linearizable) throw new Error('told too late');
    if (!rows.includes(culprit)) throw new Error('the culprit is not in its proof');
    const few = Array.from(rows, (row) => operations[row] as Operation);
    if (everyOrder(model, until(few, end)).linearizable) throw new Error('the proof has an order');
    if (few.some(({ invokedAt }) => invokedAt > end)) throw new Error('the proof goes on after its end');
  }
}

describe('on random small histories', () => {
  it(`agrees with brute force on ${small}, tells the first bad completion, and proves it`, {
    timeout: 900_000,
  }, () => {
    const seen = { valid: 0, invalid: 0, crashedTake: 0, crashedPut: 0, empty: 0 };
    for (let seed = firstSeed; seed < firstSeed + small; seed++) {
      const operations = smallHistory(seed);
      try {
        const isValid = everyOrder(model, operations).linearizable;
        expectRight(operations, judge(operations), isValid);
        seen[isValid ? 'valid' : 'invalid']++;
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}:\n${JSON.stringify(operations)}`, { cause: error });
      }
      const has = (f: string, open: boolean): boolean =>
        operations.some(({ call, result }) => call.f === f && (result === undefined) === open);
      if (has('dequeue', true)) seen.crashedTake++;
      if (has('enqueue', true)) seen.crashedPut++;
      if (operations.some(({ call, result }) => call.f === 'dequeue' && result && !('value' in result))) {
        seen.empty++;
      }
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(small / 10);
  });
});

describe('on longer random histories', () => {
  const shapes: BoxShape[] = [
    { operations: 40, processes: 3, puts: 0.5, wrong: 0.02 },
    { operations: 60, processes: 4, puts: 0.45, crashed: 0.05, wrong: 0.01 },
    { operations: 60, processes: 3, puts: 0.4, crashed: 0.1, wrong: 0.01 },
  ];

  it.each(shapes)('agrees with the general search: %o', { timeout: 120_000 }, (shape) => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = firstSeed; seed < firstSeed + 60; seed++) {
      const operations = simulatedBox(seed, shape);
      const decision = judge(operations);
      const other = decide(model, operations, { budget: unlimited, configurations: 50_000 });
      seen[other.validity]++;
      if (other.validity !== 'unknown') expect(decision.validity, `seed ${seed}`).toBe(other.validity);
      if (decision.validity === 'valid') {
        const fault = faultInOrder(partOf(model, operations), decision.order);
        expect(fault, `seed ${seed}`).toBeUndefined();
      } else if (decision.validity === 'invalid') {
        const rows = Array.from(decision.proof?.rows ?? [], (row) => operations[row] as Operation);
        const again = decide(model, rows, { budget: unlimited, configurations: 200_000 });
        expect(again.validity, `seed ${seed}`).not.toBe('valid');
      }
    }
    expect(seen.valid).toBeGreaterThan(5);
    expect(seen.invalid).toBeGreaterThan(5);
  });

  it('finds an order of simulated ones, however long, and none once two answers are exchanged', () => {
    let invalid = 0;
    for (let seed = firstSeed; seed < firstSeed + 40; seed++) {
      const shape = { operations: 2_000, processes: 1 + (seed % 30), puts: 0.5, crashed: (seed % 3) * 0.02 };
      const operations = simulatedBox(seed, shape);
      const decision = judge(operations);
      expect(decision.validity, `seed ${seed}`).toBe('valid');
      if (decision.validity !== 'valid') continue;
      const fault = faultInOrder(partOf(model, operations), decision.order);
      expect(fault, `seed ${seed}`).toBeUndefined();
      const takes = operations.filter(({ result }) => result?.value !== undefined);
      const [a, b] = [takes[5], takes[takes.length - 5]] as [Operation, Operation];
      const exchanged = operations.map((operation): Operation => {
        if (operation === a) return { ...a, result: b.result ?? {} };
        return operation === b ? { ...b, result: a.result ?? {} } : operation;
      });
      const wrong = judge(exchanged);
      expect(wrong.validity, `seed ${seed}`).toBe('invalid');
      // The value came out long before it was put in.
      if (wrong.validity === 'invalid') expect(wrong.proof?.culprit).toBe(operations.indexOf(a));
      invalid++;
    }
    expect(invalid).toBe(40);
  });
});

describe('applies', () => {
  const operation = (id: number, call: Operation['call'], result?: Operation['result']): Operation => ({
    id,
    process: id,
    call,
    ...(result === undefined ? {} : { result }),
    invokedAt: id * 2,
    completedAt: result === undefined ? Infinity : id * 2 + 1,
  });
  const put = (id: number, value: string): Operation => operation(id, { f: 'enqueue', value }, {});

  it('to our queue that is empty at first, with values that went in once', () => {
    expect(uniqueQueue.applies(partOf(model, [put(0, 'a'), put(1, 'b')]))).toBe(true);
    expect(uniqueQueue.applies(partOf(model, [put(0, 'a'), put(1, 'a')]))).toBe(false);
    const crashed = operation(1, { f: 'enqueue', value: 'a' });
    expect(uniqueQueue.applies(partOf(model, [put(0, 'a'), crashed]))).toBe(false);
    expect(uniqueQueue.applies(partOf(queue(['x']), [put(0, 'a')]))).toBe(false);
    expect(
      uniqueQueue.applies(partOf({ ...model, step: () => ({ ok: true, state: model.init() }) }, [])),
    ).toBe(false);
    const refused = operation(0, { f: 'dequeue' }, { mismatch: true });
    expect(uniqueQueue.applies(partOf(model, [refused]))).toBe(false);
  });
});
