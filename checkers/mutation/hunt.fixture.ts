// Looks for a wrong verdict of the checker that it is compiled with, by what needs no trust in it: every order there is,
// other algorithms, and orders that are known to be wrong. Run as a program it prints the first that it finds and ends
// with 1, or ends with 0. The tests run it against mutants of the checker.

import { budget, type Validity, worst } from '../checker.ts';
import { History, type NewOp } from '../history.ts';
import { everyOrder } from '../linearizable/brute-force.ts';
import { check } from '../linearizable/check.ts';
import { partOf } from '../linearizable/part.ts';
import { judge, portfolio } from '../linearizable/portfolio.ts';
import { randomHistory, randomNumbers } from '../linearizable/random-history.fixture.ts';
import { faultInOrder } from '../linearizable/verify-order.ts';
import type { Model } from '../model.ts';
import { casRegister } from '../models/cas-register.ts';
import { register } from '../models/register.ts';
import type { Operation } from '../op.ts';

const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 70_000_000);
const unlimited = budget({});

class Wrong extends Error {}

interface Case {
  readonly seed: number;
  readonly model: Model<unknown>;
  readonly operations: readonly Operation[];
}

/** Registers with and without cas, values of their own and few values, crashes, wrong answers; at most 7 operations. */
function* smallCases(count: number): Generator<Case> {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const random = randomNumbers(seed ^ 0x5bd1e995);
    const withCas = random() < 0.7;
    const operations = randomHistory(seed, {
      operations: 2 + Math.floor(random() * 6),
      processes: 2 + Math.floor(random() * 4),
      ...(random() < 0.4 ? {} : { values: 1 + Math.floor(random() * 3) }),
      writes: 0.1 + random() * 0.5,
      cas: withCas ? random() * 0.5 : 0,
      crashed: random() < 0.4 ? 0 : random() * 0.4,
      wrong: random() < 0.25 ? 0 : random() * 0.6,
    });
    const initial = random() < 0.2 ? 1 : undefined;
    yield { seed, model: withCas ? casRegister(initial) : register(initial), operations };
  }
}

/** Two keys, so that what belongs to one must not be taken for the other's. */
function historyOf(operations: readonly Operation[], others: readonly Operation[] = []): History {
  const ops: Omit<NewOp, 'time'>[] = [];
  const add = (some: readonly Operation[], key: string, retired: number, shift: number): void => {
    for (const { process, call, result, invokedAt, completedAt } of some) {
      const asked = { ...call, key, process: process + retired };
      ops[invokedAt + shift] = { ...asked, type: 'invoke' };
      if (result === undefined) continue;
      const { mismatch, ...told } = result;
      const { value: _, ...bare } = asked;
      ops[completedAt + shift] =
        mismatch === true
          ? { ...asked, type: 'fail', found: told, error: { code: 'cas-mismatch' } }
          : { ...(call.f === 'read' ? { ...bare, ...told } : asked), type: 'ok' };
    }
  };
  add(operations, 'a', 0, 0);
  add(others, 'b', 1_000, ops.length);
  return History.of(ops.map((op, index) => ({ ...op, time: index })));
}

function truthOf({ model, operations }: Case): Validity {
  return everyOrder(model, operations).linearizable ? 'valid' : 'invalid';
}

function expectSame(what: string, one: Case, found: string, due: string): void {
  if (found === due) return;
  throw new Wrong(`${what}, seed ${one.seed}: ${found}, but ${due}: ${JSON.stringify(one.operations)}`);
}

/** The whole check, the way a history goes: columns, split, portfolio, verification, shrinking. */
async function verdicts(): Promise<void> {
  let before: Case | undefined;
  let beforeTruth: Validity = 'valid';
  for (const one of smallCases(8_000)) {
    const truth = truthOf(one);
    const others = before?.model.name === one.model.name && before.model.init() === one.model.init();
    const history = historyOf(one.operations, others ? before?.operations : []);
    const result = await check(history, one.model, unlimited);
    const due = truth === 'invalid' || (others && beforeTruth === 'invalid') ? 'invalid' : 'valid';
    const nothing = !one.operations.some(({ result: seen }) => seen !== undefined && seen.mismatch !== true);
    if (due === 'invalid' || !(nothing || others)) {
      if (!(nothing && due === 'valid')) expectSame('check', one, result.validity, due);
    }
    for (const { operations, initial } of result.counterexamples ?? []) {
      if (operations.length > 8 || initial === undefined) continue;
      if (everyOrder(one.model, operations).linearizable) {
        throw new Wrong(`check, seed ${one.seed}: its counterexample is linearizable`);
      }
    }
    before = one;
    beforeTruth = truth;
  }
}

/** Each algorithm of the portfolio by itself, also on models that have no moves. */
function algorithms(): void {
  for (const one of smallCases(6_000)) {
    const truth = truthOf(one);
    const silent: Model<unknown> = { ...one.model };
    delete silent.move;
    for (const model of [one.model, silent]) {
      const part = partOf(model, one.operations);
      for (const algorithm of portfolio) {
        if (!algorithm.applies(part)) continue;
        const decision = algorithm.decide(part, { budget: unlimited });
        if (decision.validity === 'unknown') continue;
        expectSame(algorithm.name, one, decision.validity, truth);
        if (decision.validity !== 'valid') continue;
        const fault = faultInOrder(part, decision.order);
        if (fault !== undefined) throw new Wrong(`${algorithm.name}, seed ${one.seed}: ${fault}`);
      }
    }
  }
}

