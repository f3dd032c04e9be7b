// Keys of other tools are values of any kind, ours are text. A string is its own text, unless that is the text of
// another value (3 is "3", so the string "3" is "\"3\""): no two keys become one.

import { canonicalJson, type Json } from '../json.ts';

/** Null is no key. */
export function keyText(key: Json): string {
  if (typeof key !== 'string') return canonicalJson(key);
  return isTextOfOther(key) ? JSON.stringify(key) : key;
}

/** The key that has this text: `keyText(keyOf(text))` is `text`. */
export function keyOf(text: string): Json {
  const other = parsed(text);
  return other !== undefined && keyText(other) === text ? other : text;
}

function isTextOfOther(text: string): boolean {
  const other = parsed(text);
  return other !== undefined && keyText(other) === text;
}

function parsed(text: string): Json | undefined {
  // Most keys are words, and an error is dear.
  if (!/^(?:[[{"0-9-]|true$|false$)/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    // Throws for what has no text of its own: numbers too large, and brackets too deep.
    canonicalJson(value);
    return value;
  } catch {
    return undefined;
  }
}
