import { describe, expect, it } from 'vitest';
import type { Call, Operation, Result } from '../checkers/op.ts';
import { keyText, operationText, valueText } from './operation-text.ts';

function operation(call: Call, result?: Result): Operation {
  const base = { id: 0, process: 0, call, invokedAt: 0, completedAt: result === undefined ? Infinity : 1 };
  return result === undefined ? base : { ...base, result };
}

describe('operations as labels', () => {
  it('tell the call and the answer', () => {
    expect(operationText(operation({ f: 'write', value: 2 }, { value: 2 }))).toBe('write 2 → ok');
    expect(operationText(operation({ f: 'write', value: 2 }, {}))).toBe('write 2 → ok');
    expect(operationText(operation({ f: 'write', value: 2 }))).toBe('write 2 → unknown');
    expect(operationText(operation({ f: 'read' }, { value: '1' }))).toBe('read → "1"');
    expect(operationText(operation({ f: 'read' }, { value: null }))).toBe('read → null');
    expect(operationText(operation({ f: 'read' }, {}))).toBe('read → absent');
    expect(operationText(operation({ f: 'cas', value: [1, 2] }, { value: [1, 2] }))).toBe('cas 1 ⇒ 2 → ok');
    expect(operationText(operation({ f: 'cas', value: [1, 2] }, { value: 3, mismatch: true }))).toBe(
      'cas 1 ⇒ 2 → found 3',
    );
    expect(operationText(operation({ f: 'cas', value: [1, 2] }, { mismatch: true }))).toBe(
      'cas 1 ⇒ 2 → found absent',
    );
    expect(operationText(operation({ f: 'add', value: 1 }, { value: 5 }))).toBe('add 1 → 5');
  });

  it('values are JSON, cut with their length told', () => {
    expect(valueText('a"b')).toBe('"a\\"b"');
    expect(valueText({ b: 1, a: [null] })).toBe('{"a":[null],"b":1}');
    expect(valueText('x'.repeat(100), 3)).toBe('"xxx"… (100 characters)');
    expect(valueText('\ud800')).toBe('"\\ud800"');
  });

  it('keys are bare where that cannot mislead', () => {
    expect([keyText('k17'), keyText('a b'), keyText('')]).toEqual(['k17', '"a b"', '""']);
  });
});
