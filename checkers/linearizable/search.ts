// The search for a legal order: Wing and Gong ("Testing and verifying concurrent objects", 1993) with the memo of Lowe
// ("Testing for linearizability", 2017). Depth first, without recursion: steps are lifted out of a linked list as they
// are placed, and put back when there is no way on.
//
// A configuration is the steps placed so far and the state. With R the unplaced step that ends first, everything that
// ends before R is placed and nothing that begins after R's end can be. So R and one bit for each step that is open at
// R's end say exactly which steps are placed, in as many bits as steps were ever open at once.

import type { Budget, GaveUp } from '../checker.ts';
import type { Operation } from '../op.ts';
import { Counts } from './counts.ts';
import { type Layout, layOut } from './layout.ts';
import { Memo } from './memo.ts';
import { ANY, NONE, type Problem, type Step } from './problem.ts';

export interface Limits {
  readonly budget: Budget;
  /** Give up with `limit` after this many configurations. */
  readonly configurations?: number;
  /** Keep the longest order that was reached: costs a copy each time it grows, so for small problems only. */
  readonly keepLongest?: boolean;
}

export type SearchOutcome =
  | { readonly found: 'order'; readonly order: readonly Operation[]; readonly configurations: number }
  | {
      readonly found: 'none';
      /** Everything that completed before this position in the history fits in an order; 0: nothing is known. */
      readonly reached: number;
      readonly longest: readonly Operation[];
      readonly configurations: number;
    }
  | {
      readonly found: 'nothing yet';
      readonly cause: GaveUp | 'limit';
      readonly bytes: number;
      readonly configurations: number;
    };

/** A frame that is undone together with the one below it. */
const COMMITTED = -1;
/** The state's place in a memo key when no step that is left needs the state. */
const DEAD = -3;
const ILLEGAL = -4;
/** How many turns pass between two looks at the budget. */
const TURNS = 256;
const BYTES_PER_STEP = 100;

export function search<State>(problem: Problem<State>, limits: Limits): SearchOutcome {
  if (isHopeless(problem)) return { found: 'none', reached: 0, longest: [], configurations: 0 };
  return new Search(problem).run(limits);
}

/** Whether some operation fits in no order, whatever the others do. */
function isHopeless<State>(problem: Problem<State>): boolean {
  if (problem.impossible !== undefined) return true;
  const left = new Set(problem.steps.map((step) => step.leaves));
  left.add(problem.initial);
  return problem.steps.some(
    (step) =>
      step.deadline < step.invokedAt ||
      (problem.initial !== ANY && step.needs !== NONE && step.deadline !== Infinity && !left.has(step.needs)),
  );
}

class Search<State> {
  readonly #problem: Problem<State>;
  readonly #layout: Layout;
  readonly #n: number;
  readonly #memo = new Memo();
  readonly #counts: Counts;
  /** Unplaced steps by invocation, in a ring through index n. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #placed: Uint8Array;
  /** One bit a slot: the step that is open there is placed. */
  readonly #mask: Int32Array;
  readonly #key: Int32Array;
  #state: number;
  /** R, as an index of `byDeadline`; n when all required steps are placed. */
  #first = 0;
  /** Undo log: what was placed (n and above: a class of crashed steps) and what it was like before. */
  #depth = 0;
  readonly #item: Int32Array;
  readonly #stateBefore: Int32Array;
  readonly #firstBefore: Int32Array;
  readonly #usedBefore: Int32Array;
  /** The candidate that this frame tried, to go on after it, or COMMITTED. */
  readonly #tried: Int32Array;
  #required = 0;
  #longest: readonly Operation[] = [];
  #longestRequired = -1;
  #reached = 0;

