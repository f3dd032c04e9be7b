// Random choices that replay. Philox2x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11) is a
// function of key and counter, so a stream is an immutable value, and a named sub-stream is another key: one more draw
// in one place shifts no other. The algorithm is part of the meaning of a seed and must never change (test vectors).

const MULTIPLIER = 0xd256d193;
const WEYL = 0x9e3779b9;

/** The high 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle1 = aHigh * bLow + (low >>> 16);
  const middle2 = aLow * bHigh + (middle1 & 0xffff);
  return (aHigh * bHigh + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000)) >>> 0;
}

/** Two 32-bit words for a 64-bit counter (two words) and a 32-bit key. */
export function philox2x32(counter0: number, counter1: number, key: number): readonly [number, number] {
  let left = counter0 >>> 0;
  let right = counter1 >>> 0;
  let round = key >>> 0;
  for (let i = 0; i < 10; i++) {
    const high = multiplyHigh(MULTIPLIER, left);
    const low = Math.imul(MULTIPLIER, left) >>> 0;
    left = (high ^ round ^ right) >>> 0;
    right = low;
    round = (round + WEYL) >>> 0;
  }
  return [left, right];
}

/** A stream of random numbers as a value: `draw(n)` is its n-th number, always the same. */
export class Stream {
  readonly #key: number;
  readonly #lane: number;

  private constructor(key: number, lane: number) {
    this.#key = key;
    this.#lane = lane;
  }

  static of(seed: number): Stream {
    return new Stream(seed >>> 0, Math.floor(seed / 0x100000000) >>> 0);
  }

  /** Another stream, chosen by name. */
  fork(name: string | number): Stream {
    let key = this.#key;
    let lane = this.#lane;
    for (const character of `/${name}`) {
      [key, lane] = philox2x32(key, lane, character.codePointAt(0) ?? 0);
    }
    return new Stream(key, lane);
  }

  /** The n-th number, in [0, 1), 53 bits. */
  draw(n: number): number {
    const [high, low] = philox2x32(n >>> 0, this.#lane, this.#key);
    return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
  }

  /** The n-th number as an integer in [0, bound). */
  integer(n: number, bound: number): number {
    return Math.floor(this.draw(n) * bound);
  }

  /** A random source that counts its draws, for code that acts rather than plans. */
  source(): Random {
    return new Random(this);
  }
}

/** A stream that is read in order. */
export class Random {
  readonly #stream: Stream;
  #drawn = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** In [0, 1). */
  next(): number {
    return this.#stream.draw(this.#drawn++);
  }

  /** In [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** A new array in random order (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}
