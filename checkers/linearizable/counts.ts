// What the steps that are not placed yet still need and can still leave, kept up to date by the search, and how many
// crashed steps of each class are used.

import type { Layout } from './layout.ts';
import { NONE } from './problem.ts';

export class Counts {
  readonly #layout: Layout;
  /** By state: unplaced steps that need it, crashed ones included. */
  readonly #needed: Int32Array;
  /** By state: unplaced steps that need it and must be placed. */
  readonly #due: Int32Array;
  /** By state: unplaced steps that leave it, crashed ones included. */
  readonly #sources: Int32Array;
  readonly #used: Int32Array;
  /** Vectors of `#used` by small numbers, for memo keys. */
  readonly #vectors = new Map<string, number>();
  #usedNumber: number;
  #bytes = 0;

  constructor(layout: Layout, states: number) {
    this.#layout = layout;
    this.#needed = new Int32Array(states);
    this.#due = new Int32Array(states);
    this.#sources = new Int32Array(states);
    for (const step of layout.required.keys()) this.#change(step, 1);
    for (const { needs, leaves, steps } of layout.crashed) {
      add(this.#needed, needs, steps.length);
      add(this.#sources, leaves, steps.length);
    }
    this.#used = new Int32Array(layout.crashed.length);
    this.#usedNumber = this.#number();
  }

  /** What the vectors take: their texts, two bytes a letter at most, and a guess for the rest. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Equal for equal numbers of used crashed steps in every class. */
  get usedNumber(): number {
    return this.#usedNumber;
  }

  used(crashed: number): number {
    return this.#used[crashed] ?? 0;
  }

  isNeeded(state: number): boolean {
    return (this.#needed[state] ?? 0) > 0;
  }

  /** The state has been left, somebody must still be placed in it, and nobody can bring it back. */
  isLost(state: number): boolean {
    return (this.#due[state] ?? 0) > 0 && this.#sources[state] === 0;
  }

  place(step: number): void {
    this.#change(step, -1);
  }

  unplace(step: number): void {
    this.#change(step, 1);
  }

  useCrashed(crashed: number): void {
    this.#changeCrashed(crashed, 1);
    this.#usedNumber = this.#number();
  }

  unuseCrashed(crashed: number, usedNumber: number): void {
    this.#changeCrashed(crashed, -1);
    this.#usedNumber = usedNumber;
  }

  #change(step: number, by: number): void {
    const needs = this.#layout.needs[step] ?? NONE;
    add(this.#needed, needs, by);
    add(this.#due, needs, by);
    add(this.#sources, this.#layout.leaves[step] ?? NONE, by);
  }

  #changeCrashed(crashed: number, by: number): void {
    this.#used[crashed] = (this.#used[crashed] ?? 0) + by;
    add(this.#needed, this.#layout.crashed[crashed]?.needs ?? NONE, -by);
    add(this.#sources, this.#layout.crashed[crashed]?.leaves ?? NONE, -by);
  }

  #number(): number {
    const vector = this.#used.join();
    const number = this.#vectors.get(vector) ?? this.#vectors.size;
    if (number === this.#vectors.size) {
      this.#vectors.set(vector, number);
      this.#bytes += 100 + vector.length * 2;
    }
    return number;
  }
}

function add(counts: Int32Array, state: number, by: number): void {
  if (state !== NONE) counts[state] = (counts[state] ?? 0) + by;
}
