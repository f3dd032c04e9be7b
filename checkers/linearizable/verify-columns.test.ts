// The verifier that reads the columns of a history refuses and accepts the same orders as the one that replays the model;
// both are tried on right orders and on orders that are wrong in each of the ways there are. From a seed that a failure
// names.

import { describe, expect, it } from 'vitest';
import { budget } from '../checker.ts';
import { History, type NewOp } from '../history.ts';
import type { Json } from '../json.ts';
import { casRegister } from '../models/cas-register.ts';
import type { Operation } from '../op.ts';
import { scripted } from './history-script.fixture.ts';
import type { Part } from './part.ts';
import { split } from './parts.ts';
import { judge } from './portfolio.ts';
import { randomHistory, randomNumbers } from './random-history.fixture.ts';
import { faultInOrder } from './verify-order.ts';

const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 60_000_000);
const histories = process.env['FAULTLINE_LONG'] === undefined ? 10_000 : 100_000;

/** The operations as a history, at the positions that they have. */
function historyOf(operations: readonly Operation[]): History {
  const ops: Omit<NewOp, 'time'>[] = [];
  for (const { process, call, result, invokedAt, completedAt } of operations) {
    const op = { process, f: call.f, ...(call.value === undefined ? {} : { value: call.value }) };
    ops[invokedAt] = { ...op, type: 'invoke' };
    if (result === undefined) continue;
    const told: { value?: Json } = result.value === undefined ? {} : { value: result.value };
    if (result.mismatch === true) ops[completedAt] = { ...op, type: 'fail', found: told };
    else ops[completedAt] = { process, f: call.f, type: 'ok', ...told };
  }
  return History.of(ops.map((op, index) => ({ ...op, time: index })));
}

function onlyPart(history: History, initial?: Json): Part<unknown> {
  const whole = split(history, casRegister(initial));
  if ('refusal' in whole || whole.parts.length !== 1) throw new Error('one part was expected');
  return whole.parts[0] as Part<unknown>;
}

/** The first words of a fault, which are about the same in both verifiers. */
function kind(fault: string | undefined): string {
  return /not in the part|twice|placed after|not legal|not in the order/u.exec(fault ?? '')?.[0] ?? 'none';
}

function sameFault(part: Part<unknown>, order: ArrayLike<number>, where: string): string {
  if (part.fault === undefined) throw new Error(`${where}: a part without its own verifier`);
  const found = kind(part.fault(order));
  const other = kind(faultInOrder(part, order));
  if (found !== other)
    throw new Error(`${where}: order ${Array.from(order).join()} is ${found}, and ${other}`);
  return found;
}

describe('orders verified on the columns', () => {
  it('are refused and accepted as by a replay of the model', () => {
    const kinds = new Map<string, number>();
    for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
      const random = randomNumbers(seed);
      const integer = (bound: number): number => Math.floor(random() * bound);
      const shape = { operations: 2 + integer(8), processes: 1 + integer(4), writes: 0.3, cas: 0.4 };
      const values = random() < 0.5 ? {} : { values: 3 };
      const operations = randomHistory(seed, { ...shape, ...values, crashed: random() * 0.3 });
      if (!operations.some(({ result }) => result !== undefined)) continue;
      // Positions without a gap: what a history has.
      const part = onlyPart(historyOf(operations));
      const { decision } = judge(part, { budget: budget({}) });
      if (decision.validity !== 'valid') throw new Error(`seed ${seed}: not valid`);
      const right = Array.from(decision.order);
      const count = (found: string): unknown => kinds.set(found, (kinds.get(found) ?? 0) + 1);
      count(sameFault(part, right, `seed ${seed}`));
      const swapped = [...right];
      const [i, j] = [integer(right.length), integer(right.length)];
      [swapped[i], swapped[j]] = [right[j] as number, right[i] as number];
      const shuffled = right.map((row) => ({ row, at: random() })).sort((a, b) => a.at - b.at);
      const wrong = [
        swapped,
        right.toSpliced(i, 1),
        right.toSpliced(i, 0, right[j] as number),
        right.toSpliced(i, 1, integer(part.size)),
        right.toSpliced(i, 1, part.size + integer(2)),
        right.toSpliced(i, 1, -1),
        [
          ...right,
          ...Array.from({ length: part.size }, (_, row) => row).filter((row) => !right.includes(row)),
        ],
        shuffled.map(({ row }) => row),
      ];
      for (const order of wrong) count(sameFault(part, order, `seed ${seed}`));
    }
    expect([...kinds.keys()].sort()).toEqual(
      ['none', 'not in the order', 'not in the part', 'not legal', 'placed after', 'twice'].sort(),
    );
    for (const times of kinds.values()) expect(times).toBeGreaterThan(histories / 100);
  });

  it.each([
    [
      'a write after one that began when it had completed',
      '0 invoke write 1\n0 ok write 1\n1 invoke write 2\n1 ok write 2',
      [1, 0],
    ],
    ['a read of what is not there', '0 invoke write 1\n1 invoke read\n0 ok write 1\n1 ok read 1', [1, 0]],
    ['a read of a value where the key is absent', '0 invoke read\n0 ok read 3', [0]],
    [
      'a cas from another value',
      '0 invoke write 1\n1 invoke cas [1,2]\n0 ok write 1\n1 ok cas [1,2]',
      [1, 0],
    ],
    ['an operation left out', '0 invoke write 1\n0 ok write 1\n1 invoke write 2\n1 ok write 2', [0]],
    ['an operation twice', '0 invoke write 1\n0 ok write 1', [0, 0]],
    ['a row that there is not', '0 invoke write 1\n0 ok write 1', [0, 1]],
  ])('are refused: %s', (_, script, order) => {
    const part = onlyPart(scripted(script));
    expect(sameFault(part, order, script)).not.toBe('none');
  });

  it('hold a refused cas to what it found, and never to the value that it asked for', () => {
    const refused = (found: number) =>
      History.of([
        { time: 0, process: 0, type: 'invoke', f: 'write', value: 1 },
        { time: 1, process: 0, type: 'ok', f: 'write', value: 1 },
        { time: 2, process: 1, type: 'invoke', f: 'cas', value: [5, 6] },
        { time: 3, process: 1, type: 'fail', f: 'cas', value: [5, 6], found: { value: found } },
        { time: 4, process: 2, type: 'invoke', f: 'write', value: 5 },
        { time: 5, process: 3, type: 'invoke', f: 'cas', value: [5, 7] },
        { time: 6, process: 3, type: 'fail', f: 'cas', value: [5, 7], found: { value: 5 } },
      ]);
    expect(sameFault(onlyPart(refused(1)), [0, 1, 2, 3], 'asked for what it found')).toBe('not legal');
    expect(sameFault(onlyPart(refused(2)), [0, 1], 'found something else')).toBe('not legal');
    expect(sameFault(onlyPart(refused(1)), [0, 1], 'left out')).toBe('not in the order');
  });
});
