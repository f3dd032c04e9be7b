// Numbers of which the smallest is taken first: a binary heap over a typed array.

export class EarliestFirst {
  readonly #heap: Int32Array;
  #size = 0;

  /** `most` numbers are in it at once. */
  constructor(most: number) {
    this.#heap = new Int32Array(most);
  }

  add(number: number): void {
    const heap = this.#heap;
    let at = this.#size++;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      if ((heap[above] as number) <= number) break;
      heap[at] = heap[above] as number;
      at = above;
    }
    heap[at] = number;
  }

  /** Takes the smallest out; it must not be empty. */
  take(): number {
    const heap = this.#heap;
    const result = heap[0] as number;
    const size = --this.#size;
    const last = heap[size] as number;
    let at = 0;
    while (true) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && (heap[below + 1] as number) < (heap[below] as number)) below++;
      if ((heap[below] as number) >= last) break;
      heap[at] = heap[below] as number;
      at = below;
    }
    heap[at] = last;
    return result;
  }
}
