// The online checker against brute force on prefixes of random small histories, from a seed that a failure names.

import { describe, expect, it } from 'vitest';
import { History, type NewOp } from '../history.ts';
import type { Json } from '../json.ts';
import { everyOrder } from '../linearizable/brute-force.ts';
import { randomHistory, randomNumbers } from '../linearizable/random-history.fixture.ts';
import type { Model } from '../model.ts';
import { casRegister } from '../models/cas-register.ts';
import type { RegisterState } from '../models/register.ts';
import type { Op, Operation } from '../op.ts';
import { OnlineChecker, type OnlineOptions, type OnlineVerdict } from './online-checker.ts';

const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 50_000_000);
const histories = process.env['FAULTLINE_LONG'] === '1' ? 1_000_000 : 100_000;

/** Both ends of the operations as ops. Some that succeeded fail instead, some crashed ones are told to be so. */
function opsOf(operations: readonly Operation[], seed: number): NewOp[] {
  const random = randomNumbers(seed ^ 0x51ed270b);
  const failing = random() < 0.5 ? 0 : 0.1;
  const ends: { at: number; op: Omit<NewOp, 'time'> }[] = [];
  for (const { call, result, invokedAt, completedAt } of operations) {
    const both = { process: invokedAt, f: call.f };
    const asked = call.value === undefined ? both : { ...both, value: call.value };
    ends.push({ at: invokedAt, op: { ...asked, type: 'invoke' } });
    if (result === undefined) {
      const at = invokedAt + 0.5 + Math.floor(random() * operations.length * 2);
      if (random() < 0.7) ends.push({ at, op: { ...asked, type: 'info' } });
    } else if (result.mismatch) {
      const found = result.value === undefined ? {} : { value: result.value };
      ends.push({ at: completedAt, op: { ...asked, type: 'fail', error: { code: 'no' }, found } });
    } else if (call.f !== 'read' && random() < failing) {
      ends.push({ at: completedAt, op: { ...asked, type: 'fail', error: { code: 'no' } } });
    } else {
      const told = call.f === 'read' ? result.value : call.value;
      const ok = told === undefined ? both : { ...both, value: told };
      ends.push({ at: completedAt, op: { ...ok, type: 'ok' } });
    }
  }
  return ends.sort((a, b) => a.at - b.at).map(({ op }, time) => ({ ...op, time }));
}

/** Answers drawn at random, every written value new unless there are few `values`. */
function drawn(seed: number, count: number, values?: number): Operation[] {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const ends = Array.from({ length: count * 2 }, (_, i) => i);
  for (let i = ends.length - 1; i > 0; i--) {
    const j = integer(Math.min(i + 1, 6));
    [ends[i], ends[i - j]] = [ends[i - j] as number, ends[i] as number];
  }
  let written = 0;
  const fresh = (): number => (values === undefined ? ++written : 1 + integer(values));
  const anyValue = (): number => integer((values ?? count) + 1);
  const crashed = random() * 0.5;
  const operations = Array.from({ length: count }, (_, i): Operation => {
    const [a, b] = [ends[i * 2] as number, ends[i * 2 + 1] as number];
    const invokedAt = Math.min(a, b);
    const value = anyValue();
    const seen: { value?: Json } = value === 0 ? {} : { value };
    const dice = random();
    const call =
      dice < 0.4
        ? { f: 'read' }
        : dice < 0.7
          ? { f: 'write', value: fresh() }
          : { f: 'cas', value: [anyValue(), fresh()] };
    const open = { id: invokedAt, process: i, invokedAt, call };
    if (random() < crashed) return { ...open, completedAt: Infinity };
    const refused = call.f === 'cas' && random() < 0.3;
    const result = refused ? { ...seen, mismatch: true as const } : call.f === 'read' ? seen : {};
    return { ...open, completedAt: Math.max(a, b), result };
  });
  return operations.sort((a, b) => a.invokedAt - b.invokedAt);
}

