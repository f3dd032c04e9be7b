// Where a search stands: the steps placed so far and the state, with an undo log. Unplaced steps are in a linked list, out
// of which placed ones are lifted and into which they are put back.
//
// With R the unplaced step that ends first, everything that ends before R is placed, and nothing that begins after R's
// end can be. So R and one bit for each step that is open at R's end say exactly which steps are placed, in as many bits
// as steps were ever open at once. That makes the key of a configuration small and exact.

import type { Operation } from '../op.ts';
import { Counts } from './counts.ts';
import { type Layout, layOut } from './layout.ts';
import { ANY, NONE, type Problem, type Step } from './problem.ts';

export const ILLEGAL = -4;
/** The state's place in a key when no step that is left needs the state. */
const DEAD = -3;

/**
 * Items are numbers: below `n` the steps that must be placed, by invocation; from `n` on classes of crashed steps, of
 * which placing one takes the earliest invoked that is left.
 */
export class Configuration<State> {
  readonly n: number;
  /** Words of {@link key}. */
  readonly keyWords: Int32Array;
  readonly layout: Layout;
  readonly counts: Counts;
  readonly #problem: Problem<State>;
  /** Unplaced steps by invocation, in a ring through index n. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #placed: Uint8Array;
  /** One bit a slot: the step that is open there is placed. */
  readonly #mask: Int32Array;
  #state: number;
  /** R, as an index of `byDeadline`; n when all required steps are placed. */
  #first = 0;
  #required = 0;
  /** The undo log: what was placed, and what it was like before. */
  #depth = 0;
  readonly #item: Int32Array;
  readonly #stateBefore: Int32Array;
  readonly #firstBefore: Int32Array;
  readonly #usedBefore: Int32Array;

  constructor(problem: Problem<State>) {
    this.#problem = problem;
    this.layout = layOut(problem);
    const n = this.layout.required.length;
    this.n = n;
    this.counts = new Counts(this.layout, problem.states.size);
    this.#next = Int32Array.from({ length: n + 1 }, (_, i) => (i === n ? 0 : i + 1));
    this.#previous = Int32Array.from({ length: n + 1 }, (_, i) => (i === 0 ? n : i - 1));
    this.#placed = new Uint8Array(n + 1);
    const words = (this.layout.slots + 31) >>> 5;
    this.#mask = new Int32Array(words);
    this.keyWords = new Int32Array(3 + words);
    this.#state = problem.initial;
    const frames = problem.steps.length;
    this.#item = new Int32Array(frames);
    this.#stateBefore = new Int32Array(frames);
    this.#firstBefore = new Int32Array(frames);
    this.#usedBefore = new Int32Array(frames);
  }

  get state(): number {
    return this.#state;
  }

  /** How many items are placed. */
  get depth(): number {
    return this.#depth;
  }

  /** How many of them had to be. */
  get required(): number {
    return this.#required;
  }

  get isComplete(): boolean {
    return this.#first === this.n;
  }

  /** Everything that ends before this position is placed, and what begins after it cannot be yet. */
  get horizon(): number {
    if (this.#first === this.n) return Infinity;
    return this.layout.deadline[this.layout.byDeadline[this.#first] ?? 0] ?? 0;
  }

  /** The first unplaced step, n when there is none. */
  get head(): number {
    return this.#next[this.n] ?? this.n;
  }

  /** The unplaced step after this one, n when there is none. */
  following(step: number): number {
    return this.#next[step] ?? this.n;
  }

  /** No unplaced step has ended before this one, which is unplaced as well, began. */
  isCandidate(step: number): boolean {
    return step < this.n && (this.layout.invokedAt[step] ?? 0) < this.horizon;
  }

  /** Any state will do: NONE. */
  needs(item: number): number {
    if (item < this.n) return this.layout.needs[item] ?? NONE;
    return this.layout.crashed[item - this.n]?.needs ?? NONE;
  }

  /** The state after this item, or ILLEGAL. */
  after(item: number): number {
    const { states, model, moves } = this.#problem;
    const crashed = item < this.n ? undefined : this.layout.crashed[item - this.n];
    if (moves) {
      const needs = this.needs(item);
      if (needs !== NONE && needs !== this.#state && this.#state !== ANY) return ILLEGAL;
      const leaves = crashed === undefined ? (this.layout.leaves[item] ?? NONE) : crashed.leaves;
      if (leaves !== NONE) return leaves;
      return needs === NONE ? this.#state : needs;
    }
    const { call, result } = ((crashed?.steps[0] ?? this.layout.required[item]) as Step).operation;
    const step = model.step(states.state(this.#state), call, result);
    return step.ok ? states.number(step.state) : ILLEGAL;
  }

  place(item: number, to: number): void {
    const frame = this.#depth++;
    this.#item[frame] = item;
    this.#stateBefore[frame] = this.#state;
    this.#firstBefore[frame] = this.#first;
    this.#usedBefore[frame] = this.counts.usedNumber;
    this.#state = to;
    if (item >= this.n) {
      this.counts.useCrashed(item - this.n);
      return;
    }
    const before = this.#previous[item] ?? 0;
    const after = this.#next[item] ?? 0;
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#placed[item] = 1;
    this.#required++;
    this.counts.place(item);
    this.#mark(item);
    for (; this.#placed[this.layout.byDeadline[this.#first] ?? this.n] === 1; this.#first++) {
      this.#unmark(this.layout.byDeadline[this.#first] ?? 0);
    }
  }

  /** Undoes the last {@link place}. */
  unplace(): void {
    const frame = --this.#depth;
    const item = this.#item[frame] ?? 0;
    this.#state = this.#stateBefore[frame] ?? 0;
    if (item >= this.n) {
      this.counts.unuseCrashed(item - this.n, this.#usedBefore[frame] ?? 0);
      return;
    }
    const first = this.#firstBefore[frame] ?? 0;
    while (this.#first > first) this.#mark(this.layout.byDeadline[--this.#first] ?? 0);
    this.#unmark(item);
    this.counts.unplace(item);
    this.#required--;
    this.#placed[item] = 0;
    this.#next[this.#previous[item] ?? 0] = item;
    this.#previous[this.#next[item] ?? 0] = item;
  }

  /** Writes the key into `keyWords`; how many words it has. Equal exactly for configurations with the same future. */
  key(): number {
    const dead = this.#problem.moves && this.#state !== ANY && !this.counts.isNeeded(this.#state);
    this.keyWords[0] = dead ? DEAD : this.#state;
    this.keyWords[1] = this.#first;
    this.keyWords[2] = this.counts.usedNumber;
    let words = this.#mask.length;
    while (words > 0 && this.#mask[words - 1] === 0) words--;
    for (let i = 0; i < words; i++) this.keyWords[3 + i] = this.#mask[i] ?? 0;
    return 3 + words;
  }

  /** What is placed, in order. */
  order(): Operation[] {
    const unused = this.layout.crashed.map(({ steps }) => steps[Symbol.iterator]());
    return Array.from(this.#item.subarray(0, this.#depth), (item) => {
      const step = item < this.n ? this.layout.required[item] : unused[item - this.n]?.next().value;
      return (step as Step).operation;
    });
  }

  #mark(step: number): void {
    const slot = this.layout.slot[step] ?? 0;
    this.#mask[slot >>> 5] = (this.#mask[slot >>> 5] ?? 0) | (1 << (slot & 31));
  }

  #unmark(step: number): void {
    const slot = this.layout.slot[step] ?? 0;
    this.#mask[slot >>> 5] = (this.#mask[slot >>> 5] ?? 0) & ~(1 << (slot & 31));
  }
}