/** More operations open at once than a word has bits: the algorithms agree. */
function crowds(): void {
  for (let seed = firstSeed; seed < firstSeed + 60; seed++) {
    const random = randomNumbers(seed);
    const isUnique = seed % 2 === 0;
    const operations = randomHistory(seed, {
      operations: isUnique ? 200 : 120,
      processes: 40,
      ...(isUnique ? {} : { values: 40 }),
      writes: 0.4,
      cas: 0.2,
      crashed: random() < 0.5 ? 0 : 0.02,
      wrong: random() < 0.5 ? 0 : 0.01,
    });
    const part = partOf(casRegister(), operations);
    const limits = { budget: budget({ timeMs: 2_000 }), configurations: 100_000 };
    const found = portfolio.flatMap((algorithm) => {
      if (algorithm.name === 'wing-gong-lowe' || !algorithm.applies(part)) return [];
      const { validity } = judge(part, limits, [algorithm]).decision;
      return validity === 'unknown' ? [] : [validity];
    });
    if (new Set(found).size > 1) throw new Wrong(`crowd, seed ${seed}: ${found.join(' and ')}`);
  }
}

/** The verifier refuses orders that are wrong, one way or another. */
function orders(): void {
  for (const one of smallCases(3_000)) {
    const part = partOf(one.model, one.operations);
    const { decision } = judge(part, { budget: unlimited });
    if (decision.validity !== 'valid') continue;
    const order = Array.from(decision.order);
    const completed = order.filter((row) => part.operation(row).result !== undefined);
    const [first] = completed;
    if (first === undefined) continue;
    const wrong: [string, number[]][] = [
      ['an operation left out', order.filter((row) => row !== first)],
      ['an operation twice', [...order, first]],
      ['a row that there is none of', [...order, part.size]],
    ];
    const reversed = [...order].reverse();
    if (!isRealTime(one.operations, reversed)) wrong.push(['against real time', reversed]);
    for (const [what, rows] of wrong) {
      if (faultInOrder(part, rows) === undefined)
        throw new Wrong(`verifier, seed ${one.seed}: passes ${what}`);
    }
    const illegal = everyIllegal(one, order);
    if (illegal !== undefined && faultInOrder(part, illegal) === undefined) {
      throw new Wrong(`verifier, seed ${one.seed}: passes an illegal step`);
    }
  }
}

function isRealTime(operations: readonly Operation[], order: readonly number[]): boolean {
  return order.every((row, at) =>
    order
      .slice(at + 1)
      .every((later) => (operations[later]?.completedAt ?? 0) > (operations[row]?.invokedAt ?? 0)),
  );
}

/** The order with two neighbours exchanged so that a step is not legal any more. */
function everyIllegal({ model, operations }: Case, order: readonly number[]): number[] | undefined {
  for (let at = 0; at + 1 < order.length; at++) {
    const swapped = [...order];
    [swapped[at], swapped[at + 1]] = [order[at + 1] as number, order[at] as number];
    let state = model.init();
    for (const row of swapped) {
      const { call, result } = operations[row] as Operation;
      const step = model.step(state, call, result);
      if (!step.ok) return swapped;
      state = step.state;
    }
  }
  return undefined;
}

/** What was never judged, and what only some keys were judged of. */
async function wholes(): Promise<void> {
  for (const [all, due] of [
    [[], 'unknown'],
    [['valid', 'unknown'], 'unknown'],
    [['unknown', 'invalid', 'valid'], 'invalid'],
  ] as const) {
    if (worst(all) !== due) throw new Wrong(`the worst of ${all.join()} is ${worst(all)}`);
  }
  const nothing = await check(History.of([]), casRegister(), unlimited);
  if (nothing.validity !== 'unknown') throw new Wrong(`of nothing the verdict is ${nothing.validity}`);
  const onlyCrashed = History.of([
    { time: 0, process: 0, type: 'invoke', f: 'write', value: 1 },
    { time: 1, process: 0, type: 'info', f: 'write', value: 1 },
  ]);
  const crashed = await check(onlyCrashed, casRegister(), unlimited);
  if (crashed.validity !== 'unknown') throw new Wrong(`of a crash alone the verdict is ${crashed.validity}`);
  let asked = 0;
  const tired = { giveUp: () => (asked++ > 0 ? ('time' as const) : undefined) };
  const valid = smallCases(50).next().value as Case;
  const many = await check(historyOf(valid.operations, valid.operations), valid.model, tired);
  if (many.validity === 'valid') throw new Wrong('a verdict was given that nobody had come to');
}

const stages = { wholes, orders, verdicts, algorithms, crowds };

if (process.argv[2] === '--hunt') {
  try {
    for (const stage of Object.values(stages)) await stage();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${text.slice(0, 300)}\n`);
    process.exitCode = 1;
  }
}
