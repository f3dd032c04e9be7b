// Values of all parts of a history turned into small numbers, 0, 1, 2, … in each part by itself, in one pass over the
// history.

import { INITIAL } from './moves.ts';

/** Of a slot: the part and one (0: free), and the number there. */
const FIELDS = 2;

/**
 * Most values belong to one part. Where numbers of the dictionary are small in both directions from zero, tables hold the
 * first part that has the value, and what was asked for at the same time lies close together. All other pairs of part
 * and value are in a hash table.
 */
export class PartNumbering {
  /** By part: how many numbers it has. */
  readonly sizes: Int32Array;
  readonly #initial: number;
  /** Values that stand for themselves, and others: a slot each. */
  readonly #direct: Int32Array;
  readonly #interned: Int32Array;
  /** Open addressing, at most half full: part and one, value, number, and nothing. */
  #others = new Int32Array(64);
  #otherCount = 0;

  /**
   * `initial` has the number INITIAL in each part. Numbers of the dictionary from `lowest` to `highest` will be asked for,
   * about `count` times.
   */
  constructor(parts: number, initial: number, lowest: number, highest: number, count: number) {
    this.sizes = new Int32Array(parts).fill(1);
    this.#initial = initial;
    const most = 8 * count + 64;
    this.#direct = new Int32Array(FIELDS * Math.min(most, Math.max(0, -1 - lowest)));
    this.#interned = new Int32Array(FIELDS * Math.min(most, highest + 2));
  }

  number(part: number, id: number): number {
    if (id === this.#initial) return INITIAL;
    const table = id < -1 ? this.#direct : this.#interned;
    const slot = FIELDS * (id < -1 ? -2 - id : id + 1);
    if (slot >= table.length) return this.#numberOther(part, id);
    const owner = table[slot] as number;
    if (owner === part + 1) return table[slot + 1] as number;
    if (owner !== 0) return this.#numberOther(part, id);
    const number = (this.sizes[part] as number)++;
    table[slot] = part + 1;
    table[slot + 1] = number;
    return number;
  }

  #numberOther(part: number, id: number): number {
    const slot = this.#slotOf(part, id);
    const others = this.#others;
    if (others[slot] !== 0) return others[slot + 2] as number;
    const number = (this.sizes[part] as number)++;
    others[slot] = part + 1;
    others[slot + 1] = id;
    others[slot + 2] = number;
    this.#otherCount++;
    if (this.#otherCount * 8 > others.length) this.#grow();
    return number;
  }

  /** Where it is, or would be. */
  #slotOf(part: number, id: number): number {
    const others = this.#others;
    const mask = others.length - 1;
    let mixed = Math.imul(id ^ Math.imul(part + 1, 0x9e3779b1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    let slot = ((mixed ^ (mixed >>> 13)) << 2) & mask;
    while (others[slot] !== 0 && !(others[slot] === part + 1 && others[slot + 1] === id)) {
      slot = (slot + 4) & mask;
    }
    return slot;
  }

  #grow(): void {
    const old = this.#others;
    this.#others = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 4) {
      if (old[at] === 0) continue;
      const slot = this.#slotOf((old[at] as number) - 1, old[at + 1] as number);
      this.#others.set(old.subarray(at, at + 4), slot);
    }
  }
}
