import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../checkers/json.ts';
import type { Command } from './command.ts';
import { RegisterMap } from './register.ts';

describe('a register map', () => {
  it('knows no key at first, and absent is not null', () => {
    const map = new RegisterMap();
    expect(map.read('x')).toEqual({});
    expect('value' in map.read('x')).toBe(false);
    map.apply({ op: 'write', key: 'x', value: null });
    expect(map.read('x')).toEqual({ value: null });
  });

  it('gives what was written last, for each key its own', () => {
    const map = new RegisterMap();
    expect(map.apply({ op: 'write', key: 'x', value: 1 })).toEqual({ kind: 'written' });
    map.apply({ op: 'write', key: 'y', value: 2 });
    map.apply({ op: 'write', key: 'x', value: 3 });
    expect([map.read('x'), map.read('y')]).toEqual([{ value: 3 }, { value: 2 }]);
  });

  it('swaps when the key holds what is expected', () => {
    const map = new RegisterMap();
    map.apply({ op: 'write', key: 'x', value: { a: 1, b: [2] } });
    expect(map.apply({ op: 'cas', key: 'x', from: { b: [2], a: 1 }, to: 3 })).toEqual({ kind: 'swapped' });
    expect(map.read('x')).toEqual({ value: 3 });
  });

  it.each<{ held: Json; from: Json }>([
    { held: 1, from: 2 },
    { held: 3, from: '3' },
    { held: null, from: 0 },
    { held: null, from: false },
    { held: [3], from: 3 },
    { held: {}, from: [] },
  ])('changes nothing when the key holds $held and not $from, and says what it found', ({ held, from }) => {
    const map = new RegisterMap();
    map.apply({ op: 'write', key: 'x', value: held });
    const before = map.hash();
    expect(map.apply({ op: 'cas', key: 'x', from, to: 9 })).toEqual({
      kind: 'mismatch',
      found: { value: held },
    });
    expect(map.hash()).toBe(before);
  });

  it('has no value that an absent key would equal', () => {
    const map = new RegisterMap();
    expect(map.apply({ op: 'cas', key: 'x', from: null, to: 9 })).toEqual({ kind: 'mismatch', found: {} });
    expect(map.read('x')).toEqual({});
  });

  it.each(['__proto__', 'constructor', 'toString', '', ' ', '\u0000', '\ud800'])(
    'takes %j for a key',
    (key) => {
      const map = new RegisterMap();
      expect(map.read(key)).toEqual({});
      map.apply({ op: 'write', key, value: 'mine' });
      expect(map.read(key)).toEqual({ value: 'mine' });
      expect(map.read(`${key}x`)).toEqual({});
      expect(Object.prototype).not.toHaveProperty('mine');
    },
  );
});

describe('the hash of a register map', () => {
  it('is equal for equal states, whatever the order in which keys came in', () => {
    const writes = fc.uniqueArray(fc.tuple(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>), {
      selector: ([key]) => key,
      minLength: 1,
      maxLength: 8,
    });
    const shuffled = writes.chain((one) =>
      fc.tuple(fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(mapOf(one).hash()).toBe(mapOf(other).hash());
      }),
    );
  });

  it('differs where states differ', () => {
    const states: readonly (readonly (readonly [string, Json])[])[] = [
      [],
      [['x', null]],
      [['x', 0]],
      [['x', '0']],
      [['x', [0]]],
      [['y', 0]],
      [['x', 1]],
      [
        ['x', 0],
        ['y', 0],
      ],
      [
        ['x', 0],
        ['xy', 0],
      ],
      [['xy', 0]],
    ];
    expect(new Set(states.map((state) => mapOf(state).hash())).size).toBe(states.length);
  });

  it('differs for every one of many states that differ in a digit', () => {
    const hashes = Array.from({ length: 20_000 }, (_, number) => mapOf([['x', number]]).hash());
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('forgets what was overwritten', () => {
    const once = mapOf([['x', 2]]);
    const twice = mapOf([
      ['x', 1],
      ['x', 2],
    ]);
    expect(twice.hash()).toBe(once.hash());
    expect(once.hash()).toMatch(/^[0-9a-f]{16}$/);
  });
});

function mapOf(writes: readonly (readonly [string, Json])[]): RegisterMap {
  const map = new RegisterMap();
  for (const [key, value] of writes) map.apply({ op: 'write', key, value } satisfies Command);
  return map;
}
