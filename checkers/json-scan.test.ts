import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bare, findFlaw, quoted } from './json-scan.ts';

function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Pieces that make JSON and near misses. */
const pieces = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"a"',
  '"b"',
  '"\\u00e9"',
  '"\\x"',
  '1',
  '-',
  '-1',
  '0',
  '01',
  '1.',
  '1.5',
  '1e5',
  'true',
  'fals',
  'null',
  ' ',
  '\t',
  '"',
  '\u0001',
  'é',
);

describe('findFlaw', () => {
  it('takes any text of pieces exactly when JSON.parse does, losses aside', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const flaw = findFlaw(parts.join(''), 100);
        // These are JSON, and refused for what JSON.parse would lose of them.
        const lossy = /for the second time|too large|too small|lose digits/.test(flaw?.what ?? '');
        if (!lossy) expect(flaw === undefined).toBe(accepts(parts.join('')));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2), (value, indent) => {
        expect(findFlaw(JSON.stringify(value, undefined, indent), 100)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['{"a":1', 6, 'the text ends too early'],
    ['{"a":"x', 7, 'the text ends within a string'],
    ['{"a":tru}', 5, 'found "tru}"; allowed here: a value'],
    ['{a:1}', 1, 'found "a:1}"; allowed here: a name in double quotes'],
    ['{"a" 1}', 5, 'found "1}"; allowed here: ":"'],
    ['[1 2]', 3, 'found "2]"; allowed here: "," or "]"'],
    ['{"a":1 "b"', 7, 'found "\\"b\\""; allowed here: "," or "}"'],
    ['[1] x', 4, 'found "x"; allowed here: the end of the line'],
    ['["\\q"]', 2, 'an escape that JSON does not know'],
    ['["a\u0001"]', 3, 'found "\\u0001\\"]"; allowed here: characters of a string, escaped'],
    ['[[[[1]]]]', 3, 'nested deeper than 3 levels'],
    ['{"a":{"b":1,"\\u0062":2}}', 12, 'the name "b" for the second time; each is allowed once'],
  ])('of %s tells the place and what is wrong', (text, at, what) => {
    expect(findFlaw(text, 3)).toEqual({ at, what });
  });

  it.each(['9007199254740993', '-9007199254740993', '123456789012345678901', '1e999', '-1e999', '1e-999'])(
    'refuses %s, which would be read as another number',
    (text) => {
      expect(findFlaw(`[${text}]`, 9)?.what).toMatch(/would lose digits|too large|too small/);
    },
  );

  it.each([
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '1e21',
    '0.1',
    '-0',
    '0e7',
    '0.10000000000000000555',
  ])('takes %s', (text) => {
    expect(findFlaw(text, 9)).toBeUndefined();
  });

  it('takes every number as it is written by JSON.stringify', () => {
    const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    fc.assert(
      fc.property(numbers, (value) => {
        expect(findFlaw(JSON.stringify(value), 9)).toBeUndefined();
      }),
    );
  });

  it('does not mind a hundred thousand brackets, nor a number or a string of a million characters', () => {
    expect(findFlaw('['.repeat(100_000), 100)?.what).toBe('nested deeper than 100 levels');
    expect(findFlaw('['.repeat(100_000), 200_000)?.what).toBe('the text ends too early');
    expect(findFlaw('9'.repeat(1_000_000), 9)?.what).toMatch(/^the number 9{40}… is too large$/);
    expect(findFlaw(`"${'\\n'.repeat(500_000)}"`, 9)).toBeUndefined();
  });
});

describe('a piece of foreign text', () => {
  it('is short and holds nothing that a terminal obeys', () => {
    expect(quoted('x'.repeat(100))).toBe(`"${'x'.repeat(40)}…"`);
    expect(quoted('\u001b[2J\n\u009b\u202e\u0000"')).toBe('"\\u001b[2J\\n\\u009b\\u202e\\u0000\\""');
    expect(bare('{"a":"\u2028\u001b"}')).toBe('{"a":"\\u2028\\u001b"}');
  });
});
