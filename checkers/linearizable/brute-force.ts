// The second opinion: tries every order, without memo, reduction or cleverness. For ten operations or so. Shares no code
// with the search, so that both are hardly wrong in the same way.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';

export interface EveryOrder {
  readonly linearizable: boolean;
  /** Of all legal orders one that places the most completed operations. */
  readonly longest: readonly Operation[];
}

/**
 * Whether some order explains the operations, from one of the states in `initials`. An operation may come next when no
 * completed one that is left had completed before it was invoked; crashed ones may stay out.
 */
export function everyOrder<State>(
  model: Model<State>,
  operations: readonly Operation[],
  initials: readonly State[] = [model.init()],
): EveryOrder {
  let longest: readonly Operation[] = [];
  let mostCompleted = -1;
  const order: Operation[] = [];

  function extend(state: State, left: readonly Operation[], completed: number): boolean {
    if (completed > mostCompleted) {
      mostCompleted = completed;
      longest = [...order];
    }
    const firstEnd = Math.min(Infinity, ...left.map((operation) => operation.completedAt));
    if (firstEnd === Infinity) return true;
    for (const operation of left) {
      if (operation.invokedAt > firstEnd) continue;
      const step = model.step(state, operation.call, operation.result);
      if (!step.ok) continue;
      order.push(operation);
      const rest = left.filter((other) => other !== operation);
      if (extend(step.state, rest, completed + (operation.completedAt === Infinity ? 0 : 1))) return true;
      order.pop();
    }
    return false;
  }

  const linearizable = initials.some((state) => extend(state, operations, 0));
  return { linearizable, longest };
}

/**
 * States to start from when any was allowed: all that some operation is legal in only, and one more. From a state that
 * no operation asks for, no more is legal than from these.
 */
export function everyInitial<State>(model: Model<State>, operations: readonly Operation[]): State[] {
  const needed = operations.flatMap(({ call, result }) => {
    const needs = model.move?.(call, result).needs;
    return needs === undefined ? [] : [needs.state];
  });
  return [model.init(), ...needed];
}
