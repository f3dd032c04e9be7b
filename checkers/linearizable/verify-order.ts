// The certificate of a valid verdict, checked: does this order of operations keep to real time and to the model?
// Deliberately knows nothing of the algorithms, and shares no code with them: it replays the model on the operations.

import type { Part } from './part.ts';

/**
 * What is wrong with `order` (rows) as a linearization of the part, or undefined when nothing is: every completed
 * operation in it once, crashed ones at most once and nothing else; nobody after one who began only when he had finished;
 * each step legal.
 */
export function faultInOrder<State>(
  part: Pick<Part<State>, 'model' | 'size' | 'operation'>,
  order: ArrayLike<number>,
): string | undefined {
  const { model, size } = part;
  const placed = new Uint8Array(size);
  let state = model.init();
  let latestInvocation = -1;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] ?? -1;
    if (!(row >= 0 && row < size)) return `row ${row} is not in the part`;
    const { id, call, result, invokedAt, completedAt } = part.operation(row);
    if (placed[row] === 1) return `operation ${id} is placed twice`;
    placed[row] = 1;
    if (completedAt < latestInvocation) {
      return `operation ${id} is placed after one that was invoked only when it had completed`;
    }
    if (invokedAt > latestInvocation) latestInvocation = invokedAt;
    const step = model.step(state, call, result);
    if (!step.ok) return `operation ${id} is not legal at its place: ${step.why()}`;
    state = step.state;
  }
  for (let row = 0; row < size; row++) {
    if (placed[row] === 1) continue;
    const { id, completedAt } = part.operation(row);
    if (completedAt !== Infinity) return `operation ${id} completed but is not in the order`;
  }
  return undefined;
}
