// The configurations after one event, none of which is dominated by another. They are found by a hash and compared word by
// word: a configuration taken for another would turn into a wrong verdict.

import type { CrashedUses } from './crashed-uses.ts';
import type { Effort } from './effort.ts';

/** The first words of a configuration. After them: bits of used cas, used writes and placed observers, then old ones. */
export const STATE = 0;
/** Number of the vector of crashed operations used. */
export const USES = 1;
/** How many crashed operations were invoked before the last blind write. */
export const RANK = 2;
/** Last step of its trail. */
export const STEP = 3;
export const BITS = 4;

/** Where the bits of each kind begin in a configuration, and how many words it has. */
export interface Shape {
  readonly cas: number;
  readonly writes: number;
  readonly observers: number;
  readonly oldCas: number;
  readonly oldWrites: number;
  readonly oldObservers: number;
  readonly words: number;
}

export function shapeOf([cas, writes, observers]: readonly [number, number, number]): Shape {
  const words = (slots: number): number => (slots + 31) >>> 5;
  const first = BITS + words(cas);
  const second = first + words(writes);
  const half = second + words(observers);
  const size = half - BITS;
  return {
    cas: BITS,
    writes: first,
    observers: second,
    oldCas: half,
    oldWrites: first + size,
    oldObservers: second + size,
    words: half + size,
  };
}

/** The same for a search that has no blind writes: nothing is old, and what changes the state stands in the place of cas. */
export function plainShapeOf(mutators: number, observers: number): Shape {
  const second = BITS + ((mutators + 31) >>> 5);
  const end = second + ((observers + 31) >>> 5);
  return {
    cas: BITS,
    writes: second,
    observers: second,
    oldCas: end,
    oldWrites: end,
    oldObservers: end,
    words: end,
  };
}

/** In the place of the state: this one is dominated by another, and no configuration any more. */
export const DOMINATED = -1;
const END = -1;

export class Layer {
  /** Configurations, one after the other. */
  data: Int32Array<ArrayBuffer>;
  count = 0;
  /** How often two configurations were compared, for whoever counts work. */
  compared = 0;
  readonly #shape: Shape;
  readonly #uses: CrashedUses;
  readonly #effort: Effort;
  /** Configurations with the same state and the same cas are chained. */
  #next: Int32Array<ArrayBuffer>;
  /** By hash: the first of a chain, valid where the stamp is that of now. */
  #heads: Int32Array<ArrayBuffer>;
  #stamps: Int32Array<ArrayBuffer>;
  #stamp = 1;
  #dead = 0;

  constructor(shape: Shape, uses: CrashedUses, effort: Effort) {
    this.#shape = shape;
    this.#uses = uses;
    this.#effort = effort;
    this.data = effort.array(shape.words * 64);
    this.#next = effort.array(64);
    this.#heads = effort.array(128);
    this.#stamps = effort.array(128);
  }

  clear(): void {
    this.count = 0;
    this.#dead = 0;
    this.#stamp++;
  }

