// Plain JSON values and their canonical text, by which values are compared and interned everywhere.

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json | undefined };

/** Arrays and objects inside each other, at most. Walking a value recurses, and a file must not choose how deep. */
export const maxNesting = 100;

/**
 * Text that is equal exactly when two values are equal as JSON: object members sorted by name, `-0` as `0`.
 * `3`, `"3"` and `[3]` stay apart. Throws a TypeError on what JSON cannot carry (NaN, infinities, holes, bigints,
 * dates, buffers and other instances), because a value that is silently turned into `null` or `{}` would be judged as
 * another value, and on values nested deeper than {@link maxNesting}.
 */
export function canonicalJson(value: Json): string {
  return canonicalText(value, maxNesting);
}

function canonicalText(value: unknown, nesting: number): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw notJson(String(value));
    return Object.is(value, -0) ? '0' : String(value);
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value !== 'object') throw notJson(typeof value);
  if (nesting === 0) throw new TypeError(`a value nested deeper than ${maxNesting} levels`);
  return Array.isArray(value) ? arrayText(value, nesting - 1) : objectText(value, nesting - 1);
}

function arrayText(items: readonly unknown[], nesting: number): string {
  let text = '';
  // Not map, which skips holes.
  for (const item of items) text += `${text === '' ? '' : ','}${canonicalText(item, nesting)}`;
  return `[${text}]`;
}

function objectText(value: object, nesting: number): string {
  if (!isPlain(value)) throw notJson(`an instance of ${value.constructor.name}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member, nesting)}`);
  return `{${members.join(',')}}`;
}

/** Whether the prototype is that of an object literal, of whatever realm, or none. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function notJson(found: string): TypeError {
  return new TypeError(`not a JSON value: ${found}`);
}

/** Equality of values as JSON; see {@link canonicalJson}. `undefined` (absent) equals only itself. */
export function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (!isComposite(a) || !isComposite(b)) return false;
  return canonicalJson(a) === canonicalJson(b);
}

function isComposite(value: Json | undefined): value is Exclude<Json, null | boolean | number | string> {
  return typeof value === 'object' && value !== null;
}
