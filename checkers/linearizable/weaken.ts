// Histories that are linearizable whenever a given one is: where one of these is not, neither is the given one. Only such
// steps may be used to make a counterexample smaller.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { removableTogether } from './removable-together.ts';

/** What was known at this position: operations invoked later are gone, those not completed yet have no outcome. */
export function prefix<State>(
  model: Model<State>,
  operations: readonly Operation[],
  end: number,
): Operation[] {
  const result: Operation[] = [];
  for (const operation of operations) {
    if (operation.invokedAt > end) continue;
    if (operation.completedAt <= end) result.push(operation);
    else result.push(...withoutOutcome(model, operation));
  }
  return result;
}

/**
 * What is left from this position on, the state at which is not known: what completed earlier is gone, and what was
 * open may have taken effect earlier or may do so later.
 */
export function suffix<State>(
  model: Model<State>,
  operations: readonly Operation[],
  start: number,
): Operation[] {
  const result: Operation[] = [];
  for (const operation of operations) {
    if (operation.completedAt < start) continue;
    if (operation.invokedAt >= start) result.push(operation);
    else result.push(...withoutOutcome(model, operation));
  }
  return result;
}

function withoutOutcome<State>(model: Model<State>, operation: Operation): Operation[] {
  if (model.isObserver(operation.call, operation.result)) return [];
  const { result: _, ...rest } = operation;
  return [{ ...rest, completedAt: Infinity }];
}

/**
 * Sets of operations (by id) that may each be left out, alone or with others of them:
 * - an observer: an order without it is one without a demand;
 * - a write whose state nobody needs: what follows it in an order needs no state;
 * - a whole value, that is all who need or leave a state, where none of them leads from or to another state: in an order
 *   they stand in blocks that can be struck out.
 *
 * A write that somebody needs may not be left out: that would turn good histories bad. Without `move` nothing is known
 * of what a call needs: observers, and what is removable together for other reasons.
 */
export function removable<State>(
  model: Model<State>,
  operations: readonly Operation[],
): ReadonlySet<number>[] {
  if (model.move === undefined) {
    const observers = operations
      .filter(({ call, result }) => model.isObserver(call, result))
      .map(({ id }) => new Set([id]));
    return [...observers, ...removableTogether(model, operations)];
  }
  const values = new Map<string | number, { ids: Set<number>; needed: boolean; linked: boolean }>();
  const value = (state: State): { ids: Set<number>; needed: boolean; linked: boolean } => {
    const key = model.key(state);
    const entry = values.get(key) ?? { ids: new Set(), needed: false, linked: false };
    values.set(key, entry);
    return entry;
  };
  const moves = operations.map((operation) => ({
    operation,
    ...model.move?.(operation.call, operation.result),
  }));
  for (const { operation, needs, leaves } of moves) {
    for (const end of [needs, leaves]) {
      if (end === undefined) continue;
      const entry = value(end.state);
      entry.ids.add(operation.id);
      if (end === needs) entry.needed = true;
      if (needs !== undefined && leaves !== undefined) entry.linked = true;
    }
  }
  const single = moves
    .filter(({ leaves }) => leaves === undefined || !value(leaves.state).needed)
    .map(({ operation }) => new Set([operation.id]));
  const whole = [...values.values()]
    .filter(({ ids, linked }) => !linked && ids.size > 1)
    .map(({ ids }) => ids);
  return [...single, ...whole, ...removableTogether(model, operations)];
}
