// The search for a legal order: Wing and Gong ("Testing and verifying concurrent objects", 1993) with the memo of Lowe
// ("Testing for linearizability", 2017). Depth first and without recursion, since a history may have 100,000 operations.

import type { Budget, GaveUp } from '../checker.ts';
import type { Operation } from '../op.ts';
import { Configuration, ILLEGAL } from './configuration.ts';
import { Effort, GivingUp } from './layers/effort.ts';
import { Memo } from './memo.ts';
import { ANY, NONE, type Problem } from './problem.ts';

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

/** Marks a placement that is undone together with the one before it, and the end of all choices. */
const COMMITTED = -1;
/** How many turns pass between two looks at the budget. */
const TURNS = 256;
const BYTES_PER_STEP = 100;

export function search<State>(problem: Problem<State>, limits: Limits): SearchOutcome {
  if (isHopeless(problem)) return { found: 'none', reached: 0, longest: [], configurations: 0 };
  // The number of configurations is looked at by the search itself.
  const effort = new Effort(limits.budget, Infinity);
  let started: Search<State> | undefined;
  try {
    effort.grow(0, problem.steps.length * BYTES_PER_STEP);
    started = new Search(problem, limits, effort);
    return started.run();
  } catch (error) {
    if (!(error instanceof GivingUp)) throw error;
    return {
      found: 'nothing yet',
      cause: error.why,
      bytes: effort.bytes,
      configurations: started?.configurations ?? 0,
    };
  }
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
  readonly #limits: Limits;
  readonly #here: Configuration<State>;
  readonly #moves: boolean;
  readonly #memo: Memo;
  readonly #effort: Effort;
  /** By depth: the candidate that was tried there, to go on after it, or COMMITTED. */
  readonly #tried: Int32Array;
  #longest: readonly Operation[] = [];
  #longestRequired = -1;
  #reached = 0;

  constructor(problem: Problem<State>, limits: Limits, effort: Effort) {
    this.#limits = limits;
    this.#effort = effort;
    this.#memo = new Memo((from, to) => effort.grow(from, to));
    this.#here = new Configuration(problem);
    this.#moves = problem.moves;
    this.#tried = new Int32Array(problem.steps.length);
  }

  get configurations(): number {
    return this.#memo.size;
  }

  run(): SearchOutcome {
    this.#placeObservers();
    this.#isNew();
    this.#note();
    let cursor = this.#here.head;
    for (let turn = 1; !this.#here.isComplete; turn++) {
      if (this.#tryFrom(cursor)) {
        this.#note();
        cursor = this.#here.head;
      } else {
        cursor = this.#goBack();
        if (cursor === COMMITTED) {
          return {
            found: 'none',
            reached: this.#reached,
            longest: this.#longest,
            configurations: this.#memo.size,
          };
        }
      }
      const cause = turn % TURNS === 0 ? this.#giveUp() : undefined;
      if (cause !== undefined) {
        return { found: 'nothing yet', cause, bytes: this.#bytes(), configurations: this.#memo.size };
      }
    }
    return { found: 'order', order: this.#here.order(), configurations: this.#memo.size };
  }

  #bytes(): number {
    return this.#effort.bytes + this.#here.counts.bytes;
  }

  #giveUp(): GaveUp | 'limit' | undefined {
    const most = this.#limits.configurations ?? Infinity;
    return this.#limits.budget.giveUp(this.#bytes()) ?? (this.#memo.size > most ? 'limit' : undefined);
  }

  #note(): void {
    const { horizon, required } = this.#here;
    if (horizon > this.#reached) this.#reached = horizon;
    if (this.#limits.keepLongest !== true || required <= this.#longestRequired) return;
    this.#longestRequired = required;
    this.#longest = this.#here.order();
  }

  /** Goes on to a configuration not seen yet with the first possible candidate from `cursor` on. */
  #tryFrom(cursor: number): boolean {
    const { n } = this.#here;
    let candidate = cursor;
    for (; this.#here.isCandidate(candidate); candidate = this.#here.following(candidate)) {
      if (this.#enter(candidate)) return true;
    }
    const classes = this.#here.layout.crashed.length;
    for (let crashed = Math.max(0, candidate - n); crashed < classes; crashed++) {
      if (this.#isUseful(crashed) && this.#enter(n + crashed)) return true;
    }
    return false;
  }

  #enter(item: number): boolean {
    const { depth, state: from } = this.#here;
    const to = this.#here.after(item);
    if (to === ILLEGAL) return false;
    if (this.#moves && this.#here.needs(item) === NONE) this.#placeDeadWrites(item);
    this.#place(item, to);
    this.#tried[depth] = item;
    if (!(this.#moves && from !== to && this.#here.counts.isLost(from))) {
      this.#placeObservers();
      if (this.#isNew()) return true;
    }
    while (this.#here.depth > depth) this.#here.unplace();
    return false;
  }

  #place(item: number, to: number): void {
    this.#tried[this.#here.depth] = COMMITTED;
    this.#here.place(item, to);
  }

  /** Adds this configuration to the memo; false when the search has been here before. */
  #isNew(): boolean {
    const words = this.#here.key();
    return this.#memo.add(this.#here.keyWords, words);
  }

  /** Undoes the last choice; the candidate to try next, or COMMITTED when there was no choice left to undo. */
  #goBack(): number {
    while (this.#here.depth > 0) {
      this.#here.unplace();
      const tried = this.#tried[this.#here.depth] ?? COMMITTED;
      if (tried !== COMMITTED) return tried < this.#here.n ? this.#here.following(tried) : tried + 1;
    }
    return COMMITTED;
  }

  /**
   * A legal observer is placed at once and never taken back but with what went before: in any order that goes on from
   * here it can be moved to the front, for the state stays the same.
   */
  #placeObservers(): void {
    const { observer } = this.#here.layout;
    let step = this.#here.head;
    while (this.#here.isCandidate(step)) {
      const following = this.#here.following(step);
      const { state } = this.#here;
      if (observer[step] === 1 && this.#here.after(step) === state) this.#place(step, state);
      step = following;
    }
  }

  /**
   * A write whose value nobody needs any more may as well go just before the next blind write: what follows it in any
   * order needs no state, so it is not missed at its old place, and at the new one it is overwritten.
   */
  #placeDeadWrites(except: number): void {
    const { needs, leaves } = this.#here.layout;
    let step = this.#here.head;
    while (this.#here.isCandidate(step)) {
      const following = this.#here.following(step);
      const left = leaves[step] ?? NONE;
      const isBlindWrite = step !== except && needs[step] === NONE && left !== NONE;
      if (isBlindWrite && !this.#here.counts.isNeeded(left)) this.#place(step, left);
      step = following;
    }
  }

  /**
   * Whether one more crashed step of this class can make a difference here: one was invoked, it would change the state,
   * and somebody who could go next needs the state that it leaves. (If what goes next did not need it, it could have
   * been left out, which is always allowed.)
   */
  #isUseful(index: number): boolean {
    const here = this.#here;
    const step = here.layout.crashed[index]?.steps[here.counts.used(index)];
    if (step === undefined || step.invokedAt >= here.horizon) return false;
    const to = here.after(here.n + index);
    if (to === ILLEGAL || to === here.state) return false;
    if (!this.#moves) return true;
    for (let other = here.head; here.isCandidate(other); other = here.following(other)) {
      if (here.layout.needs[other] === to) return true;
    }
    return here.layout.crashed.some((other) => other.needs === to);
  }
}
