// The operations of one key, as the algorithms get them: as objects for those who ask for them, and as columns of numbers
// for those who go through a million of them. Everywhere an operation's row is its place among them by invocation.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { type Moves, movesOf } from './moves.ts';

export interface Part<State> {
  readonly model: Model<State>;
  readonly key: string | undefined;
  /** How many operations there are. */
  readonly size: number;
  /** The operation of this row, made anew where none has been made. */
  operation(row: number): Operation;
  /** All of them by row. Made when first asked for: a million take some 200 MB. */
  operations(): readonly Operation[];
  /** Undefined where the model has no `move`. Made when first asked for. */
  moves(): Moves | undefined;
  /**
   * What is wrong with an order of rows, as `faultInOrder` finds it, where the part has a faster way of its own that goes
   * back to the history as well; undefined: nothing is.
   */
  fault?(order: ArrayLike<number>): string | undefined;
}

/** A part of operations that are objects already; they stand by invocation. */
export function partOf<State>(
  model: Model<State>,
  operations: readonly Operation[],
  key?: string,
): Part<State> {
  let moves: Moves | undefined;
  return {
    model,
    key,
    size: operations.length,
    operation: (row) => operations[row] as Operation,
    operations: () => operations,
    moves: () => {
      moves ??= movesOf(model, operations);
      return moves;
    },
  };
}
