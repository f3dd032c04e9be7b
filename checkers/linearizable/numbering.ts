// Numbers of a dictionary turned into small ones, 0, 1, 2, … in the order in which they are asked for.

/** Numbers of a dictionary are small in both directions from zero, most of the time: then a table holds them. */
export class Numbering {
  readonly #lowest: number;
  readonly #table: Int32Array | undefined;
  readonly #others = new Map<number, number>();
  #size = 0;

  /** All numbers that will be asked for are from `lowest` to `highest`; about `count` of them. */
  constructor(lowest: number, highest: number, count: number) {
    this.#lowest = lowest;
    const range = highest - lowest + 1;
    if (range <= 8 * count + 64) this.#table = new Int32Array(range);
  }

  get size(): number {
    return this.#size;
  }

  number(id: number): number {
    const table = this.#table;
    if (table === undefined) return this.#numberOther(id);
    const known = table[id - this.#lowest] as number;
    if (known !== 0) return known - 1;
    table[id - this.#lowest] = this.#size + 1;
    return this.#size++;
  }

  #numberOther(id: number): number {
    const known = this.#others.get(id);
    if (known !== undefined) return known;
    this.#others.set(id, this.#size);
    return this.#size++;
  }
}
