// The certificate of a valid verdict, checked: does this order of operations keep to real time and to the model?
// Deliberately knows nothing of the search, and shares no code with it.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';

/**
 * What is wrong with `order` as a linearization of `operations`, or undefined when nothing is: every completed operation
 * in it once, crashed ones at most once and nothing else; nobody after one who began only when he had finished; each
 * step legal.
 */
export function faultInOrder<State>(
  model: Model<State>,
  operations: readonly Operation[],
  order: readonly Operation[],
): string | undefined {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const placed = new Set<number>();
  let state = model.init();
  let latestInvocation = -1;
  for (const { id } of order) {
    const operation = byId.get(id);
    if (operation === undefined) return `operation ${id} is not in the history`;
    if (placed.has(id)) return `operation ${id} is placed twice`;
    placed.add(id);
    if (operation.completedAt < latestInvocation) {
      return `operation ${id} is placed after one that was invoked only when it had completed`;
    }
    latestInvocation = Math.max(latestInvocation, operation.invokedAt);
    const step = model.step(state, operation.call, operation.result);
    if (!step.ok) return `operation ${id} is not legal at its place: ${step.why()}`;
    state = step.state;
  }
  const missing = operations.find(({ id, completedAt }) => completedAt !== Infinity && !placed.has(id));
  return missing === undefined ? undefined : `operation ${missing.id} completed but is not in the order`;
}
