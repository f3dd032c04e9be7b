import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../checkers/json.ts';
import { type Command, decodeCommand, encodeCommand } from './command.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ op: fc.constant('write' as const), key: fc.string({ unit: 'binary' }), value: json }),
  fc.record({ op: fc.constant('cas' as const), key: fc.string({ unit: 'binary' }), from: json, to: json }),
);

describe('a command', () => {
  it('comes back from its text as it was', () => {
    fc.assert(
      fc.property(command, (original) => {
        const text = encodeCommand(original);
        expect(encodeCommand(decodeCommand(text))).toBe(text);
        expect(decodeCommand(text)).toMatchObject({ op: original.op, key: original.key });
      }),
    );
  });

  it('has the text that stays on disk', () => {
    expect(encodeCommand({ op: 'write', key: 'x', value: { b: 1, a: null } })).toBe(
      '{"key":"x","op":"write","value":{"a":null,"b":1}}',
    );
    expect(encodeCommand({ op: 'cas', key: 'x', from: null, to: [2] })).toBe(
      '{"from":null,"key":"x","op":"cas","to":[2]}',
    );
  });

  it('has one text whatever the order of members', () => {
    expect(encodeCommand({ op: 'write', key: 'x', value: { a: 1, b: 2 } })).toBe(
      encodeCommand({ op: 'write', key: 'x', value: { b: 2, a: 1 } }),
    );
  });

  it('keeps a member named __proto__', () => {
    const value = JSON.parse('{"__proto__":{"a":1}}') as Json;
    expect(encodeCommand(decodeCommand(encodeCommand({ op: 'write', key: '__proto__', value })))).toContain(
      '"value":{"__proto__":{"a":1}}',
    );
  });

  it('is not written when JSON cannot carry its value', () => {
    expect(() => encodeCommand({ op: 'write', key: 'x', value: Number.NaN })).toThrow(TypeError);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"write"',
    '{}',
    '{"op":"write","key":"x"}',
    '{"op":"write","key":3,"value":1}',
    '{"op":"cas","key":"x","from":1}',
    '{"op":"cas","key":"x","to":1}',
    '{"op":"delete","key":"x","value":1}',
  ])('is not read from %j', (text) => {
    expect(() => decodeCommand(text)).toThrow(/^not a register command: "/);
  });

  it('is named by its beginning only when its text is long and wrong', () => {
    expect(() => decodeCommand('x'.repeat(5000))).toThrow(/^.{20,130}$/);
  });
});
