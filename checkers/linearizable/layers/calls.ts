// Operations by classes of equal calls with equal results: numbers, found without making a text of what is plain.

import { canonicalJson, type Json } from '../../json.ts';
import type { Operation } from '../../op.ts';

const WORDS = 4;
const FREE = -1;

/** Bytes that a class takes: its operation is there anyway. */
export const BYTES_PER_CALL = 100;

export class Calls {
  /** By class: an operation of it. */
  readonly #examples: Operation[] = [];
  /** Numbers of plain values as they are, and of arrays and objects by their texts. */
  readonly #plain = new Map<Json, number>();
  readonly #texts = new Map<string, number>();
  #values = 1;
  /** By class: f with the outcome, key, value, value of the result. */
  readonly #words: number[] = [];
  /** Numbers of classes by hash, never more than half full. */
  #slots: Int32Array<ArrayBuffer> = new Int32Array(128).fill(FREE);

  get size(): number {
    return this.#examples.length;
  }

  example(call: number): Operation {
    return this.#examples[call] as Operation;
  }

  /** Operations of one class do the same to every state. */
  classOf(operation: Operation): number {
    const { call, result } = operation;
    const outcome = result === undefined ? 0 : result.mismatch === true ? 1 : 2;
    const f = this.#value(call.f) * 3 + outcome;
    const key = this.#value(call.key);
    const value = this.#value(call.value);
    const seen = this.#value(result?.value);
    const mask = this.#slots.length - 1;
    let slot = hash(f, key, value, seen) & mask;
    for (; this.#slots[slot] !== FREE; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot] as number) * WORDS;
      if (
        this.#words[at] === f &&
        this.#words[at + 1] === key &&
        this.#words[at + 2] === value &&
        this.#words[at + 3] === seen
      ) {
        return this.#slots[slot] as number;
      }
    }
    const number = this.#examples.push(operation) - 1;
    this.#words.push(f, key, value, seen);
    this.#slots[slot] = number;
    if ((number + 1) * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** Equal for equal values; 0 for none. */
  #value(value: Json | undefined): number {
    if (value === undefined) return 0;
    const isPlain = value === null || typeof value !== 'object';
    const name = isPlain ? value : canonicalJson(value);
    const numbers: Map<Json, number> = isPlain ? this.#plain : this.#texts;
    let number = numbers.get(name);
    if (number === undefined) {
      number = this.#values++;
      numbers.set(name, number);
    }
    return number;
  }

  #rehash(): void {
    const mask = this.#slots.length * 2 - 1;
    this.#slots = new Int32Array(mask + 1).fill(FREE);
    for (let number = 0; number < this.size; number++) {
      const [f, key, value, seen] = this.#words.slice(number * WORDS, (number + 1) * WORDS) as [
        number,
        number,
        number,
        number,
      ];
      let slot = hash(f, key, value, seen) & mask;
      while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask;
      this.#slots[slot] = number;
    }
  }
}

function hash(f: number, key: number, value: number, seen: number): number {
  let h = Math.imul(f, 0x9e3779b1) ^ Math.imul(key, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 15)) + value, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 13)) + seen, 0x27d4eb2f);
  return h ^ (h >>> 16);
}
