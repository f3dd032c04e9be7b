// What is read off the columns of a history is what its operations as objects say.

import { describe, expect, it } from 'vitest';
import { History, type NewOp } from '../history.ts';
import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import { casRegister } from '../models/cas-register.ts';
import { type RegisterState, register } from '../models/register.ts';
import { scripted } from './history-script.fixture.ts';
import { type Moves, movesOf } from './moves.ts';
import { type Split, split, splitColumns, splitObjects } from './parts.ts';
import { randomNumbers } from './random-history.fixture.ts';

const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 40_000_000);

/** Of each model. */
const histories = process.env['FAULTLINE_LONG'] === undefined ? 400 : 20_000;

const values: Json[] = [null, 0, 1, 2, -3, 2 ** 31, 2 ** 40, 1.5, '1', '', 'x', [1, 2], { a: 1, b: [null] }];

/** Anything that a history of a register may hold: keys, nemesis, all outcomes, values of every kind. */
function drawn(seed: number, functions: readonly string[]): History {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const pick = <T>(from: readonly T[]): T => from[integer(from.length)] as T;
  const keys = [undefined, 'a', 'b', 'c'].slice(0, 1 + integer(4));
  const some = values.slice(integer(6), 6 + integer(8));
  const open = new Map<number, Omit<NewOp, 'time'>>();
  const ops: Omit<NewOp, 'time'>[] = [];
  let processes = 4;
  for (let i = 0; i < 40; i++) {
    if (random() < 0.05) ops.push({ process: 'nemesis', type: 'info', f: 'cut' });
    const process = processes - 1 - integer(4);
    const call = open.get(process);
    if (call === undefined) {
      const f = pick(functions);
      const key = pick(keys);
      const value = f === 'read' ? undefined : f === 'cas' ? [pick(some), pick(some)] : pick(some);
      const asked = { process, f, ...(key === undefined ? {} : { key }) };
      open.set(process, { ...asked, type: 'invoke', ...(value === undefined ? {} : { value }) });
      ops.push(open.get(process) as NewOp);
      continue;
    }
    open.delete(process);
    const type = pick(['ok', 'ok', 'fail', 'info'] as const);
    const { value: _, ...rest } = call;
    const told = random() < 0.2 ? {} : { value: pick(some) };
    const found = type === 'fail' && random() < 0.6 ? { found: told } : {};
    if (type === 'info') processes = Math.max(processes, process + 5);
    ops.push({ ...(call.f === 'read' && type === 'ok' ? { ...rest, ...told } : rest), type, ...found });
  }
  return History.of(ops.map((op, index) => ({ ...op, time: index })));
}

/** The same for numberings of states that differ in the names only. */
function renamed({ needs, leaves, events, states }: Moves): unknown {
  const numbers = new Map([[0, 0]]);
  const number = (state: number): number => {
    if (state === -1) return state;
    numbers.set(state, numbers.get(state) ?? numbers.size);
    return numbers.get(state) as number;
  };
  const named = Array.from(needs, (state, row) => [number(state), number(leaves[row] ?? -1)]);
  expect(Math.max(0, ...numbers.keys())).toBeLessThan(states);
  return { named, events: [...events] };
}

describe('a history split by key', () => {
  it.each([
    ['a register', register(), ['read', 'write']],
    ['a register of 1', register(1), ['read', 'write']],
    ['a cas-register', casRegister(), ['read', 'write', 'cas']],
    ['a cas-register of a list', casRegister([1, 2]), ['read', 'write', 'cas']],
    ['one register without keys', { ...casRegister(), keyed: false }, ['read', 'write', 'cas']],
  ] as [string, Model<RegisterState>, string[]][])(
    'is the same by columns and by objects: %s',
    (_, model, fs) => {
      for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
        const history = drawn(seed, fs);
        const byColumns = splitColumns(history, model);
        const byObjects = splitObjects(history.operations(), model) as Split<RegisterState>;
        const where = `seed ${seed}`;
        if (byColumns === undefined) throw new Error(`${where}: not read off the columns`);
        expect({ ...byColumns, parts: 0 }, where).toEqual({ ...byObjects, parts: 0 });
        expect(
          byColumns.parts.map(({ key, size }) => ({ key, size })),
          where,
        ).toEqual(byObjects.parts.map(({ key, size }) => ({ key, size })));
        for (const [i, part] of byColumns.parts.entries()) {
          const other = byObjects.parts[i];
          const moves = part.moves();
          if (moves === undefined || other === undefined) throw new Error(where);
          expect(part.operation(0), where).toEqual(other.operation(0));
          expect(part.operations(), where).toEqual(other.operations());
          expect(renamed(moves), where).toEqual(renamed(movesOf(model, other.operations()) as Moves));
        }
      }
    },
  );

  it('goes through objects when the model is not quite ours, and when it refuses a call', () => {
    const history = scripted('0 invoke write 1\n0 ok write 1');
    expect(splitColumns(history, casRegister())).toBeDefined();
    const model = register();
    expect(splitColumns(history, { ...model, step: (...args) => model.step(...args) })).toBeUndefined();
    expect(split(history, { ...register(), refuses: () => 'no' })).toEqual({
      refusal: 'cannot be judged: operation 0 is write, but no',
    });
    for (const script of ['0 invoke cas [1,2]', '0 invoke write', '0 invoke append 1']) {
      expect(splitColumns(scripted(script), register()), script).toBeUndefined();
      expect(split(scripted(script), register()), script).toHaveProperty('refusal');
    }
    expect(splitColumns(scripted('0 invoke cas [1,2,3]'), casRegister())).toBeUndefined();
  });
});
