import { describe, expect, test } from 'vitest';
import type { Call } from '../../checkers/op.ts';
import { errorKinds, isDefinite } from './errors.ts';
import { failure, outcomeOf, requestOf } from './exchange.ts';

const read: Call = { f: 'read', key: 'a' };
const write: Call = { f: 'write', key: 'a', value: 1 };
const cas: Call = { f: 'cas', key: 'a', value: [1, 2] };

function error(code: string, definite: boolean): string {
  return JSON.stringify({ error: { code, message: 'm', definite } });
}

describe('calls as requests', () => {
  test('each call is one request', () => {
    expect(requestOf(read)).toEqual({ method: 'GET', path: '/registers/a' });
    expect(requestOf(write)).toEqual({ method: 'PUT', path: '/registers/a', body: '1' });
    expect(requestOf(cas)).toEqual({ method: 'POST', path: '/registers/a/cas', body: '{"from":1,"to":2}' });
  });

  test('a key may hold any character', () => {
    expect(requestOf({ f: 'read', key: 'a/b?c %ü' }).path).toBe('/registers/a%2Fb%3Fc%20%25%C3%BC');
  });

  test('pitfall 14: values keep their types on the way out, and what JSON cannot carry is refused', () => {
    const bodyOf = (value: NonNullable<Call['value']> | null) => requestOf({ ...write, value }).body;
    expect(bodyOf('3')).toBe('"3"');
    expect(bodyOf(3.0)).toBe('3');
    expect(bodyOf([3])).toBe('[3]');
    expect(bodyOf(-0)).toBe('0');
    expect(bodyOf(null)).toBe('null');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, [Number.NaN]]) {
      expect(() => bodyOf(value)).toThrow('not a JSON value');
    }
    expect(() => requestOf({ f: 'write', key: 'a' })).toThrow('a write needs a value');
    expect(() => requestOf({ f: 'cas', key: 'a', value: [1] })).toThrow('of the form [from, to]');
  });
});

describe('replies as outcomes', () => {
  test('what happened is ok', () => {
    expect(outcomeOf(read, 200, '{"value":7}')).toEqual({ type: 'ok', value: 7 });
    expect(outcomeOf(write, 200, '{"written":true}')).toEqual({ type: 'ok' });
    expect(outcomeOf(cas, 200, '{"swapped":true}')).toEqual({ type: 'ok' });
  });

  test('an absent key is not null', () => {
    expect(outcomeOf(read, 200, '{}')).toEqual({ type: 'ok' });
    expect(outcomeOf(read, 200, '{"value":null}')).toEqual({ type: 'ok', value: null });
  });

  test('pitfall 6: a cas that did not match is a definite fail and carries what it found', () => {
    const mismatch = (found: string) => outcomeOf(cas, 200, `{"swapped":false,"found":${found}}`);
    expect(mismatch('{"value":3}')).toMatchObject({
      type: 'fail',
      error: { code: 'cas-mismatch' },
      found: { value: 3 },
    });
    expect(mismatch('{}')).toMatchObject({ type: 'fail', found: {} });
    expect(mismatch('3')).toMatchObject({ type: 'info', error: { code: 'unintelligible' } });
  });

  test('pitfall 13: a write completes without a value, whatever the server echoes', () => {
    expect(outcomeOf(write, 200, '{"written":true,"value":99,"revision":5}')).toEqual({ type: 'ok' });
  });

  test('pitfall 14: values keep their types on the way in', () => {
    for (const [text, value] of [
      ['3', 3],
      ['3.0', 3],
      ['"3"', '3'],
      ['[3]', [3]],
      ['-0', 0],
    ] as const) {
      expect(outcomeOf(read, 200, `{"value":${text}}`)).toStrictEqual({ type: 'ok', value });
    }
    expect(outcomeOf(write, 200, '{"value":1e999}')).toMatchObject({ type: 'info' });
  });

  test('pitfall 2: a server error of unknown cause is info for what mutates', () => {
    for (const call of [write, cas]) {
      for (const body of ['', 'Internal Server Error', '{}', '{"error":{}}', '[]', 'null', '{"error":"x"}']) {
        const outcome = outcomeOf(call, 500, body);
        expect(outcome, body).toMatchObject({ type: 'info', error: { code: 'unintelligible' } });
      }
    }
  });

  test('a success that does not say so is info, never ok', () => {
    for (const body of ['', '{}', '{"written":false}', '{"written":1}', '{"written":true', '{"swapped":1}']) {
      expect(outcomeOf(write, 200, body), body).toMatchObject({ type: 'info' });
      expect(outcomeOf(cas, 200, body), body).toMatchObject({ type: 'info' });
    }
    expect(outcomeOf(read, 200, '{"written":true}')).toMatchObject({ type: 'fail' });
    expect(outcomeOf(write, 503, '{"written":true}')).toMatchObject({ type: 'info' });
  });

  test('pitfall 7: a read that went wrong is fail, whatever went wrong', () => {
    for (const code of Object.keys(errorKinds)) {
      expect(outcomeOf(read, 503, error(code, false)).type, code).toBe('fail');
    }
    expect(outcomeOf(read, 500, 'garbage').type).toBe('fail');
  });

  test('pitfall 4: a node that is no leader refuses definitely, a deposed one does not', () => {
    expect(outcomeOf(write, 503, error('not-leader', true)).type).toBe('fail');
    expect(outcomeOf(write, 503, error('no-leader', true)).type).toBe('fail');
    expect(outcomeOf(write, 503, error('abandoned', false)).type).toBe('info');
  });

  test('pitfall 5: what a leader abandons on stepping down is info, even if a server should call it definite', () => {
    expect(outcomeOf(write, 503, error('abandoned', true)).type).toBe('info');
    expect(outcomeOf(cas, 503, error('forward-lost', true)).type).toBe('info');
  });

  test('pitfall 12: a code that the table does not list is info', () => {
    for (const code of ['brand-new', 'toString', '__proto__', '']) {
      expect(outcomeOf(write, 503, error(code, true)), code).toMatchObject({ type: 'info', error: { code } });
      expect(isDefinite(code), code).toBe(false);
    }
  });

  test('every definite code of the table is fail, every other one info', () => {
    for (const [code, { definite, sentence }] of Object.entries(errorKinds)) {
      expect(outcomeOf(write, 503, error(code, definite)).type, code).toBe(definite ? 'fail' : 'info');
      expect(sentence, code).not.toBe('');
    }
    expect(failure(write, 'connection-lost', 'ECONNRESET')).toEqual({
      type: 'info',
      error: {
        code: 'connection-lost',
        message: 'the connection ended after the request had been sent: ECONNRESET',
      },
    });
  });
});
