// The HTTP face of the register, as pure functions: from a request line and a body to what is asked, and from a reply
// to a status and JSON. Simple enough for curl; docs are the table below.
//
//   GET  /registers/KEY                         → {"value": …}, or {} when the key is absent (which is not null)
//   PUT  /registers/KEY      VALUE              → {"written": true}
//   POST /registers/KEY/cas  {"from":…,"to":…}  → {"swapped": true}, or {"swapped": false, "found": {"value": …}}
//   GET  /status
//   GET  /ping                                  → {}, of no other use than to be answered
//
// KEY is percent-encoded, VALUE is any JSON. Every error is {"error": {"code", "message", "definite"}}; see
// client/errors.ts.

import { canonicalJson, type Json } from '../../checkers/json.ts';
import { errorKinds, isDefinite } from '../client/errors.ts';
import type { HttpReply, HttpRequest } from './host.ts';
import { errorReply, type Reply, type Request } from './request.ts';

export const maxBodyBytes = 64 * 1024;
const maxKeyLength = 1024;

export type Asked =
  | { readonly kind: 'status' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'refused'; readonly reply: Reply };

class Refusal extends Error {
  readonly reply: Reply;
  constructor(...reply: Parameters<typeof errorReply>) {
    super(reply[0]);
    this.reply = errorReply(...reply);
  }
}

/** Never throws: what cannot be understood is refused, which is definite. */
export function parseHttpRequest(http: HttpRequest): Asked {
  try {
    if (http.path === '/status' || http.path === '/ping') {
      allowMethod(http, 'GET');
      return { kind: http.path === '/status' ? 'status' : 'ping' };
    }
    return { kind: 'request', request: parseRequest(http) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', reply: error.reply };
    throw error;
  }
}

export function formatReply(reply: Reply): HttpReply {
  if (reply.kind === 'error') {
    const { code, message } = reply;
    const error = { code, message, definite: isDefinite(code) };
    return { status: errorKinds[code].status, body: JSON.stringify({ error }) };
  }
  return { status: 200, body: JSON.stringify(bodyOf(reply)) };
}

function bodyOf(reply: Exclude<Reply, { kind: 'error' }>): unknown {
  switch (reply.kind) {
    case 'found':
      return reply.found;
    case 'written':
      return { written: true };
    case 'swapped':
      return { swapped: true };
    case 'mismatch':
      return { swapped: false, found: reply.found };
    default:
      return reply satisfies never;
  }
}

function parseRequest(http: HttpRequest): Request {
  const [, segment, action] = /^\/registers\/([^/?]+)(\/cas)?$/.exec(http.path) ?? [];
  if (segment === undefined)
    throw new Refusal('not-found', 'paths are /registers/KEY, /registers/KEY/cas, /status, /ping');
  const key = parseKey(segment);
  if (action !== undefined) {
    allowMethod(http, 'POST');
    return { op: 'cas', key, ...parseCas(http) };
  }
  allowMethod(http, 'GET', 'PUT');
  return http.method === 'GET' ? { op: 'read', key } : { op: 'write', key, value: parseBody(http) };
}

function allowMethod({ method, path }: HttpRequest, ...allowed: readonly string[]): void {
  if (!allowed.includes(method)) {
    throw new Refusal('method-not-allowed', `${method} ${path}; allowed: ${allowed.join(', ')}`);
  }
}

function parseKey(segment: string): string {
  let key: string;
  try {
    key = decodeURIComponent(segment);
  } catch {
    throw new Refusal('bad-request', `the key ${segment} is not percent-encoded UTF-8`);
  }
  if (key.length > maxKeyLength)
    throw new Refusal('too-large', `a key of ${key.length}, allowed ${maxKeyLength}`);
  return key;
}

function parseCas(http: HttpRequest): { from: Json; to: Json } {
  const body = parseBody(http);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    const { from, to, ...rest } = body as { readonly [member: string]: Json | undefined };
    if (from !== undefined && to !== undefined && Object.keys(rest).length === 0) return { from, to };
  }
  throw new Refusal('bad-request', 'the body of a cas is {"from": VALUE, "to": VALUE}');
}

function parseBody({ body, tooLarge }: HttpRequest): Json {
  if (tooLarge) throw new Refusal('too-large', `allowed are ${maxBodyBytes} bytes`);
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Json;
    // What JSON text can say and a double cannot hold (1e999) must not be stored as something else.
    canonicalJson(value);
    return value;
  } catch {
    throw new Refusal('bad-request', 'the body is not JSON, or has a number that a double cannot hold');
  }
}
