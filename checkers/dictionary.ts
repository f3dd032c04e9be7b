// Values by small numbers, so that a column of a history holds 32 bits for each. It only grows, and may be shared.

import { canonicalJson, type Json } from './json.ts';

/** The number of a value that is not there. `null` is a value like any other. */
export const ABSENT = -1;

/** Integers from 0 to this stand for themselves (as -2, -3, …) and take no room: most written values are such. */
const maxDirect = 0x7ffffffe;

/** In the place of a member's number where the value is no pair. */
export const NO_PAIR = 0x7fffffff;

/** Equal values (as JSON) get equal numbers. What comes back is a copy that nobody outside can change. */
export class Dictionary {
  readonly #values: Json[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #strings = new Map<string, number>();
  readonly #composites = new Map<string, number>();
  /** By number of a value from 0: those of both its members, one after the other. */
  #pairs = new Int32Array(64);

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
    const isPair = Array.isArray(value) && value.length === 2;
    // Before it gets a number itself, for that may add them.
    const first = isPair ? this.intern(value[0]) : NO_PAIR;
    const second = isPair ? this.intern(value[1]) : NO_PAIR;
    const id = this.#values.length;
    this.#values.push(deepFrozen(value));
    ids.set(key, id);
    if (this.#pairs.length < 2 * id + 2) {
      const larger = new Int32Array(4 * id);
      larger.set(this.#pairs);
      this.#pairs = larger;
    }
    this.#pairs[2 * id] = first;
    this.#pairs[2 * id + 1] = second;
    return id;
  }

  /**
   * Numbers of both members of each value that is an array of two (the value of a cas), so that nobody who goes through
   * a million needs the arrays: those of the value `id` (from 0) at `2 * id` and `2 * id + 1`, NO_PAIR for other values.
   * Good until the next value is added.
   */
  get pairs(): Int32Array {
    return this.#pairs.subarray(0, 2 * this.#values.length);
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
