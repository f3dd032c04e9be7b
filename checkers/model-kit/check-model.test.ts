// The kit finds each kind of fault in a model that has it on purpose, and none in our own models.

import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from '../json.ts';
import { Dice } from '../linearizable/random-model-history.fixture.ts';
import { simulatedObjects } from '../linearizable/simulated-objects.fixture.ts';
import { illegal, legal, type Model } from '../model.ts';
import { casRegister } from '../models/cas-register.ts';
import { counter } from '../models/counter.ts';
import { map } from '../models/map.ts';
import type { RegisterState } from '../models/register.ts';
import { models } from '../models/registry.ts';
import type { Call, Result } from '../op.ts';
import { assertModel, checkModel, type FindingKind, type ModelTrial } from './check-model.ts';

/** Calls and answers of a simulated object that has the model's name. */
function trialOf(name: string): ModelTrial {
  const dice = new Dice(7);
  const calls = new Map<string, Call>();
  for (let seed = 0; seed < 40; seed++) {
    const object = simulatedObjects[name]?.(new Dice(seed));
    if (object === undefined) throw new Error(`no object ${name}`);
    for (let i = 0; i < 6; i++) {
      const call = object.call(i % 3);
      if (calls.size < 20) calls.set(JSON.stringify(call), call);
    }
  }
  const answers = new Map(
    [...calls].map(([text, call]) => {
      const object = simulatedObjects[name]?.(dice);
      return [text, Array.from({ length: 6 }, () => object?.anyAnswer(call) ?? {})];
    }),
  );
  const results = (call: Call): Result[] => answers.get(JSON.stringify(call)) ?? [];
  return { calls: [...calls.values()], results };
}

describe('the kit', () => {
  it.each(models)('finds nothing wrong with our $name', ({ name, make }) => {
    expect(checkModel(make(), trialOf(name))).toEqual([]);
  });

  const trial = trialOf('cas-register');
  const register = casRegister();
  const broken = (change: Partial<Model<RegisterState>>): Model<unknown> => ({ ...register, ...change });
  let turn = 0;
  /** A queue that puts into the list that it was given. */
  const mutating: Model<Json[]> = {
    name: 'queue',
    keyed: true,
    init: () => [],
    key: (state) => canonicalJson(state),
    describe: (state) => canonicalJson(state),
    isObserver: () => false,
    step(state, call, result) {
      if (call.f === 'enqueue') state.push(call.value as Json);
      else if (result !== undefined && result.value !== state[0]) return illegal(() => 'another is first');
      return legal(state);
    },
  };
  const wrong: [FindingKind, Model<unknown>, ModelTrial][] = [
    [
      'throws',
      broken({
        step: () => {
          throw new Error('no');
        },
      }),
      trial,
    ],
    [
      'not total',
      broken({
        step: (state, call, result) =>
          call.f === 'cas' && result === undefined && state !== 1
            ? illegal(() => 'no match')
            : register.step(state, call, result),
      }),
      trial,
    ],
    [
      'not deterministic',
      broken({
        step: (state, call, result) =>
          call.f === 'write' ? legal(turn++) : register.step(state, call, result),
      }),
      trial,
    ],
    ['changes its argument', mutating, trialOf('queue')],
    [
      'one key for different states',
      broken({ key: (state) => (state === 2 ? 1 : register.key(state)) }),
      trial,
    ],
    ['observer changes', broken({ isObserver: () => true }), trial],
    ['move disagrees', broken({ move: () => ({}) }), trial],
    [
      'parts overlap',
      {
        ...(map() as Model<unknown>),
        parts: (call) => (call.f === 'read' ? [(call.value as string[])[0] as string] : map().parts?.(call)),
      },
      {
        calls: [
          { f: 'write', value: { a: 1 } },
          { f: 'write', value: { b: 1 } },
          { f: 'read', value: ['a', 'b'] },
        ],
        results: () => [{ value: { a: 1 } }, { value: { b: 1 } }, { value: { a: 1, b: 1 } }],
      },
    ],
    ['commutes wrongly', { ...(counter() as Model<unknown>), commutes: () => true }, trialOf('counter')],
  ];

  it.each(wrong)('finds what is wrong with a model: %s', (kind, model, its) => {
    const kinds = checkModel(model, its).map((finding) => finding.kind);
    expect(kinds).toContain(kind);
    expect(() => assertModel(model, its)).toThrow(`the model ${model.name}: `);
  });

  it('draws the same from the same seed, and refuses calls that the model refuses', () => {
    const bad = { ...register, move: () => ({}) };
    expect(checkModel(bad, { ...trial, seed: 5 })).toEqual(checkModel(bad, { ...trial, seed: 5 }));
    expect(() => checkModel(register, { calls: [{ f: 'push' }] })).toThrow('the model refuses {"f":"push"}');
    expect(() => checkModel(register, { calls: [] })).toThrow('no calls to try');
  });
});
