// Values and operations as short labels, e.g. `write 2 → ok`, `cas 1 ⇒ 2 → found 3`.

import { canonicalJson, type Json } from '../checkers/json.ts';
import type { Call, Operation, Outcome } from '../checkers/op.ts';
import { safeText, shortened } from './safe-text.ts';

/** A value as JSON, at most about `limit` characters. `undefined` is an absent key. */
export function valueText(value: Json | undefined, limit = 40): string {
  if (value === undefined) return 'absent';
  // Cut before quoting: the quotes then stay in pairs and the told length is that of the string itself.
  if (typeof value === 'string') {
    const short = shortened(value, limit);
    if (short === value) return safeText(JSON.stringify(value));
    const cut = short.lastIndexOf('…');
    return safeText(`${JSON.stringify(value.slice(0, cut))}${short.slice(cut)}`);
  }
  return safeText(shortened(canonicalJson(value), limit));
}

/** A key in running text: bare where it is a plain word, quoted where that would mislead. */
export function keyText(key: string, limit = 40): string {
  return /^[\w.:/-]+$/.test(key) && key.length <= limit ? key : valueText(key, limit);
}

export function callText(call: Call, limit?: number): string {
  const f = safeText(shortened(call.f, 40));
  if (call.value === undefined) return f;
  const pair =
    call.f === 'cas' && Array.isArray(call.value) && call.value.length === 2 ? call.value : undefined;
  if (pair === undefined) return `${f} ${valueText(call.value, limit)}`;
  return `${f} ${valueText(pair[0] as Json, limit)} ⇒ ${valueText(pair[1] as Json, limit)}`;
}

/** What came back: `ok`, the value read, `found 3` of a cas that did not match, `unknown`. */
export function answerText(operation: Operation, limit?: number): string {
  const { call, result } = operation;
  if (result === undefined) return 'unknown';
  if (result.mismatch === true) return `found ${valueText(result.value, limit)}`;
  if (call.f !== 'read' && (result.value === undefined || sameText(result.value, call.value))) return 'ok';
  return valueText(result.value, limit);
}

function sameText(a: Json, b: Json | undefined): boolean {
  return b !== undefined && canonicalJson(a) === canonicalJson(b);
}

export function operationText(operation: Operation, limit?: number): string {
  return `${callText(operation.call, limit)} → ${answerText(operation, limit)}`;
}

/** How an operation ended, for shape and colour: an observation by a cas that did not match counts as failed. */
export function outcomeOf(operation: Operation): Outcome['type'] {
  if (operation.result === undefined) return 'info';
  return operation.result.mismatch === true ? 'fail' : 'ok';
}