  /**
   * Adds the configuration at `at` of `from`, unless one that is here dominates it; those that it dominates go. Where it
   * now is in `data`, or -1.
   */
  add(from: Int32Array, at: number): number {
    const { words } = this.#shape;
    const bucket = this.#bucket(from, at);
    let before = END;
    for (let i = bucket === END ? END : (this.#heads[bucket] as number); i !== END; ) {
      const here = i * words;
      const next = this.#next[i] as number;
      this.compared++;
      if (this.#dominates(this.data, here, from, at)) return -1;
      if (this.#dominates(from, at, this.data, here)) {
        this.data[here + STATE] = DOMINATED;
        this.#dead++;
        if (before === END) this.#heads[bucket] = next;
        else this.#next[before] = next;
      } else before = i;
      i = next;
    }
    return this.#append(from, at, bucket);
  }

  /** Closes the gaps that dominated configurations left. */
  compact(): void {
    if (this.#dead === 0) return;
    const { words } = this.#shape;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (this.data[i * words + STATE] === DOMINATED) continue;
      if (kept < i) this.data.copyWithin(kept * words, i * words, (i + 1) * words);
      kept++;
    }
    this.count = kept;
    this.#dead = 0;
  }

  /** Keeps these configurations only, given by rising number. */
  keep(chosen: Iterable<number>): void {
    const { words } = this.#shape;
    let place = 0;
    for (const i of chosen) this.data.copyWithin(place++ * words, i * words, (i + 1) * words);
    this.count = place;
  }

  /** The bucket of this state and these cas; chains of other ones are passed by. */
  #bucket(from: Int32Array, at: number): number {
    const { cas, writes, words } = this.#shape;
    const mask = this.#heads.length - 1;
    let h = Math.imul(from[at + STATE] as number, 0x9e3779b1);
    for (let i = cas; i < writes; i++) h = Math.imul((h ^ (h >>> 15)) + (from[at + i] as number), 0x85ebca6b);
    h ^= h >>> 13;
    for (let bucket = h & mask; ; bucket = (bucket + 1) & mask) {
      if (this.#stamps[bucket] !== this.#stamp) {
        this.#stamps[bucket] = this.#stamp;
        this.#heads[bucket] = END;
        return bucket;
      }
      const head = this.#heads[bucket] as number;
      if (head === END) return bucket;
      const here = head * words;
      let same = this.data[here + STATE] === from[at + STATE];
      for (let i = cas; same && i < writes; i++) same = this.data[here + i] === from[at + i];
      if (same) return bucket;
    }
  }

  #append(from: Int32Array, at: number, bucket: number): number {
    const { words } = this.#shape;
    const number = this.count;
    const to = number * words;
    if (to + words > this.data.length) this.data = this.#effort.grown(this.data);
    if (number === this.#next.length) this.#next = this.#effort.grown(this.#next);
    for (let i = 0; i < words; i++) this.data[to + i] = from[at + i] as number;
    this.#next[number] = this.#heads[bucket] as number;
    this.#heads[bucket] = number;
    this.count++;
    if (this.count * 2 > this.#heads.length) this.#rehash();
    return to;
  }

  #rehash(): void {
    const length = this.#heads.length * 4;
    this.#effort.grow(this.#heads.byteLength * 2, length * 8);
    this.#heads = new Int32Array(length);
    this.#stamps = new Int32Array(length);
    this.#stamp = 1;
    const { words } = this.#shape;
    for (let i = 0; i < this.count; i++) {
      if (this.data[i * words + STATE] === DOMINATED) continue;
      const bucket = this.#bucket(this.data, i * words);
      this.#next[i] = this.#heads[bucket] as number;
      this.#heads[bucket] = i;
    }
  }

  /**
   * Whether whatever is possible after `b` is possible after `a`; both have the same state and the same cas used. So it is
   * when `a` has placed all observers that `b` has; whatever is old in `b` is old in `a`; every write that is used in `a`
   * is used in `b`, and one used in `b` only is old in `a` (there it is nobody's duty any more, and may stay out for ever);
   * and `a` has used no more crashed operations of any class.
   */
  #dominates(a: Int32Array, atA: number, b: Int32Array, atB: number): boolean {
    const { writes, observers, oldCas, oldWrites, words } = this.#shape;
    const toOldWrites = oldWrites - writes;
    for (let i = writes; i < observers; i++) {
      const usedA = a[atA + i] as number;
      const usedB = b[atB + i] as number;
      if ((usedA & ~usedB) !== 0) return false;
      if ((usedB & ~usedA & ~(a[atA + toOldWrites + i] as number)) !== 0) return false;
    }
    for (let i = observers; i < oldCas; i++) {
      if (((b[atB + i] as number) & ~(a[atA + i] as number)) !== 0) return false;
    }
    for (let i = oldCas; i < words; i++) {
      if (((b[atB + i] as number) & ~(a[atA + i] as number)) !== 0) return false;
    }
    return (
      (a[atA + RANK] as number) >= (b[atB + RANK] as number) &&
      this.#uses.isWithin(a[atA + USES] as number, b[atB + USES] as number)
    );
  }
}
