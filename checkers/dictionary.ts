// Values by small numbers, so that a column of a history holds 32 bits for each. It only grows, and may be shared.

import { canonicalJson, type Json } from './json.ts';

/** The number of a value that is not there. `null` is a value like any other. */
export const ABSENT = -1;

/** Integers from 0 to this stand for themselves (as -2, -3, …) and take no room: most written values are such. */
const maxDirect = 0x7ffffffe;

/** Equal values (as JSON) get equal numbers. What comes back is a copy that nobody outside can change. */
export class Dictionary {
  readonly #values: Json[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #strings = new Map<string, number>();
  readonly #composites = new Map<string, number>();

  /** Throws a TypeError on what is not JSON. */
  intern(value: Json | undefined): number {
    if (value === undefined) return ABSENT;
    if (typeof value === 'number') {
      if (Number.isInteger(value) && value >= 0 && value <= maxDirect) return -2 - value;
      if (!Number.isFinite(value)) throw new TypeError(`not a JSON value: ${value}`);
      return this.#numbers.get(value) ?? this.#add(this.#numbers, value, value);
    }
    if (typeof value === 'string') return this.#strings.get(value) ?? this.#add(this.#strings, value, value);
    return this.internCanonical(canonicalJson(value));
  }

  /** The number of an array, an object, a boolean or null, by its canonical text. */
  internCanonical(text: string): number {
    return this.#composites.get(text) ?? this.#add(this.#composites, text, JSON.parse(text) as Json);
  }

  #add<Key extends number | string>(ids: Map<Key, number>, key: Key, value: Json): number {
    const id = this.#values.length;
    this.#values.push(deepFrozen(value));
    ids.set(key, id);
    return id;
  }

  get(id: number): Json | undefined {
    if (id >= 0) return this.#values[id];
    return id === ABSENT ? undefined : -2 - id;
  }
}

function deepFrozen(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) if (member !== undefined) deepFrozen(member);
  return Object.freeze(value);
}