function small(seed: number, values?: number): { model: Model<RegisterState>; history: History } {
  const random = randomNumbers(seed ^ 0x2545f491);
  const model = casRegister([undefined, 1, 0][Math.floor(random() * 3)]);
  const count = 2 + Math.floor(random() * 6);
  const operations =
    random() < 0.5
      ? drawn(seed, count, values)
      : randomHistory(seed, {
          operations: count,
          processes: 2 + Math.floor(random() * 3),
          ...(values === undefined ? {} : { values }),
          writes: 0.1 + random() * 0.5,
          cas: random() * 0.6,
          crashed: random() < 0.4 ? 0 : random() * 0.5,
          wrong: random() < 0.3 ? 0 : random() * 0.5,
        });
  return { model, history: History.of(opsOf(operations, seed)) };
}

/** The verdict, and how many ops had been fed when it came; all of them and the end where there was none before. */
function judged<State>(
  model: Model<State>,
  history: Iterable<Op>,
  options: OnlineOptions = {},
): { verdict: OnlineVerdict; fed: number } {
  const checker = new OnlineChecker(model, options);
  let fed = 0;
  for (const op of history) {
    fed++;
    checker.append(op);
    const verdict = checker.verdict();
    if (verdict.validity === 'invalid') return { verdict, fed };
  }
  return { verdict: checker.finish(), fed };
}

function isBad(model: Model<RegisterState>, history: History, length = history.length): boolean {
  const operations = History.of([...history].slice(0, length)).operations();
  return !everyOrder(model, operations).linearizable;
}

describe('on random small histories', () => {
  it('with unique values tells a violation at the first op that leaves no order, forgetting at every op', {
    timeout: 240_000,
  }, () => {
    const seen = { valid: 0, invalid: 0, withdrawn: 0 };
    for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
      const { model, history } = small(seed);
      const { verdict, fed } = judged(model, history, { sweepAlways: seed % 4 !== 0 });
      const failure = `seed ${seed}: ${JSON.stringify(verdict)} after ${fed}:\n${[...history].map((op) => JSON.stringify(op)).join('\n')}`;
      if (verdict.validity === 'invalid') {
        seen.invalid++;
        if (verdict.sentence.includes('certainly failed')) seen.withdrawn++;
        if (!isBad(model, history, fed)) throw new Error(failure);
        // Where a value was written twice the answer may lag behind.
        if (verdict.sentence.includes('no order of the operations')) continue;
        if (isBad(model, history, fed - 1)) throw new Error(`not the first: ${failure}`);
      } else {
        seen.valid++;
        if (verdict.validity === 'unknown' || isBad(model, history)) throw new Error(failure);
      }
    }
    expect(seen.valid).toBeGreaterThan(histories / 5);
    expect(seen.invalid).toBeGreaterThan(histories / 5);
    expect(seen.withdrawn).toBeGreaterThan(histories / 1000);
  });

  it('with repeated values, or under a model without moves, has the verdict of brute force at the end', {
    timeout: 240_000,
  }, () => {
    const seen = { valid: 0, invalid: 0, early: 0 };
    for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
      const { model, history } = small(seed, 1 + (seed % 3));
      const withoutMoves: Partial<Model<RegisterState>> = { ...model };
      delete withoutMoves.move;
      const { verdict, fed } = judged(seed % 2 === 0 ? model : (withoutMoves as typeof model), history, {
        sweepAlways: seed % 4 < 2,
      });
      const failure = `seed ${seed}: ${JSON.stringify(verdict)} after ${fed}:\n${[...history].map((op) => JSON.stringify(op)).join('\n')}`;
      if (verdict.validity === 'unknown') throw new Error(failure);
      const isInvalid = verdict.validity === 'invalid';
      seen[isInvalid ? 'invalid' : 'valid']++;
      if (isInvalid && fed < history.length) seen.early++;
      if (isBad(model, history, fed) !== isInvalid) throw new Error(failure);
    }
    expect(seen.valid).toBeGreaterThan(histories / 5);
    expect(seen.invalid).toBeGreaterThan(histories / 5);
    expect(seen.early).toBeGreaterThan(histories / 20);
  });
});
