// What led to each configuration of the present layer: a tree of steps, of which a configuration holds the last. Steps
// that lead to no configuration any more are forgotten now and then. Since configurations soon share their past, what is
// left is hardly more than one step for each operation placed.

import type { Effort } from './effort.ts';
import { type Layer, STEP } from './layer.ts';

export const NO_STEP = -1;

const COLUMNS = 3;

export class Trail {
  /** Per step: the step before it (always a smaller number), what was placed, and when. */
  #steps: Int32Array<ArrayBuffer>;
  #size = 0;
  #sweepAt = 16_384;
  readonly #effort: Effort;

  constructor(effort: Effort) {
    this.#effort = effort;
    this.#steps = effort.array(COLUMNS * 1024);
  }

  add(before: number, item: number, time: number): number {
    const at = this.#size * COLUMNS;
    if (at + COLUMNS > this.#steps.length) this.#steps = this.#effort.grown(this.#steps);
    this.#steps[at] = before;
    this.#steps[at + 1] = item;
    this.#steps[at + 2] = time;
    return this.#size++;
  }

  /** Whether it is time for a {@link sweep}: its work is then paid for by the steps added since the last one. */
  get isFull(): boolean {
    return this.#size >= this.#sweepAt;
  }

  /** A {@link sweep} of all but what leads to the configurations of this layer. */
  sweepLayer({ data, count }: Layer, words: number): void {
    this.#effort.borrow(count * 4);
    const ends = new Int32Array(count);
    for (let i = 0; i < count; i++) ends[i] = data[i * words + STEP] as number;
    this.sweep(ends, count);
    for (let i = 0; i < count; i++) data[i * words + STEP] = ends[i] as number;
  }

  /** Forgets what does not lead to one of these steps, and puts the new numbers of them in their places. */
  sweep(ends: Int32Array, count: number): void {
    this.#effort.borrow(this.#size * 4);
    const numbers = new Int32Array(this.#size);
    for (let i = 0; i < count; i++) {
      for (let step = ends[i] as number; step !== NO_STEP && numbers[step] === 0; ) {
        numbers[step] = 1;
        step = this.#steps[step * COLUMNS] as number;
      }
    }
    let kept = 0;
    for (let step = 0; step < this.#size; step++) {
      if (numbers[step] === 0) continue;
      const before = this.#steps[step * COLUMNS] as number;
      this.#steps[kept * COLUMNS] = before === NO_STEP ? NO_STEP : (numbers[before] as number);
      this.#steps[kept * COLUMNS + 1] = this.#steps[step * COLUMNS + 1] as number;
      this.#steps[kept * COLUMNS + 2] = this.#steps[step * COLUMNS + 2] as number;
      numbers[step] = kept++;
    }
    for (let i = 0; i < count; i++) {
      if (ends[i] !== NO_STEP) ends[i] = numbers[ends[i] as number] as number;
    }
    this.#size = kept;
    this.#sweepAt = Math.max(16_384, kept * 2);
  }

  /** What was placed and when, from the first step to this one. */
  path(last: number): { items: Int32Array; times: Int32Array } {
    let length = 0;
    for (let step = last; step !== NO_STEP; step = this.#steps[step * COLUMNS] as number) length++;
    const items = new Int32Array(length);
    const times = new Int32Array(length);
    for (let step = last; step !== NO_STEP; step = this.#steps[step * COLUMNS] as number) {
      items[--length] = this.#steps[step * COLUMNS + 1] as number;
      times[length] = this.#steps[step * COLUMNS + 2] as number;
    }
    return { items, times };
  }
}