  constructor(problem: Problem<State>) {
    this.#problem = problem;
    this.#layout = layOut(problem);
    const n = this.#layout.required.length;
    this.#n = n;
    this.#counts = new Counts(this.#layout, problem.states.size);
    this.#next = Int32Array.from({ length: n + 1 }, (_, i) => (i === n ? 0 : i + 1));
    this.#previous = Int32Array.from({ length: n + 1 }, (_, i) => (i === 0 ? n : i - 1));
    this.#placed = new Uint8Array(n + 1);
    const words = (this.#layout.slots + 31) >>> 5;
    this.#mask = new Int32Array(words);
    this.#key = new Int32Array(3 + words);
    this.#state = problem.initial;
    const frames = problem.steps.length;
    this.#item = new Int32Array(frames);
    this.#stateBefore = new Int32Array(frames);
    this.#firstBefore = new Int32Array(frames);
    this.#usedBefore = new Int32Array(frames);
    this.#tried = new Int32Array(frames);
  }

  run(limits: Limits): SearchOutcome {
    const most = limits.configurations ?? Infinity;
    this.#placeObservers();
    this.#note(limits);
    this.#isNew();
    let cursor = this.#next[this.#n] ?? 0;
    for (let turn = 1; this.#first < this.#n; turn++) {
      if (this.#tryFrom(cursor)) {
        this.#note(limits);
        cursor = this.#next[this.#n] ?? 0;
      } else {
        cursor = this.#goBack();
        if (cursor === COMMITTED) return this.#none();
      }
      if (turn % TURNS === 0) {
        const bytes = this.#memo.bytes + this.#problem.steps.length * BYTES_PER_STEP;
        const cause = limits.budget.giveUp(bytes) ?? (this.#memo.size > most ? 'limit' : undefined);
        if (cause !== undefined)
          return { found: 'nothing yet', cause, bytes, configurations: this.#memo.size };
      }
    }
    return { found: 'order', order: this.#order(), configurations: this.#memo.size };
  }

  #none(): SearchOutcome {
    const last = this.#layout.byDeadline[Math.min(this.#reached, this.#n - 1)] ?? 0;
    return {
      found: 'none',
      reached: this.#layout.deadline[last] ?? 0,
      longest: this.#longest,
      configurations: this.#memo.size,
    };
  }

  #note(limits: Limits): void {
    if (this.#first > this.#reached) this.#reached = this.#first;
    if (limits.keepLongest !== true || this.#required <= this.#longestRequired) return;
    this.#longestRequired = this.#required;
    this.#longest = this.#order();
  }

  #order(): Operation[] {
    const unused = this.#layout.crashed.map(({ steps }) => steps[Symbol.iterator]());
    return Array.from(this.#item.subarray(0, this.#depth), (item) => {
      const step = item < this.#n ? this.#layout.required[item] : unused[item - this.#n]?.next().value;
      return (step as Step).operation;
    });
  }

  /** Steps invoked at or after this position come after R. */
  #horizon(): number {
    return this.#first === this.#n
      ? Infinity
      : (this.#layout.deadline[this.#layout.byDeadline[this.#first] ?? 0] ?? 0);
  }

  #isCandidate(step: number): boolean {
    return step < this.#n && (this.#layout.invokedAt[step] ?? 0) < this.#horizon();
  }

  /** Goes on to a configuration not seen yet with the first possible candidate from `cursor` on. */
  #tryFrom(cursor: number): boolean {
    let candidate = cursor;
    for (; this.#isCandidate(candidate); candidate = this.#next[candidate] ?? 0) {
      if (this.#enter(candidate)) return true;
    }
    const classes = this.#layout.crashed.length;
    for (
      let crashed = Math.max(0, candidate < this.#n ? 0 : candidate - this.#n);
      crashed < classes;
      crashed++
    ) {
      if (this.#isUseful(crashed) && this.#enter(this.#n + crashed)) return true;
    }
    return false;
  }

  #enter(item: number): boolean {
    const depth = this.#depth;
    const from = this.#state;
    const to = this.#after(item);
    if (to === ILLEGAL) return false;
    if (this.#problem.moves && this.#needs(item) === NONE) this.#placeDeadWrites(item);
    this.#place(item, to);
    this.#tried[depth] = item;
    if (!(this.#problem.moves && from !== to && this.#counts.isLost(from))) {
      this.#placeObservers();
      if (this.#isNew()) return true;
    }
    this.#unwind(depth);
    return false;
  }

  /**
   * A legal observer is placed at once and never taken back but with what went before: in any order that goes on from
   * here it can be moved to the front, for the state stays the same.
   */
  #placeObservers(): void {
    let step = this.#next[this.#n] ?? 0;
    while (this.#isCandidate(step)) {
      const following = this.#next[step] ?? 0;
      if (this.#layout.observer[step] === 1 && this.#after(step) === this.#state)
        this.#place(step, this.#state);
      step = following;
    }
  }

  /**
   * A write whose value nobody needs any more may as well go just before the next blind write: what follows it in any
   * order needs no state, so it is not missed at its old place, and at the new one it is overwritten.
   */
  #placeDeadWrites(except: number): void {
    const { needs, leaves } = this.#layout;
    let step = this.#next[this.#n] ?? 0;
    while (this.#isCandidate(step)) {
      const following = this.#next[step] ?? 0;
      const left = leaves[step] ?? NONE;
      if (step !== except && needs[step] === NONE && left !== NONE && !this.#counts.isNeeded(left)) {
        this.#place(step, left);
      }
      step = following;
    }
  }

  #needs(item: number): number {
    if (item < this.#n) return this.#layout.needs[item] ?? NONE;
    return this.#layout.crashed[item - this.#n]?.needs ?? NONE;
  }

  /** The state after this item, or ILLEGAL. */
  #after(item: number): number {
    const { states, model, moves } = this.#problem;
    const crashed = item < this.#n ? undefined : this.#layout.crashed[item - this.#n];
    if (moves) {
      const needs = this.#needs(item);
      if (needs !== NONE && needs !== this.#state && this.#state !== ANY) return ILLEGAL;
      const leaves = crashed === undefined ? (this.#layout.leaves[item] ?? NONE) : crashed.leaves;
      if (leaves !== NONE) return leaves;
      return needs === NONE ? this.#state : needs;
    }
    const operation = (crashed?.steps[0] ?? this.#layout.required[item])?.operation as Operation;
    const step = model.step(states.state(this.#state), operation.call, operation.result);
    return step.ok ? states.number(step.state) : ILLEGAL;
  }

  /**
   * Whether one more crashed step of this class can make a difference here: one was invoked, it would change the state,
   * and somebody who could go next needs the state that it leaves. (If what goes next did not need it, it could have
   * been left out, which is always allowed.)
   */
  #isUseful(index: number): boolean {
    const crashed = this.#layout.crashed[index];
    const step = crashed?.steps[this.#counts.used(index)];
    if (crashed === undefined || step === undefined || step.invokedAt >= this.#horizon()) return false;
    const to = this.#after(this.#n + index);
    if (to === ILLEGAL || to === this.#state) return false;
    if (!this.#problem.moves) return true;
    for (let other = this.#next[this.#n] ?? 0; this.#isCandidate(other); other = this.#next[other] ?? 0) {
      if (this.#layout.needs[other] === to) return true;
    }
    return this.#layout.crashed.some((other) => other.needs === to);
  }

  #place(item: number, to: number): void {
    const frame = this.#depth++;
    this.#item[frame] = item;
    this.#stateBefore[frame] = this.#state;
    this.#firstBefore[frame] = this.#first;
    this.#usedBefore[frame] = this.#counts.usedNumber;
    this.#tried[frame] = COMMITTED;
    this.#state = to;
    if (item >= this.#n) {
      this.#counts.useCrashed(item - this.#n);
      return;
    }
    const before = this.#previous[item] ?? 0;
    const after = this.#next[item] ?? 0;
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#placed[item] = 1;
    this.#required++;
    this.#counts.place(item);
    this.#mark(item);
    for (; this.#placed[this.#layout.byDeadline[this.#first] ?? this.#n] === 1; this.#first++) {
      this.#unmark(this.#layout.byDeadline[this.#first] ?? 0);
    }
  }

  #unplace(): void {
    const frame = --this.#depth;
    const item = this.#item[frame] ?? 0;
    this.#state = this.#stateBefore[frame] ?? 0;
    if (item >= this.#n) {
      this.#counts.unuseCrashed(item - this.#n, this.#usedBefore[frame] ?? 0);
      return;
    }
    const first = this.#firstBefore[frame] ?? 0;
    while (this.#first > first) this.#mark(this.#layout.byDeadline[--this.#first] ?? 0);
    this.#unmark(item);
    this.#counts.unplace(item);
    this.#required--;
    this.#placed[item] = 0;
    this.#next[this.#previous[item] ?? 0] = item;
    this.#previous[this.#next[item] ?? 0] = item;
  }

  #mark(step: number): void {
    const slot = this.#layout.slot[step] ?? 0;
    this.#mask[slot >>> 5] = (this.#mask[slot >>> 5] ?? 0) | (1 << (slot & 31));
  }

  #unmark(step: number): void {
    const slot = this.#layout.slot[step] ?? 0;
    this.#mask[slot >>> 5] = (this.#mask[slot >>> 5] ?? 0) & ~(1 << (slot & 31));
  }

  #unwind(depth: number): void {
    while (this.#depth > depth) this.#unplace();
  }

  /** Undoes the last choice; the candidate to try next, or COMMITTED when there was no choice left to undo. */
  #goBack(): number {
    while (this.#depth > 0) {
      const tried = this.#tried[this.#depth - 1] ?? COMMITTED;
      this.#unplace();
      if (tried !== COMMITTED) return tried < this.#n ? (this.#next[tried] ?? 0) : tried + 1;
    }
    return COMMITTED;
  }

  /** Adds this configuration to the memo; false when the search has been here before. */
  #isNew(): boolean {
    const { moves } = this.#problem;
    const dead = moves && this.#state !== ANY && !this.#counts.isNeeded(this.#state);
    this.#key[0] = dead ? DEAD : this.#state;
    this.#key[1] = this.#first;
    this.#key[2] = this.#counts.usedNumber;
    let words = this.#mask.length;
    while (words > 0 && this.#mask[words - 1] === 0) words--;
    for (let i = 0; i < words; i++) this.#key[3 + i] = this.#mask[i] ?? 0;
    return this.#memo.add(this.#key, 3 + words);
  }
}
