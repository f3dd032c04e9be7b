// A guess at where a history became bad, in one pass: the first observation of a value that must have been over by then.
// Only a hint, to save questions to the search.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { NONE, problemOf, type Step } from './problem.ts';
import { withNarrowedIntervals } from './reductions.ts';

/** The position of the earliest completion that looks impossible; undefined when none does. */
export function suspectedEnd<State>(
  model: Model<State>,
  operations: readonly Operation[],
): number | undefined {
  const { steps, initial } = withNarrowedIntervals(problemOf(model, operations));
  const over = new Map<number, number>([[initial, -1]]);
  for (const { leaves, deadline } of steps) {
    if (leaves !== NONE) over.set(leaves, Math.max(deadline, over.get(leaves) ?? -1));
  }
  const earliestEnd = endsBySuffix(steps);
  let suspected = Infinity;
  for (const { operation, needs } of steps) {
    if (needs === NONE || operation.completedAt >= suspected) continue;
    const since = over.get(needs);
    if (since === undefined || operation.invokedAt > earliestEnd(since, needs))
      suspected = operation.completedAt;
  }
  return suspected === Infinity ? undefined : suspected;
}

/** Asked with a position and a state: the first completion of those invoked later who left or saw another state. */
function endsBySuffix(steps: readonly Step[]): (position: number, state: number) => number {
  const sorted = steps
    .filter(
      ({ operation, needs, leaves }) => operation.result !== undefined && (needs !== NONE || leaves !== NONE),
    )
    .map(({ operation, needs, leaves }) => ({ ...operation, state: leaves === NONE ? needs : leaves }))
    .sort((a, b) => a.invokedAt - b.invokedAt);
  // The first completion of each suffix, and the first with another state than that one's.
  const best = sorted.map(() => ({ end: Infinity, state: NONE, otherEnd: Infinity }));
  let { end, state, otherEnd } = { end: Infinity, state: NONE, otherEnd: Infinity };
  for (let i = sorted.length - 1; i >= 0; i--) {
    const { completedAt, state: own } = sorted[i] as { completedAt: number; state: number };
    if (own === state) end = Math.min(end, completedAt);
    else if (completedAt < end) ({ end, state, otherEnd } = { end: completedAt, state: own, otherEnd: end });
    else otherEnd = Math.min(otherEnd, completedAt);
    best[i] = { end, state, otherEnd };
  }
  return (position, asked) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?.invokedAt ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    const suffix = best[low];
    if (suffix === undefined) return Infinity;
    return suffix.state === asked ? suffix.otherEnd : suffix.end;
  };
}
