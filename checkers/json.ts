// Plain JSON values and their canonical text, by which values are compared and interned everywhere.

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json | undefined };

/**
 * Text that is equal exactly when two values are equal as JSON: object members sorted by name, `-0` as `0`.
 * `3`, `"3"` and `[3]` stay apart. Throws on what JSON cannot carry (NaN, infinities, functions), because a
 * value that is silently turned into `null` would be judged as another value.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`not a JSON value: ${value}`);
    return Object.is(value, -0) ? '0' : String(value);
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`not a JSON value: ${typeof value}`);
}

function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Equality of values as JSON; see {@link canonicalJson}. `undefined` (absent) equals only itself. */
export function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (typeof a !== 'object' && typeof b !== 'object') return a === b;
  return canonicalJson(a) === canonicalJson(b);
}
