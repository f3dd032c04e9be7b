// Numbers of dictionary entries by the bytes that stand for them in a file: what was read once is known by its bytes.

/** No entry. Dictionary numbers never reach it. */
export const UNKNOWN_SPAN = 0x7fffffff;

/** What is longer than this is seldom met twice, and not kept. */
const maxSpanBytes = 256;
/** Once so many bytes are kept, no more are. */
const maxArenaBytes = 64 * 1024 * 1024;

/** A hash table with open addressing. Whole bytes are compared; the hash only says where to look. */
export class SpanTable {
  /** Entry numbers, -1 where there is none; its length is a power of two. */
  #slots = new Int32Array(1024).fill(-1);
  #hashes = new Int32Array(512);
  #starts = new Int32Array(512);
  #lengths = new Int32Array(512);
  #ids = new Int32Array(512);
  #count = 0;
  #arena = new Uint8Array(16 * 1024);
  #arenaEnd = 0;

  /** The dictionary number of the bytes from `start` to `end` (exclusive), or UNKNOWN_SPAN. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const length = end - start;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] as number;
      if (entry === -1) return UNKNOWN_SPAN;
      if (this.#hashes[entry] !== hash || this.#lengths[entry] !== length) continue;
      if (this.#equals(this.#starts[entry] as number, bytes, start, length))
        return this.#ids[entry] as number;
    }
  }

  /** The span must be unknown. */
  add(bytes: Uint8Array, start: number, end: number, hash: number, id: number): void {
    const length = end - start;
    if (length > maxSpanBytes || this.#arenaEnd + length > maxArenaBytes) return;
    if (this.#count === this.#hashes.length) this.#grow();
    while (this.#arenaEnd + length > this.#arena.length) this.#arena = doubled(this.#arena);
    this.#arena.set(bytes.subarray(start, end), this.#arenaEnd);
    const entry = this.#count++;
    this.#hashes[entry] = hash;
    this.#starts[entry] = this.#arenaEnd;
    this.#lengths[entry] = length;
    this.#ids[entry] = id;
    this.#arenaEnd += length;
    this.#place(entry, hash);
  }

  #equals(from: number, bytes: Uint8Array, start: number, length: number): boolean {
    const arena = this.#arena;
    for (let i = 0; i < length; i++) if (arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #place(entry: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  /** At most half of the slots are taken. */
  #grow(): void {
    this.#hashes = doubled(this.#hashes);
    this.#starts = doubled(this.#starts);
    this.#lengths = doubled(this.#lengths);
    this.#ids = doubled(this.#ids);
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let entry = 0; entry < this.#count; entry++) this.#place(entry, this.#hashes[entry] as number);
  }
}

/** The low bits of the hash depend on the last bytes mostly; the high ones must take part. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

function doubled<Column extends Int32Array | Uint8Array>(column: Column): Column {
  const Type = column.constructor as new (length: number) => Column;
  const result = new Type(column.length * 2);
  result.set(column);
  return result;
}
