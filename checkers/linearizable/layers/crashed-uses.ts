// How many crashed operations of each class a configuration has used, as a small number for each vector of counts.
//
// A class has two counts: `settled` for uses of those invoked before the configuration's last blind write, and `late` for
// those invoked since. Which of its operations was used does not matter as long as the counts can be met, because uses in
// order of time can always be given to the operations in order of invocation.

import type { Effort } from './effort.ts';

const FREE = -1;

export class CrashedUses {
  readonly #width: number;
  readonly #effort: Effort;
  #vectors: Int32Array<ArrayBuffer>;
  #size = 0;
  /** By vector: its hash, a sum over the counts, so that one more is one addition. */
  #hashes: Int32Array<ArrayBuffer>;
  /** By vector: what {@link allSettled} said, plus one; 0 where nobody asked yet. */
  #settled: Int32Array<ArrayBuffer>;
  /** Numbers of vectors by hash, never more than half full. */
  #slots: Int32Array<ArrayBuffer>;
  readonly #scratch: Int32Array;

  constructor(classes: number, effort: Effort) {
    this.#width = classes * 2;
    this.#effort = effort;
    this.#vectors = effort.array(this.#width * 64);
    this.#hashes = effort.array(64);
    this.#settled = effort.array(64);
    this.#slots = effort.array(128).fill(FREE);
    this.#scratch = new Int32Array(this.#width);
    this.#number(0);
  }

  /** The vector of nothing used. */
  static readonly NONE = 0;

  settled(vector: number, crashed: number): number {
    return this.#vectors[vector * this.#width + crashed * 2] as number;
  }

  late(vector: number, crashed: number): number {
    return this.#vectors[vector * this.#width + crashed * 2 + 1] as number;
  }

  /** All uses together. */
  total(vector: number): number {
    let sum = 0;
    for (let i = 0; i < this.#width; i++) sum += this.#vectors[vector * this.#width + i] as number;
    return sum;
  }

  /** No count of `a` is greater than that of `b`. */
  isWithin(a: number, b: number): boolean {
    if (a === b || a === CrashedUses.NONE) return true;
    const width = this.#width;
    const atA = a * width;
    const atB = b * width;
    for (let i = 0; i < width; i++) {
      if ((this.#vectors[atA + i] as number) > (this.#vectors[atB + i] as number)) return false;
    }
    return true;
  }

  withOneMore(vector: number, crashed: number, late: boolean): number {
    const count = crashed * 2 + (late ? 1 : 0);
    this.#copy(vector);
    this.#scratch[count] = (this.#scratch[count] as number) + 1;
    return this.#number(((this.#hashes[vector] as number) + weight(count)) | 0);
  }

  /** After a blind write all that were invoked before it are invoked before the last blind write. */
  allSettled(vector: number): number {
    const known = this.#settled[vector] as number;
    if (known > 0) return known - 1;
    this.#copy(vector);
    const counts = this.#scratch;
    let hash = 0;
    for (let i = 0; i < this.#width; i += 2) {
      counts[i] = (counts[i] as number) + (counts[i + 1] as number);
      counts[i + 1] = 0;
      hash = (hash + Math.imul(counts[i] as number, weight(i))) | 0;
    }
    const answer = this.#number(hash);
    this.#settled[vector] = answer + 1;
    return answer;
  }

  #copy(vector: number): void {
    const from = vector * this.#width;
    for (let i = 0; i < this.#width; i++) this.#scratch[i] = this.#vectors[from + i] as number;
  }

  /** The number of the vector in `#scratch`. */
  #number(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = mixed(hash) & mask;
    for (; this.#slots[slot] !== FREE; slot = (slot + 1) & mask) {
      const other = this.#slots[slot] as number;
      if (this.#hashes[other] === hash && this.#isScratch(other)) return other;
    }
    if ((this.#size + 1) * this.#width > this.#vectors.length)
      this.#vectors = this.#effort.grown(this.#vectors);
    if (this.#size === this.#hashes.length) {
      this.#hashes = this.#effort.grown(this.#hashes);
      this.#settled = this.#effort.grown(this.#settled);
    }
    const number = this.#size++;
    this.#vectors.set(this.#scratch, number * this.#width);
    this.#hashes[number] = hash;
    this.#slots[slot] = number;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  #isScratch(vector: number): boolean {
    const at = vector * this.#width;
    for (let i = 0; i < this.#width; i++) {
      if (this.#vectors[at + i] !== this.#scratch[i]) return false;
    }
    return true;
  }

  #rehash(): void {
    const length = this.#slots.length * 2;
    this.#effort.grow(this.#slots.byteLength, length * 4);
    this.#slots = new Int32Array(length).fill(FREE);
    for (let number = 0; number < this.#size; number++) {
      let slot = mixed(this.#hashes[number] as number) & (length - 1);
      while (this.#slots[slot] !== FREE) slot = (slot + 1) & (length - 1);
      this.#slots[slot] = number;
    }
  }
}

function weight(count: number): number {
  return mixed(Math.imul(count + 1, 0x9e3779b1)) | 1;
}

function mixed(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
