import { describe, expect, test } from 'vitest';
import type { Call } from '../../checkers/op.ts';
import { type TextCall, textCall } from '../client/text-call.ts';
import { redisErrorKind } from './errors.ts';
import { commandOf, outcomeOf, refusal } from './exchange.ts';

const read: Call = { f: 'read', key: 'a' };
const write: Call = { f: 'write', key: 'a', value: { y: 1, x: -0 } };
const cas: Call = { f: 'cas', key: 'a', value: [null, '2'] };
const of = (call: Call) => commandOf(textCall(call) as TextCall);

test('each call is one command, with values as canonical JSON', () => {
  expect(of(read)).toEqual(['GET', 'a']);
  expect(of(write)).toEqual(['SET', 'a', '{"x":0,"y":1}']);
  expect(of(cas)).toEqual(['EVAL', expect.stringContaining("redis.call('SET'"), '1', 'a', 'null', '"2"']);
});

describe('replies as outcomes', () => {
  test('what happened is ok', () => {
    expect(outcomeOf(read, '{"x":[1]}')).toEqual({ type: 'ok', value: { x: [1] } });
    expect(outcomeOf(read, 'null')).toEqual({ type: 'ok', value: null });
    expect(outcomeOf(read, null)).toEqual({ type: 'ok' });
    expect(outcomeOf(write, 'OK')).toEqual({ type: 'ok' });
    expect(outcomeOf(cas, ['swapped'])).toEqual({ type: 'ok' });
  });

  test('a cas that did not match tells what it found', () => {
    expect(outcomeOf(cas, ['found', '7'])).toMatchObject({
      type: 'fail',
      error: { code: 'cas-mismatch' },
      found: { value: 7 },
    });
    expect(outcomeOf(cas, ['absent'])).toHaveProperty('found', {});
  });

  test('what does not clearly say so is info, and for a read fail', () => {
    for (const reply of [
      '',
      'QUEUED',
      'ok',
      1,
      null,
      undefined,
      [],
      ['found'],
      ['found', 'x'],
      ['swapped', '1'],
    ]) {
      expect(outcomeOf(write, reply), String(reply)).toMatchObject({
        type: 'info',
        error: { code: 'unintelligible' },
      });
      expect(outcomeOf(cas, reply), String(reply)).toMatchObject({ type: 'info' });
    }
    for (const reply of ['', 'x', '1e999', 1, undefined, []]) {
      expect(outcomeOf(read, reply), String(reply)).toMatchObject({
        type: 'fail',
        error: { code: 'unintelligible' },
      });
    }
  });
});

describe('errors', () => {
  const definite = [
    "READONLY You can't write against a read only replica.",
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'NOREPLICAS Not enough good replicas to write.',
    'MISCONF Errors writing to the AOF file: No space left on device',
    "OOM command not allowed when used memory > 'maxmemory'.",
    'BUSY Redis is busy running a script.',
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'NOAUTH Authentication required.',
  ];
  const indefinite = [
    'ERR anything at all',
    'UNBLOCKED force unblock',
    'readonly',
    'toString',
    '__proto__ x',
    '',
  ];

  test('what Redis says before it executes anything is fail', () => {
    for (const message of definite) {
      expect(refusal(write, message), message).toMatchObject({ type: 'fail', error: { message } });
    }
  });

  test('everything else is info, and for a read fail', () => {
    for (const message of indefinite) {
      expect(refusal(write, message), message).toMatchObject({
        type: 'info',
        error: { code: 'redis-error' },
      });
      expect(refusal(read, message).type, message).toBe('fail');
      expect(redisErrorKind(message).definite, message).toBe(false);
    }
  });
});
