import { describe, expect, test } from 'vitest';
import type { Call } from '../../checkers/op.ts';
import { type TextCall, textCall } from '../client/text-call.ts';
import { etcdErrorKind } from './errors.ts';
import { outcomeOf, requestOf } from './exchange.ts';

const read: Call = { f: 'read', key: 'a' };
const write: Call = { f: 'write', key: 'a', value: { y: [1], x: 'ü' } };
const cas: Call = { f: 'cas', key: 'a', value: [1, 2] };

const header = { cluster_id: '1', member_id: '2', revision: '3', raft_term: '4' };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const entry = (text: string) => ({ key: base64('a'), value: base64(text), mod_revision: '3' });
const reply = (body: object) => JSON.stringify({ header, ...body });

function bodyOf(call: Call, serializable = false): unknown {
  const { method, path, body = '' } = requestOf(textCall(call) as TextCall, { serializable });
  return { method, path, body: JSON.parse(body) as unknown };
}

describe('calls as requests', () => {
  test('a read is a range over one key, of a majority or of whoever is asked', () => {
    const key = base64('a');
    expect(bodyOf(read)).toEqual({ method: 'POST', path: '/v3/kv/range', body: { key } });
    expect(bodyOf(read, true)).toMatchObject({ body: { key, serializable: true } });
  });

  test('a write carries its value as canonical JSON', () => {
    expect(bodyOf(write)).toEqual({
      method: 'POST',
      path: '/v3/kv/put',
      body: { key: base64('a'), value: base64('{"x":"ü","y":[1]}') },
    });
  });

  test('a cas compares the value, and reads it where it does not match', () => {
    expect(bodyOf(cas)).toEqual({
      method: 'POST',
      path: '/v3/kv/txn',
      body: {
        compare: [{ key: base64('a'), target: 'VALUE', result: 'EQUAL', value: base64('1') }],
        success: [{ requestPut: { key: base64('a'), value: base64('2') } }],
        failure: [{ requestRange: { key: base64('a') } }],
      },
    });
  });

  test('what is no call of the register, or no JSON, is none', () => {
    const wrong: Call[] = [
      { f: 'read' },
      { f: 'append', key: 'a', value: 1 },
      { f: 'write', key: 'a' },
      { f: 'write', key: 'a', value: Number.NaN },
      { f: 'cas', key: 'a', value: [1] },
      { f: 'cas', key: 'a', value: [1, 2, 3] },
    ];
    for (const call of wrong) expect(textCall(call), JSON.stringify(call)).toBeUndefined();
  });
});

describe('replies as outcomes', () => {
  test('a read finds a value, null, or nothing', () => {
    const found = (text: string) => outcomeOf(read, 200, reply({ kvs: [entry(text)], count: '1' }));
    expect(found('{"x":[1]}')).toEqual({ type: 'ok', value: { x: [1] } });
    expect(found('null')).toEqual({ type: 'ok', value: null });
    expect(outcomeOf(read, 200, reply({}))).toEqual({ type: 'ok' });
  });

  test('what does not clearly say "absent" is not absent', () => {
    for (const body of ['', '{}', '[]', '{"header":{}}', reply({ count: '1' }), reply({ kvs: [] })]) {
      expect(outcomeOf(read, 200, body), body).toMatchObject({
        type: 'fail',
        error: { code: 'unintelligible' },
      });
    }
    const stranger = { ...entry('1'), key: base64('b') };
    expect(outcomeOf(read, 200, reply({ kvs: [stranger], count: '1' })).type).toBe('fail');
    expect(outcomeOf(read, 200, reply({ kvs: [entry('1e999')], count: '1' })).type).toBe('fail');
  });

  test('a write happened when the store answers with a revision', () => {
    expect(outcomeOf(write, 200, reply({}))).toEqual({ type: 'ok' });
    for (const body of ['', '{}', 'null', '{"header":{"cluster_id":"1"}}']) {
      expect(outcomeOf(write, 200, body), body).toMatchObject({ type: 'info' });
    }
  });

  test('a cas happened, or found something else, or found nothing', () => {
    const put = { response_put: { header: { revision: '3' } } };
    const range = (more: object) => ({ response_range: { header: { revision: '3' }, ...more } });
    expect(outcomeOf(cas, 200, reply({ succeeded: true, responses: [put] }))).toEqual({ type: 'ok' });
    expect(
      outcomeOf(cas, 200, reply({ responses: [range({ kvs: [entry('7')], count: '1' })] })),
    ).toMatchObject({ type: 'fail', error: { code: 'cas-mismatch' }, found: { value: 7 } });
    const absent = outcomeOf(cas, 200, reply({ responses: [range({})] }));
    expect(absent).toMatchObject({ type: 'fail', error: { code: 'cas-mismatch' } });
    expect(absent).toHaveProperty('found', {});
  });

  test('a cas that does not clearly say so is info', () => {
    const put = { response_put: {} };
    for (const body of [
      reply({}),
      reply({ succeeded: true }),
      reply({ responses: [] }),
      reply({ responses: [put] }),
      reply({ succeeded: true, responses: [{ response_range: {} }] }),
      reply({ responses: [{ response_range: {} }] }),
    ]) {
      expect(outcomeOf(cas, 200, body), body).toMatchObject({ type: 'info' });
    }
  });
});

describe('errors', () => {
  const error = (sentence: string) => JSON.stringify({ error: sentence, message: sentence, code: 14 });
  const definite = [
    'etcdserver: key is not provided',
    'etcdserver: request is too large',
    'etcdserver: too many requests',
  ];
  const indefinite = [
    'etcdserver: no leader',
    'etcdserver: leader changed',
    'etcdserver: not leader',
    'etcdserver: server stopped',
    'etcdserver: request timed out',
    'etcdserver: request timed out, possibly due to previous leader failure',
    'etcdserver: request timed out, possibly due to connection lost',
    'etcdserver: mvcc: database space exceeded',
    'context deadline exceeded',
    'raft proposal dropped',
    'transport is closing',
    'a sentence that nobody knows',
    'toString',
    '__proto__',
    '',
  ];

  test('what etcd says before it proposes anything is fail', () => {
    for (const sentence of definite) {
      expect(outcomeOf(write, 429, error(sentence)), sentence).toMatchObject({
        type: 'fail',
        error: { message: sentence },
      });
    }
  });

  test('everything else is info, an unknown sentence too', () => {
    for (const sentence of indefinite) {
      expect(outcomeOf(write, 503, error(sentence)).type, sentence).toBe('info');
      expect(outcomeOf(cas, 503, error(sentence)).type, sentence).toBe('info');
      expect(etcdErrorKind(sentence).definite, sentence).toBe(false);
    }
    for (const body of ['', 'Not Found', '{}', '{"error":7}', reply({})]) {
      expect(outcomeOf(write, 500, body), body).toMatchObject({
        type: 'info',
        error: { code: 'unintelligible' },
      });
    }
  });

  test('a read that went wrong is fail, whatever went wrong', () => {
    for (const sentence of [...definite, ...indefinite]) {
      expect(outcomeOf(read, 503, error(sentence)).type, sentence).toBe('fail');
    }
  });
});
