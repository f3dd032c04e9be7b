// Values, errors and keys of other tools, which have one nothing (nil) where we have two (absent and null).

import { isKeywordText } from '../edn/edn.ts';
import { canonicalJson, type Json } from '../json.ts';
import { type OpError } from '../op.ts';

/** Stands for our null, since nil is absence. */
const NULL = ':faultline/null';

/** The value of an op of ours as other tools have it: null where there is none. */
export function foreignValue(value: Json | undefined): Json {
  if (value === undefined) return null;
  if (value === null) return { [NULL]: true };
  const only = onlyMember(value, NULL);
  return only === undefined ? value : { [NULL]: [only] };
}

/** `ownValue(foreignValue(value))` is `value`. */
export function ownValue(value: Json): Json | undefined {
  if (value === null) return undefined;
  const only = onlyMember(value, NULL);
  if (only === true) return null;
  return Array.isArray(only) && only.length === 1 ? { [NULL]: only[0] as Json } : value;
}

function onlyMember(value: Json, name: string): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const names = Object.keys(value);
  return names.length === 1 && names[0] === name ? (value as { [name: string]: Json })[name] : undefined;
}

/** How a tool writes an error code: EDN as a keyword where it can be one. */
export type CodeStyle = 'keyword' | 'string';

export function foreignError(error: OpError, style: CodeStyle): Json {
  const { code, message } = error;
  const name = style === 'keyword' && isKeywordText(`:${code}`) ? `:${code}` : code;
  const short = message === undefined ? name : [name, message];
  const { error: back, isExact } = ownError(short, style);
  if (isExact && back.code === code && back.message === message) return short;
  return message === undefined ? { code } : { code, message };
}

/** Not exact where something was put aside: then the original must be kept beside it. */
export function ownError(
  json: Json,
  style: CodeStyle,
): { readonly error: OpError; readonly isExact: boolean } {
  if (typeof json === 'string') return codeOnly(json, style);
  if (Array.isArray(json)) {
    const [code, message] = json as readonly Json[];
    if (json.length === 2 && typeof code === 'string' && typeof message === 'string') {
      const { error, isExact } = codeOnly(code, style);
      return {
        error: { ...error, message },
        isExact: isExact && !(style === 'keyword' && isKeywordText(message)),
      };
    }
  } else if (typeof json === 'object' && json !== null) {
    const { code, message, ...rest } = json as { [name: string]: Json };
    const isOurs = Object.keys(rest).length === 0 && (message === undefined || typeof message === 'string');
    if (isOurs && typeof code === 'string') {
      const error = message === undefined ? { code } : { code, message };
      return { error, isExact: true };
    }
  }
  return { error: { code: 'error', message: canonicalJson(json) }, isExact: false };
}

function codeOnly(text: string, style: CodeStyle): { readonly error: OpError; readonly isExact: boolean } {
  if (style === 'string') return { error: { code: text }, isExact: true };
  if (isKeywordText(text)) return { error: { code: text.slice(1) }, isExact: true };
  return { error: { code: text }, isExact: !isKeywordText(`:${text}`) };
}
