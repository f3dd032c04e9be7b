// Operations of one key turned into numbers for the search: states become small integers, and operations become steps
// with the interval in which they must take effect.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';

/** Stands for "no state" in `needs` and `leaves`. */
export const NONE = -1;

/** The state before the first step when any value was allowed; the first step that needs a state resolves it. */
export const ANY = -2;

export interface Step {
  readonly operation: Operation;
  /** A position in the history. It takes effect after this one … */
  invokedAt: number;
  /** … and before this one. Infinity: at any later time or never. */
  deadline: number;
  /** The state that it needs, NONE for any. Both are NONE where the model has no `move`. */
  readonly needs: number;
  /** The state that it leaves, NONE for the same. */
  readonly leaves: number;
  /** Can never change the state. */
  readonly observer: boolean;
}

export interface Problem<State> {
  readonly model: Model<State>;
  readonly states: States<State>;
  /** A state's number, or ANY. */
  readonly initial: number;
  /** Whether `needs` and `leaves` say all there is to say. */
  readonly moves: boolean;
  readonly steps: readonly Step[];
  /** A completed operation that is legal in no state at all: nothing needs to be searched. */
  readonly impossible?: Operation;
}

/** States by small numbers; equal states (by the model's key) get equal numbers. */
export class States<State> {
  readonly #model: Model<State>;
  readonly #numbers = new Map<string | number, number>();
  readonly #states: State[] = [];

  constructor(model: Model<State>) {
    this.#model = model;
  }

  get size(): number {
    return this.#states.length;
  }

  number(state: State): number {
    const key = this.#model.key(state);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#states.length;
      this.#states.push(state);
      this.#numbers.set(key, number);
    }
    return number;
  }

  state(number: number): State {
    return this.#states[number] as State;
  }
}

/** Where a judgement starts: from the model's own initial state, or from any (for models with `move` only). */
export type Start = 'initial' | 'any';

/** The operations of one key as a problem, nothing left out yet. */
export function problemOf<State>(
  model: Model<State>,
  operations: readonly Operation[],
  start: Start = 'initial',
): Problem<State> {
  const states = new States(model);
  if (start === 'any' && model.move === undefined)
    throw new Error(`${model.name} cannot start from any state`);
  const initial = start === 'any' ? ANY : states.number(model.init());
  let impossible: Operation | undefined;
  const steps = operations.map((operation): Step => {
    const { call, result } = operation;
    const move = model.move?.(call, result) ?? {};
    if (result !== undefined && move.needs !== undefined && !model.step(move.needs.state, call, result).ok) {
      impossible ??= operation;
    }
    const needs = move.needs === undefined ? NONE : states.number(move.needs.state);
    const leaves = move.leaves === undefined ? NONE : states.number(move.leaves.state);
    return {
      operation,
      invokedAt: operation.invokedAt,
      deadline: operation.completedAt,
      needs,
      leaves: leaves === needs ? NONE : leaves,
      observer:
        model.isObserver(call, result) || (model.move !== undefined && (leaves === NONE || leaves === needs)),
    };
  });
  return {
    model,
    states,
    initial,
    moves: model.move !== undefined,
    steps,
    ...(impossible === undefined ? {} : { impossible }),
  };
}
