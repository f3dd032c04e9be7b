// What each call does to each state, asked of the model once: a table from classes of equal calls and numbers of states to
// numbers of states.

import { canonicalJson } from '../../json.ts';
import type { Model } from '../../model.ts';
import type { Operation } from '../../op.ts';
import { States } from '../problem.ts';

export const ILLEGAL = -1;
const UNASKED = -2;

/** Beyond so many entries the model is asked anew each time: a table of every answer of a counter would fill the memory. */
const MOST_ENTRIES = 1 << 22;
/** A guess: what a state, its key and its number take besides the key's text. */
const BYTES_PER_STATE = 200;

export class Transitions<State> {
  readonly #model: Model<State>;
  readonly #states: States<State>;
  /** By class: an operation of it, and a row of the table. */
  readonly #examples: Operation[] = [];
  readonly #rows: (Int32Array<ArrayBuffer> | undefined)[] = [];
  readonly #names = new Map<string, number>();
  #entries = 0;
  readonly initial: number;

  constructor(model: Model<State>) {
    this.#model = model;
    this.#states = new States(model);
    this.initial = this.#states.number(model.init());
  }

  get bytes(): number {
    return this.#entries * 4 + this.#states.size * BYTES_PER_STATE + this.#names.size * BYTES_PER_STATE;
  }

  /** Operations of one class do the same to every state. */
  classOf(operation: Operation): number {
    const { call, result } = operation;
    const name = canonicalJson([
      call.f,
      call.key === undefined ? [] : [call.key],
      call.value === undefined ? [] : [call.value],
      result === undefined
        ? null
        : [result.mismatch === true, result.value === undefined ? [] : [result.value]],
    ]);
    let number = this.#names.get(name);
    if (number === undefined) {
      number = this.#examples.length;
      this.#examples.push(operation);
      this.#names.set(name, number);
    }
    return number;
  }

  /** The state after a call of this class, or ILLEGAL. */
  after(state: number, kind: number): number {
    const row = this.#rows[kind];
    const known = row?.[state] ?? UNASKED;
    if (known !== UNASKED) return known;
    const { call, result } = this.#examples[kind] as Operation;
    const step = this.#model.step(this.#states.state(state), call, result);
    const answer = step.ok ? this.#states.number(step.state) : ILLEGAL;
    this.#note(state, kind, answer);
    return answer;
  }

  #note(state: number, kind: number, answer: number): void {
    let row = this.#rows[kind];
    if (row === undefined || state >= row.length) {
      const length = Math.max(8, state + 1, (row?.length ?? 0) * 2);
      if (this.#entries + length > MOST_ENTRIES) return;
      const grown = new Int32Array(length).fill(UNASKED);
      if (row !== undefined) grown.set(row);
      this.#entries += length - (row?.length ?? 0);
      this.#rows[kind] = grown;
      row = grown;
    }
    row[state] = answer;
  }
}
