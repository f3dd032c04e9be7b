// Calls and outcomes of a history against requests and replies of etcd's JSON gateway, as pure functions. Keys and values
// travel in base64, 64-bit numbers as texts, and what is empty or false is left out.

import type { Json } from '../../checkers/json.ts';
import type { Call, Outcome } from '../../checkers/op.ts';
import { failure } from '../client/exchange.ts';
import type { HttpRequest } from '../client/http-connection.ts';
import { casMismatch, excerpt, refused, type TextCall, valueOfText } from '../client/text-call.ts';
import { etcdErrorKind } from './errors.ts';

export interface ReadMode {
  /** Any member answers reads from its own state, however old that is; else a majority confirms them. */
  readonly serializable: boolean;
}

export function requestOf(call: TextCall, { serializable }: ReadMode): HttpRequest {
  const key = base64(call.key);
  switch (call.f) {
    case 'read':
      return post('/v3/kv/range', { key, ...(serializable && { serializable }) });
    case 'write':
      return post('/v3/kv/put', { key, value: base64(call.text) });
    case 'cas':
      // Comparing the value of an absent key is false in etcd, whatever it is compared with.
      return post('/v3/kv/txn', {
        compare: [{ key, target: 'VALUE', result: 'EQUAL', value: base64(call.from) }],
        success: [{ requestPut: { key, value: base64(call.to) } }],
        failure: [{ requestRange: { key } }],
      });
  }
}

/** Whatever the server sent, however odd. What is not clearly understood is `info`, never a guess. */
export function outcomeOf(call: Call, status: number, body: string): Outcome {
  const reply = parse(body);
  const outcome = reply && (status === 200 ? success(call, reply) : refusal(call, reply));
  return outcome ?? failure(call, 'unintelligible', `status ${status}: ${excerpt(body)}`);
}

type JsonObject = { readonly [member: string]: Json | undefined };
type Found = { readonly value?: Json };

function success(call: Call, reply: JsonObject): Outcome | undefined {
  if (!hasRevision(reply)) return undefined;
  switch (call.f) {
    case 'read': {
      const found = foundOf(call, reply);
      return found && { type: 'ok', ...found };
    }
    case 'write':
      return { type: 'ok' };
    case 'cas':
      return casOutcome(call, reply);
    default:
      return undefined;
  }
}

function casOutcome(call: Call, reply: JsonObject): Outcome | undefined {
  const [response, ...others] = Array.isArray(reply['responses'])
    ? (reply['responses'] as readonly Json[])
    : [];
  if (!isObject(response) || others.length > 0) return undefined;
  const { response_put: put, response_range: range } = response;
  if (reply['succeeded'] === true) return isObject(put) ? { type: 'ok' } : undefined;
  if (reply['succeeded'] !== undefined || !isObject(range) || !hasRevision(range)) return undefined;
  const found = foundOf(call, range);
  return found && casMismatch(found);
}

/** Of a range over one key. Only what says that nothing was counted means "absent". */
function foundOf(call: Call, { kvs, count }: JsonObject): Found | undefined {
  if (kvs === undefined) return count === undefined || count === '0' ? {} : undefined;
  const [entry, ...others] = Array.isArray(kvs) ? (kvs as readonly Json[]) : [];
  if (!isObject(entry) || others.length > 0 || entry['key'] !== base64(call.key ?? '')) return undefined;
  const { value } = entry;
  return typeof value === 'string' ? valueOfText(Buffer.from(value, 'base64').toString('utf8')) : undefined;
}

function refusal(call: Call, { error }: JsonObject): Outcome | undefined {
  if (typeof error !== 'string') return undefined;
  const { code, definite } = etcdErrorKind(error);
  return refused(call, code, error, definite);
}

/** Every answer of the store itself has one. */
function hasRevision({ header }: JsonObject): boolean {
  return isObject(header) && typeof header['revision'] === 'string';
}

function post(path: string, body: Json): HttpRequest {
  return { method: 'POST', path, body: JSON.stringify(body) };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function parse(body: string): JsonObject | undefined {
  try {
    const parsed = JSON.parse(body) as Json;
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
