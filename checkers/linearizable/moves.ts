// A part in columns, for models whose calls are moves between states (registers): what an algorithm that visits each
// operation a few times needs, and nothing else.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { NONE, States } from './problem.ts';

/** The number of the state before the first operation. */
export const INITIAL = 0;

/** Columns are indexed by row. A crashed operation that cannot change the state may be left out: it has no events. */
export interface Moves {
  /**
   * The number of the state that it needs, NONE for any. Equal states have equal numbers. A completed operation that is
   * legal in no state needs one that nothing leaves.
   */
  readonly needs: Int32Array;
  /** The number of the state that it leaves, NONE for the same. */
  readonly leaves: Int32Array;
  /** Both ends of the operations in the order of the history: twice the row, plus one for a completion. */
  readonly events: Int32Array;
  /** Numbers of states are below this. */
  readonly states: number;
}

/** Undefined where the model has no `move`. */
export function movesOf<State>(model: Model<State>, operations: readonly Operation[]): Moves | undefined {
  if (model.move === undefined) return undefined;
  const states = new States(model);
  states.number(model.init());
  const needs = new Int32Array(operations.length).fill(NONE);
  const leaves = new Int32Array(operations.length).fill(NONE);
  const impossible: number[] = [];
  const ends: { readonly position: number; readonly event: number }[] = [];
  for (const [row, { call, result, invokedAt, completedAt }] of operations.entries()) {
    const move = model.move(call, result);
    const from = move.needs === undefined ? NONE : states.number(move.needs.state);
    const to = move.leaves === undefined ? NONE : states.number(move.leaves.state);
    const changes = to !== NONE && to !== from;
    if (completedAt === Infinity && !changes) continue;
    needs[row] = from;
    if (changes) leaves[row] = to;
    if (move.needs && result && !model.step(move.needs.state, call, result).ok) impossible.push(row);
    ends.push({ position: invokedAt, event: row * 2 });
    if (completedAt !== Infinity) ends.push({ position: completedAt, event: row * 2 + 1 });
  }
  // The number after the last: nobody leaves it.
  for (const row of impossible) needs[row] = states.size;
  ends.sort((a, b) => a.position - b.position);
  return {
    needs,
    leaves,
    events: Int32Array.from(ends, ({ event }) => event),
    states: states.size + (impossible.length > 0 ? 1 : 0),
  };
}
