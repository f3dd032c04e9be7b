// A third opinion: dynamic programming over the sets of operations that are placed. For sixteen operations at most, where
// trying every order takes too long. Shares no code with the searches, nor with the brute force, which never asks for keys.

import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';

const MOST = 16;

/** Whether some order explains the operations. Throws a RangeError for more than sixteen. */
export function everySubset<State>(model: Model<State>, operations: readonly Operation[]): boolean {
  const count = operations.length;
  if (count > MOST) throw new RangeError(`${count} operations; at most ${MOST} can be tried in every subset`);
  /** By operation: a bit for each that completed before it was invoked, and so has to be placed before it. */
  const before = operations.map(({ invokedAt }) => bits(operations, (one) => one.completedAt < invokedAt));
  const completed = bits(operations, ({ completedAt }) => completedAt !== Infinity);
  /** By set of operations: the states in which some order of them ends, by key. */
  const ends: (Map<string | number, State> | undefined)[] = [
    new Map([[model.key(model.init()), model.init()]]),
  ];
  for (let placed = 0; placed < 1 << count; placed++) {
    const states = ends[placed];
    if (states === undefined) continue;
    if ((placed & completed) === completed) return true;
    // A set is smaller, as a number, than those it is part of: by now all its ends are known.
    ends[placed] = undefined;
    for (const [i, { call, result }] of operations.entries()) {
      const bit = 1 << i;
      const needed = before[i] as number;
      if ((placed & bit) !== 0 || (placed & needed) !== needed) continue;
      for (const state of states.values()) {
        const step = model.step(state, call, result);
        if (!step.ok) continue;
        ends[placed | bit] ??= new Map();
        ends[placed | bit]?.set(model.key(step.state), step.state);
      }
    }
  }
  return false;
}

function bits(operations: readonly Operation[], has: (operation: Operation) => boolean): number {
  return operations.reduce((sum, operation, i) => (has(operation) ? sum | (1 << i) : sum), 0);
}
