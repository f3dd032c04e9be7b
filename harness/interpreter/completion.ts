// What is recorded of a call that ended: the one place where the ways in which a client can answer, throw or stay silent
// become ok, fail or info. Anything unknown is `info`, and `fail` only for pure reads, which have no effect to be
// unknown of.

import { canonicalJson, type Json, sameValue } from '../../checkers/json.ts';
import type { Call, Op, OpError, Outcome } from '../../checkers/op.ts';
import type { FaultOutcome } from '../nemesis/nemesis.ts';
import type { AttemptEnd } from './attempt.ts';
import type { CallEnd } from './client-worker.ts';

/** A client that answers with what is no outcome: a mistake in the client, so nothing it said can be believed. */
export class MalformedOutcomeError extends Error {
  override name = 'MalformedOutcomeError';
}

/** The fields of an op that are an outcome's. */
export type Completion = Pick<Op, 'type' | 'value' | 'error' | 'found' | 'ext'>;

export interface Judged {
  readonly completion: Completion;
  /** The client may still hold a request, or may be broken: it must not be used again. */
  readonly clientIsSpent: boolean;
  /** The harness's failure, which ends the run. */
  readonly problem?: Error;
}

export function judgeCall(call: Call, isPure: boolean, end: CallEnd): Judged {
  if (end.kind === 'returned') return judgeOutcome(call, isPure, end.outcome);
  if (end.kind === 'no-client') {
    const error = { code: 'no-client', message: end.reason };
    return { completion: failed(call, isPure, error), clientIsSpent: false };
  }
  const error =
    end.kind === 'timeout' ? { code: 'timeout' } : { code: 'exception', message: messageOf(end.error) };
  return { completion: unknown(call, isPure, error), clientIsSpent: true };
}

function judgeOutcome(call: Call, isPure: boolean, given: unknown): Judged {
  const wrong = whatIsWrongWith(given);
  if (wrong !== undefined) {
    const problem = new MalformedOutcomeError(
      `the client's outcome ${wrong}: call ${shown(call)} was answered with ${shown(given)}`,
    );
    const completion = unknown(call, false, { code: 'malformed-outcome', message: wrong });
    return { completion, clientIsSpent: true, problem };
  }
  const outcome = given as Outcome;
  if (outcome.type === 'ok') return { completion: succeeded(call, isPure, outcome), clientIsSpent: false };
  if (outcome.type === 'fail') {
    const found = outcome.found === undefined ? {} : { found: outcome.found };
    return { completion: { ...failed(call, isPure, outcome.error), ...found }, clientIsSpent: false };
  }
  return { completion: unknown(call, isPure, outcome.error), clientIsSpent: true };
}

/**
 * A read's value is what the client saw. A call with a value of its own (write, cas, add) completes with that very value:
 * what the store echoes is no part of the operation and goes to `ext`. Others (a dequeue) complete with what they got.
 */
function succeeded(call: Call, isPure: boolean, outcome: { readonly value?: Json }): Completion {
  if (isPure || call.value === undefined) {
    return outcome.value === undefined ? { type: 'ok' } : { type: 'ok', value: outcome.value };
  }
  return outcome.value === undefined || sameValue(outcome.value, call.value)
    ? { type: 'ok', value: call.value }
    : { type: 'ok', value: call.value, ext: { returned: outcome.value } };
}

function failed(call: Call, isPure: boolean, error: OpError): Completion {
  return { type: 'fail', ...valueOf(call, isPure), error };
}

function unknown(call: Call, isPure: boolean, error: OpError | undefined): Completion {
  if (isPure) return failed(call, isPure, error ?? { code: 'unknown' });
  return { type: 'info', ...valueOf(call, isPure), ...(error === undefined ? {} : { error }) };
}

/** A read that told nothing has no value, whatever its arguments were. */
function valueOf(call: Call, isPure: boolean): { readonly value?: Json } {
  return isPure || call.value === undefined ? {} : { value: call.value };
}

function whatIsWrongWith(outcome: unknown): string | undefined {
  if (typeof outcome !== 'object' || outcome === null) return 'is no object';
  const { type, value, error, found } = outcome as Record<string, unknown>;
  if (type !== 'ok' && type !== 'fail' && type !== 'info') return `has the type ${shown(type)}`;
  if (value !== undefined && !isJson(value)) return 'has a value that is not JSON';
  if (type === 'fail' && error === undefined) return 'is a failure without an error';
  if (error !== undefined && !isOpError(error)) return 'has an error without a code';
  if (found !== undefined && !isFound(found)) return 'has a "found" that is no object with a value';
  return undefined;
}

function isOpError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

function isFound(found: unknown): boolean {
  if (typeof found !== 'object' || found === null) return false;
  return !('value' in found) || found.value === undefined || isJson(found.value);
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  try {
    return canonicalJson(value as Json) !== '';
  } catch {
    return false;
  }
}

/** The nemesis's op is `info` at its completion, with what became of the fault as its value. */
export function faultCompletion(end: AttemptEnd<FaultOutcome>): Completion {
  return { type: 'info', value: asJson(faultOutcome(end)) };
}

function faultOutcome(end: AttemptEnd<FaultOutcome>): FaultOutcome {
  if (end.kind === 'timeout') return { status: 'failed', reason: 'timeout', evidence: {} };
  if (end.kind === 'threw') return { status: 'failed', reason: messageOf(end.error), evidence: {} };
  if (isFaultOutcome(end.value)) return end.value;
  return { status: 'failed', reason: `the nemesis answered with ${shown(end.value)}`, evidence: {} };
}

function isFaultOutcome(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'status' in value && isJson(value);
}

function asJson(outcome: FaultOutcome): Json {
  const { status, reason, evidence } = outcome;
  return { status, ...(reason === undefined ? {} : { reason }), evidence };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
