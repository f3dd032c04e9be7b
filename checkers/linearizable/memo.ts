// The configurations that a search has been to: a set of whole keys, each a few 32-bit words. Words are hashed to find
// a slot and then compared one by one, since a configuration taken for another would turn into a wrong verdict.

/** Asked before `from` bytes are replaced by a copy of `to` bytes; throws where that may not be. */
export type AskToGrow = (from: number, to: number) => void;

export class Memo {
  readonly #ask: AskToGrow;
  /** Length and words of each key, one after the other. */
  #words: Int32Array<ArrayBuffer> = new Int32Array(1024);
  #used = 0;
  /** Where in `#words` the key of this slot begins, plus one; 0 for a free slot. Never more than half full. */
  #slots: Int32Array<ArrayBuffer> = new Int32Array(256);
  #size = 0;

  constructor(ask: AskToGrow = () => undefined) {
    this.#ask = ask;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#slots.byteLength;
  }

  /** Adds the first `length` words of `key`; false when they were there. */
  add(key: Int32Array, length: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = hash(key, 0, length) & mask;
    for (let at = this.#slots[slot] ?? 0; at !== 0; at = this.#slots[slot] ?? 0) {
      if (this.#equals(at - 1, key, length)) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.#store(key, length) + 1;
    this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return true;
  }

  #equals(at: number, key: Int32Array, length: number): boolean {
    if (this.#words[at] !== length) return false;
    for (let i = 0; i < length; i++) {
      if (this.#words[at + 1 + i] !== key[i]) return false;
    }
    return true;
  }

  #store(key: Int32Array, length: number): number {
    const at = this.#used;
    if (at + 1 + length > this.#words.length) {
      const words = Math.max(this.#words.length * 2, at + 1 + length);
      this.#ask(this.#words.byteLength, words * 4);
      const grown = new Int32Array(words);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[at] = length;
    for (let i = 0; i < length; i++) this.#words[at + 1 + i] = key[i] ?? 0;
    this.#used = at + 1 + length;
    return at;
  }

  #rehash(): void {
    this.#ask(this.#slots.byteLength, this.#slots.byteLength * 2);
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let at = 0; at < this.#used; ) {
      const length = this.#words[at] ?? 0;
      let slot = hash(this.#words, at + 1, length) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = at + 1;
      at += 1 + length;
    }
    this.#slots = slots;
  }
}

/** Multiply and rotate each word in (the mixing of MurmurHash3). */
function hash(words: Int32Array, start: number, length: number): number {
  let h = length;
  for (let i = 0; i < length; i++) {
    let word = Math.imul(words[start + i] ?? 0, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    h ^= Math.imul(word, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
