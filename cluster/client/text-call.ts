// The register's calls for stores that keep texts: values are canonical JSON, so that what is equal as a value is equal
// as a text, and a store that compares texts compares values.

import { canonicalJson, type Json } from '../../checkers/json.ts';
import type { Call, Outcome } from '../../checkers/op.ts';
import { errorKinds } from './errors.ts';

export type TextCall =
  | { readonly f: 'read'; readonly key: string }
  | { readonly f: 'write'; readonly key: string; readonly text: string }
  | { readonly f: 'cas'; readonly key: string; readonly from: string; readonly to: string };

/** `undefined`: the call is none of the register's, or has a value that JSON cannot carry. */
export function textCall({ f, key, value }: Call): TextCall | undefined {
  if (key === undefined || key === '') return undefined;
  try {
    if (f === 'read') return { f, key };
    if (f === 'write' && value !== undefined) return { f, key, text: canonicalJson(value) };
    const [from, to, ...rest] = Array.isArray(value) ? (value as readonly Json[]) : [];
    if (f !== 'cas' || from === undefined || to === undefined || rest.length > 0) return undefined;
    return { f, key, from: canonicalJson(from), to: canonicalJson(to) };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What a text stands for; `undefined`: it is no JSON, so nobody of ours wrote it. */
export function valueOfText(text: string): { readonly value: Json } | undefined {
  try {
    const value = JSON.parse(text) as Json;
    // `1e999` is no number, and `-0` no other value than `0`.
    return { value: JSON.parse(canonicalJson(value)) as Json };
  } catch {
    return undefined;
  }
}

/** The cas did not match; `found` as a history has it. */
export function casMismatch(found: { readonly value?: Json }): Outcome {
  return {
    type: 'fail',
    error: { code: 'cas-mismatch', message: errorKinds['cas-mismatch'].sentence },
    found,
  };
}

/** What the store refused: `fail` where that is definite, and for reads, which have no effect to be unknown of. */
export function refused(call: Call, code: string, message: string, definite: boolean): Outcome {
  return { type: definite || call.f === 'read' ? 'fail' : 'info', error: { code, message } };
}

/** A reply's text in a message. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
