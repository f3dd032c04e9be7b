import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json, maxNesting, sameValue } from './json.ts';

function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe('canonicalJson', () => {
  it('is the same for members in any order, and for -0 and 0', () => {
    expect(canonicalJson({ b: 1, a: [-0] })).toBe('{"a":[0],"b":1}');
    expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}');
  });

  it('keeps 3, "3", [3], null and {} apart', () => {
    const texts = [3, '3', [3], null, {}, [], '', false].map((value) => canonicalJson(value as Json));
    expect(new Set(texts).size).toBe(8);
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['a buffer', new Uint8Array(2)],
    ['a map', new Map()],
    ['undefined in an array', undefined],
  ])('refuses %s, which JSON would turn into something else', (_, value) => {
    expect(() => canonicalJson([value] as unknown as Json)).toThrow(/not a JSON value/);
  });

  it('refuses a value that is nested too deep instead of overflowing the stack', () => {
    expect(() => canonicalJson(nested(100_000))).toThrow('a value nested deeper than 100 levels');
    expect(canonicalJson(nested(maxNesting))).toHaveLength(2 * maxNesting + 1);
  });

  it('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(sameValue(JSON.parse(canonicalJson(value as Json)) as Json, value as Json)).toBe(true);
      }),
    );
  });
});

describe('sameValue', () => {
  it('compares as JSON does, and absent with nothing but absent', () => {
    expect(sameValue({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(sameValue(0, -0)).toBe(true);
    expect(sameValue(undefined, undefined)).toBe(true);
    expect(sameValue(undefined, null)).toBe(false);
    expect(sameValue(null, [])).toBe(false);
    expect(sameValue(3, '3')).toBe(false);
    expect(sameValue([3], 3)).toBe(false);
  });
});
