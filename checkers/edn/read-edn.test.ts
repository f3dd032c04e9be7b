import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edn, isKeywordText, isSymbolText, keyword } from './edn.ts';
import { EdnError, EdnReader, readEdn } from './read-edn.ts';
import { canonicalEdn, writeEdn } from './write-edn.ts';

function one(text: string): Edn | undefined {
  const forms = readEdn(text);
  expect(forms).toHaveLength(1);
  return forms[0];
}

function complaint(text: string): string {
  try {
    readEdn(text);
  } catch (error) {
    expect(error).toBeInstanceOf(EdnError);
    const { place, message } = error as EdnError;
    return `${place.line}:${place.column}: ${message}`;
  }
  throw new Error('it was not refused');
}

describe('readEdn', () => {
  it.each<[string, Edn]>([
    ['nil', null],
    ['-7', -7],
    ['+7N', 7],
    ['-0', 0],
    ['0x1F', 31],
    ['017', 15],
    ['2r101', 5],
    ['1.5', { kind: 'double', value: 1.5 }],
    ['3.0', { kind: 'double', value: 3 }],
    ['1e3', { kind: 'double', value: 1000 }],
    ['1.50M', { kind: 'decimal', digits: '1.50' }],
    ['2/4', { kind: 'ratio', numerator: 1, denominator: 2 }],
    ['4/2', 2],
    ['##Inf', { kind: 'double', value: Infinity }],
    ['##-Inf', { kind: 'double', value: -Infinity }],
    [':jepsen.client/timeout', keyword('jepsen.client/timeout')],
    ['n1', { kind: 'symbol', name: 'n1' }],
    ['-', { kind: 'symbol', name: '-' }],
    [String.raw`"a\"\\\n\u00e9\101"`, 'a"\\\né\u0041'],
    [String.raw`\a`, { kind: 'character', character: 'a' }],
    [String.raw`\newline`, { kind: 'character', character: '\n' }],
    [String.raw`\(`, { kind: 'character', character: '(' }],
    [String.raw`\u0041`, { kind: 'character', character: 'A' }],
    ['[1, 2,,3]', { kind: 'vector', items: [1, 2, 3] }],
    ['(1 (2))', { kind: 'list', items: [1, { kind: 'list', items: [2] }] }],
    ['#{1 2}', { kind: 'set', items: [1, 2] }],
    [
      '{0 100 1 0}',
      {
        kind: 'map',
        entries: [
          [0, 100],
          [1, 0],
        ],
      },
    ],
    ['#inst "2020"', { kind: 'tagged', tag: 'inst', form: '2020' }],
    [
      '#object[a.B 0x1f "x"]',
      {
        kind: 'tagged',
        tag: 'object',
        form: { kind: 'vector', items: [{ kind: 'symbol', name: 'a.B' }, 31, 'x'] },
      },
    ],
    [
      '#:a{:b 1 :_/c 2 :d/e 3 "f" 4}',
      {
        kind: 'map',
        entries: [
          [keyword('a/b'), 1],
          [keyword('c'), 2],
          [keyword('d/e'), 3],
          ['f', 4],
        ],
      },
    ],
    ['; comment\n1 ; end', 1],
    ['#_ #_ 1 2 3 #_[x]', 3],
    ['[1 #_ {2 3} 4]', { kind: 'vector', items: [1, 4] }],
    ['#a #_ b 1', { kind: 'tagged', tag: 'a', form: 1 }],
  ])('reads %s', (text, form) => {
    expect(one(text)).toEqual(form);
  });

  it.each([
    ['[1\n 2', '2:3: the text ends too early; allowed here: the rest of what began at line 1, column 1'],
    ['[1\n 2)', '2:3: found ")"; allowed here: a form or "]", since line 1, column 1 is open'],
    [']', '1:1: found "]" without its beginning; allowed here: an EDN form'],
    ['{:a}', '1:4: found "}" after a key; allowed here: its value'],
    ['{:a 1 :a 2}', '1:11: the key ":a" for the second time; each is allowed once'],
    ['#{[1] (1)}', '1:10: the item "[1]" for the second time; each is allowed once'],
    ['"a\nb', '1:1: the text ends within this string; allowed: its closing quote'],
    ['"a\n" :', '2:3: found ":"; allowed here: a keyword such as :read or :name/timeout'],
    ['::a', '1:1: found "::a"; allowed here: a keyword such as :read or :name/timeout'],
    [
      '9007199254740993',
      '1:1: the integer 9007199254740993 would lose digits; allowed: up to 2^53 - 1, larger ones as strings',
    ],
    [
      '9007199254740993N',
      '1:1: the integer 9007199254740993N would lose digits; allowed: up to 2^53 - 1, larger ones as strings',
    ],
    ['1e999', '1:1: the number 1e999 is too large; allowed: doubles'],
    ['1/0', '1:1: the ratio 1/0 divides by zero; allowed: a denominator from 1'],
    ['12x', '1:1: found "12x"; allowed here: a number such as 3, -1, 2.5 or 1/2'],
    [
      String.raw`"\q"`,
      String.raw`1:1: the escape "\\q" in a string; allowed: \" \\ \n \t \r \b \f and \u with four digits`,
    ],
    [
      String.raw`\abc`,
      String.raw`1:1: found "\\abc"; allowed here: a character such as \a, \newline or \u0041`,
    ],
    ['##Nope', '1:1: found "##Nope"; allowed here: ##Inf, ##-Inf or ##NaN'],
    ['#"re"', String.raw`1:1: found "#\"re\""; allowed after "#": {, _, #Inf, :namespace{ or a tag`],
    ['[#a]', '1:4: found "]" after "the tag #a"; allowed here: an EDN form'],
    ['^{:a 1} []', String.raw`1:1: found "^"; allowed here: an EDN form`],
    ['\u0000', String.raw`1:1: found "\u0000"; allowed here: an EDN form`],
  ])('refuses %j with its place', (text, message) => {
    expect(complaint(text)).toBe(message);
  });

  it('does not mind a million brackets, nor tokens and strings of a million characters', () => {
    for (const bracket of ['[', '(', '{', '#{', '#_', '#a ', '{:a ']) {
      expect(complaint(bracket.repeat(1_000_000))).toMatch(/nested deeper than 100 levels; allowed: 100$/);
    }
    expect(complaint('9'.repeat(1_000_000))).toMatch(/^1:1: the integer 9{40}… would lose digits/);
    expect(complaint(`1/${'9'.repeat(1_000_000)}`)).toMatch(/would lose digits/);
    expect(one(`"${'\\n'.repeat(500_000)}"`)).toBe('\n'.repeat(500_000));
    expect(complaint(`"${'x'.repeat(4_000_000)}`)).toMatch(/ends within this string/);
  });

  it('gives a token up that does not end', () => {
    const reader = new EdnReader({ maxNesting: 9, onForm: () => undefined });
    const push = () => {
      for (;;) reader.push('x'.repeat(1_000_000));
    };
    expect(push).toThrow('a token of more than 4194304 characters; allowed: smaller ones');
  });

  it('hands out the items of one vector or list as they come, with their places', () => {
    const seen: string[] = [];
    const reader = new EdnReader({
      maxNesting: 9,
      unwrap: true,
      onForm: (form, { line, column }) => seen.push(`${line}:${column} ${writeEdn(form)}`),
    });
    reader.push('#_[x] ; y\n[{:a 1}');
    reader.push(',\n  #r{:b [2]}');
    expect(seen).toEqual(['2:2 {:a 1}', '3:3 #r {:b [2]}']);
    reader.push(']');
    reader.end();
    expect(() => reader.push('3 ')).toThrow('found more after the end');
  });
});

