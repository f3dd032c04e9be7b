// Calls and outcomes of a history against requests and replies of the HTTP API, as pure functions: the one place where
// it is decided whether something happened (ok), did not (fail), or nobody knows (info).

import { canonicalJson, type Json } from '../../checkers/json.ts';
import type { Call, Outcome } from '../../checkers/op.ts';
import { type ErrorCode, errorKinds, isDefinite } from './errors.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** Throws TypeError when the call is none of the register's or has a value that JSON cannot carry. */
export function requestOf(call: Call): ApiRequest {
  if (call.key === undefined || call.key === '') throw new TypeError(`a ${call.f} needs a key`);
  const path = `/registers/${encodeURIComponent(call.key)}`;
  switch (call.f) {
    case 'read':
      return { method: 'GET', path };
    case 'write':
      if (call.value === undefined) throw new TypeError('a write needs a value');
      return { method: 'PUT', path, body: canonicalJson(call.value) };
    case 'cas': {
      const [from, to, ...rest] = Array.isArray(call.value) ? (call.value as readonly Json[]) : [];
      if (from === undefined || to === undefined || rest.length > 0) {
        throw new TypeError('a cas needs a value of the form [from, to]');
      }
      return { method: 'POST', path: `${path}/cas`, body: canonicalJson({ from, to }) };
    }
    default:
      throw new TypeError(`the register has no ${call.f}`);
  }
}

/** Whatever the server sent, however odd. What is not clearly understood is `info`, never a guess. */
export function outcomeOf(call: Call, status: number, body: string): Outcome {
  const reply = parseObject(body);
  if (reply === undefined) return failure(call, 'unintelligible', `status ${status}: ${excerpt(body)}`);
  const outcome = status === 200 ? success(call, reply) : refusal(call, reply);
  return outcome ?? failure(call, 'unintelligible', `status ${status}: ${excerpt(body)}`);
}

/** A call that went wrong by this code of the table: `fail` if that is definite, or if the call was a read. */
export function failure(call: Call, code: ErrorCode, detail?: string): Outcome {
  const { sentence } = errorKinds[code];
  return failed(call, code, detail === undefined ? sentence : `${sentence}: ${detail}`, isDefinite(code));
}

function failed(call: Call, code: string, message: string, definite: boolean): Outcome {
  // A read changes nothing, so one without a result did certainly not happen.
  return { type: definite || call.f === 'read' ? 'fail' : 'info', error: { code, message } };
}

type JsonObject = { readonly [member: string]: Json | undefined };

function success(call: Call, reply: JsonObject): Outcome | undefined {
  switch (call.f) {
    case 'read': {
      const found = foundOf(reply);
      return found && { type: 'ok', ...found };
    }
    case 'write':
      return reply['written'] === true ? { type: 'ok' } : undefined;
    case 'cas': {
      if (reply['swapped'] === true) return { type: 'ok' };
      const found = isObject(reply['found']) ? foundOf(reply['found']) : undefined;
      if (reply['swapped'] !== false || found === undefined) return undefined;
      const error = { code: 'cas-mismatch', message: errorKinds['cas-mismatch'].sentence };
      return { type: 'fail', error, found };
    }
    default:
      return undefined;
  }
}

/** `{}` or `{value}` and nothing else: an object without a value that is not ours must not read as "absent". */
function foundOf(object: JsonObject): { readonly value?: Json } | undefined {
  const { value, ...rest } = object;
  if (Object.keys(rest).length > 0) return undefined;
  return value === undefined ? {} : { value };
}

/** Definite only if the server says so and the table says so too. */
function refusal(call: Call, reply: JsonObject): Outcome | undefined {
  const error = reply['error'];
  if (!isObject(error)) return undefined;
  const { code, message, definite } = error;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return failed(call, code, message, definite === true && isDefinite(code));
}

function parseObject(body: string): JsonObject | undefined {
  try {
    // Through the canonical text, so that `-0` and the like cannot make equal values look different.
    const parsed = JSON.parse(canonicalJson(JSON.parse(body) as Json)) as Json;
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function excerpt(body: string): string {
  return JSON.stringify(body.length > 100 ? `${body.slice(0, 100)}…` : body);
}
