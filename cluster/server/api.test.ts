import { describe, expect, test } from 'vitest';
import { errorKinds, isServerErrorCode } from '../client/errors.ts';
import { formatReply, parseHttpRequest } from './api.ts';
import { errorReply } from './request.ts';

function parse(method: string, path: string, body: string | Uint8Array = '', tooLarge = false) {
  return parseHttpRequest({ method, path, body: Buffer.from(body as string), tooLarge });
}

function refusalOf(asked: ReturnType<typeof parse>): string {
  return asked.kind === 'refused' && asked.reply.kind === 'error' ? asked.reply.code : `taken: ${asked.kind}`;
}

describe('the HTTP API', () => {
  test('understands each request', () => {
    expect(parse('GET', '/status')).toEqual({ kind: 'status' });
    expect(parse('GET', '/ping')).toEqual({ kind: 'ping' });
    expect(parse('GET', '/registers/a%2Fb%20%C3%BC')).toEqual({
      kind: 'request',
      request: { op: 'read', key: 'a/b ü' },
    });
    expect(parse('PUT', '/registers/a', ' {"x": [1, null]} ')).toEqual({
      kind: 'request',
      request: { op: 'write', key: 'a', value: { x: [1, null] } },
    });
    expect(parse('POST', '/registers/a/cas', '{"to":2,"from":null}')).toEqual({
      kind: 'request',
      request: { op: 'cas', key: 'a', from: null, to: 2 },
    });
  });

  test('refuses definitely what it does not understand', () => {
    const refused: readonly (readonly [string, ReturnType<typeof parse>])[] = [
      ['not-found', parse('GET', '/')],
      ['not-found', parse('GET', '/registers/')],
      ['not-found', parse('GET', '/registers/a/b')],
      ['not-found', parse('GET', '/registers/a?stale=true')],
      ['not-found', parse('GET', 'http://elsewhere/status')],
      ['method-not-allowed', parse('POST', '/status')],
      ['method-not-allowed', parse('PUT', '/ping', '1')],
      ['method-not-allowed', parse('DELETE', '/registers/a')],
      ['method-not-allowed', parse('PUT', '/registers/a/cas', '{"from":1,"to":2}')],
      ['bad-request', parse('GET', '/registers/%ff')],
      ['bad-request', parse('GET', '/registers/%')],
      ['bad-request', parse('PUT', '/registers/a', '')],
      ['bad-request', parse('PUT', '/registers/a', '{')],
      ['bad-request', parse('PUT', '/registers/a', 'NaN')],
      ['bad-request', parse('PUT', '/registers/a', '1e999')],
      ['bad-request', parse('PUT', '/registers/a', '[[1e999]]')],
      ['bad-request', parse('PUT', '/registers/a', Buffer.from('"\xff"', 'latin1'))],
      ['bad-request', parse('POST', '/registers/a/cas', '{"from":1}')],
      ['bad-request', parse('POST', '/registers/a/cas', '{"from":1,"to":2,"if":3}')],
      ['bad-request', parse('POST', '/registers/a/cas', '[1,2]')],
      ['bad-request', parse('POST', '/registers/a/cas', 'null')],
      ['too-large', parse('PUT', '/registers/a', '', true)],
      ['too-large', parse('GET', `/registers/${'k'.repeat(1025)}`)],
    ];
    for (const [code, asked] of refused) expect(refusalOf(asked)).toBe(code);
  });

  test('pitfall 14: a value is stored as the type it was sent as', () => {
    const stored = (body: string) => parse('PUT', '/registers/a', body);
    for (const [body, value] of [
      ['3', 3],
      ['"3"', '3'],
      ['[3]', [3]],
      ['3.0', 3],
      ['null', null],
      ['""', ''],
    ] as const) {
      expect(stored(body)).toStrictEqual({ kind: 'request', request: { op: 'write', key: 'a', value } });
    }
  });

  test('tells absent from null', () => {
    expect(formatReply({ kind: 'found', found: {} })).toEqual({ status: 200, body: '{}' });
    expect(formatReply({ kind: 'found', found: { value: null } }).body).toBe('{"value":null}');
    expect(formatReply({ kind: 'mismatch', found: {} }).body).toBe('{"swapped":false,"found":{}}');
  });

  test('every error says its code, its sentence and whether it is definite', () => {
    for (const [code, kind] of Object.entries(errorKinds)) {
      if (!isServerErrorCode(code)) continue;
      const { status, body } = formatReply(errorReply(code));
      expect(status).toBe('status' in kind ? kind.status : undefined);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(JSON.parse(body)).toEqual({
        error: { code, message: kind.sentence, definite: kind.definite },
      });
    }
  });
});