const name = fc.stringMatching(/^[a-z*!?+<>=.-][a-z0-9*.-]{0,5}$/).filter((text) => isSymbolText(text));
const names = fc.oneof(
  name,
  fc.tuple(name, name).map((both) => both.join('/')),
);
const double = fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0));

const { form: forms } = fc.letrec<{ form: Edn }>((tie) => {
  const many = fc.array(tie('form'), { maxLength: 4 });
  const distinct = fc.uniqueArray(tie('form'), { maxLength: 4, selector: canonicalEdn });
  return {
    form: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger().map((value) => value + 0),
      fc.string({ unit: 'binary', maxLength: 6 }),
      names.filter((text) => isKeywordText(`:${text}`)).map(keyword),
      names.filter(isSymbolText).map((text): Edn => ({ kind: 'symbol', name: text })),
      double.map((value): Edn => ({ kind: 'double', value })),
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 1 })
        .map((character): Edn => ({ kind: 'character', character })),
      many.map((items): Edn => ({ kind: 'vector', items })),
      many.map((items): Edn => ({ kind: 'list', items })),
      distinct.map((items): Edn => ({ kind: 'set', items })),
      fc
        .tuple(distinct, many)
        .map(
          ([keys, values]): Edn => ({ kind: 'map', entries: keys.map((key, i) => [key, values[i] ?? null]) }),
        ),
      fc.tuple(name, tie('form')).map(([tag, form]): Edn => ({ kind: 'tagged', tag, form })),
    ),
  };
});

it('what is written is read back, in pieces of any size', () => {
  fc.assert(
    fc.property(forms, fc.array(fc.nat(7), { minLength: 1 }), (form, sizes) => {
      const text = `${writeEdn(form)} `;
      const seen: Edn[] = [];
      const reader = new EdnReader({ maxNesting: 100, onForm: (each) => seen.push(each) });
      let at = 0;
      for (let i = 0; at < text.length; i++) {
        const size = (sizes[i % sizes.length] ?? 0) + 1;
        reader.push(text.slice(at, at + size));
        at += size;
      }
      reader.end();
      expect(seen).toEqual([form]);
    }),
    { numRuns: 500 },
  );
});
