// What each call does to each state: asked of the model, and remembered in a table of bounded size. A table of every answer
// of a counter would fill the memory, so that one that is full forgets: an answer can always be asked for again.

import type { Model } from '../../model.ts';
import { States } from '../problem.ts';
import type { Calls } from './calls.ts';
import type { Effort } from './effort.ts';

export const ILLEGAL = -1;

/** State, call and answer. */
const WORDS = 3;
const FREE = -1;
const FIRST_ENTRIES = 1 << 10;
const MOST_ENTRIES = 1 << 20;
/** Guesses: what a state, its key and its number take, and how that grows with the text of the key. */
const BYTES_PER_STATE = 200;
const BYTES_PER_LETTER = 6;

export class Transitions<State> {
  readonly #model: Model<State>;
  readonly #states: States<State>;
  readonly #calls: Calls;
  readonly #effort: Effort;
  /** An entry is at its hash or beside it. */
  #table: Int32Array<ArrayBuffer>;
  #mask = FIRST_ENTRIES - 1;
  #filled = 0;
  readonly initial: number;

  constructor(model: Model<State>, calls: Calls, effort: Effort) {
    this.#model = model;
    this.#calls = calls;
    this.#effort = effort;
    this.#states = new States(model);
    this.#table = effort.array(FIRST_ENTRIES * WORDS).fill(FREE);
    this.initial = this.#states.number(model.init());
  }

  /** The state after a call of this class, or ILLEGAL. */
  after(state: number, call: number): number {
    const table = this.#table;
    const place = hash(state, call) & this.#mask;
    const at = place * WORDS;
    if (table[at] === state && table[at + 1] === call) return table[at + 2] as number;
    const beside = (place ^ 1) * WORDS;
    if (table[beside] === state && table[beside + 1] === call) return table[beside + 2] as number;
    return this.#ask(state, call);
  }

  #ask(state: number, kind: number): number {
    const { call, result } = this.#calls.example(kind);
    const step = this.#model.step(this.#states.state(state), call, result);
    const answer = step.ok ? this.#number(step.state) : ILLEGAL;
    if (this.#filled * 2 > this.#mask && this.#mask + 1 < MOST_ENTRIES) this.#grow();
    this.#note(state, kind, answer);
    return answer;
  }

  #number(state: State): number {
    const { size } = this.#states;
    const number = this.#states.number(state);
    if (number === size) {
      const key = this.#model.key(state);
      const letters = typeof key === 'string' ? key.length : 0;
      this.#effort.grow(0, BYTES_PER_STATE + letters * BYTES_PER_LETTER);
    }
    return number;
  }

  #note(state: number, call: number, answer: number): void {
    const place = hash(state, call) & this.#mask;
    const isFree = this.#table[place * WORDS] === FREE;
    const isFreeBeside = this.#table[(place ^ 1) * WORDS] === FREE;
    const at = (!isFree && isFreeBeside ? place ^ 1 : place) * WORDS;
    if (isFree || isFreeBeside) this.#filled++;
    this.#table[at] = state;
    this.#table[at + 1] = call;
    this.#table[at + 2] = answer;
  }

  #grow(): void {
    const old = this.#table;
    if (!this.#effort.mayGrow(old.byteLength, old.byteLength * 2)) {
      // It forgets from now on.
      this.#filled = Number.NEGATIVE_INFINITY;
      return;
    }
    this.#table = new Int32Array(old.length * 2).fill(FREE);
    this.#mask = this.#mask * 2 + 1;
    this.#filled = 0;
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at] !== FREE) this.#note(old[at] as number, old[at + 1] as number, old[at + 2] as number);
    }
  }
}

function hash(state: number, call: number): number {
  const h = Math.imul(state, 0x9e3779b1) ^ Math.imul(call, 0x85ebca6b);
  return h ^ (h >>> 15);
}
