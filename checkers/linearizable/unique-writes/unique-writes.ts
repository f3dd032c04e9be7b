// Registers with unique written values as an algorithm of the portfolio: linear, and exact in both directions.

import { INITIAL, type Moves } from '../moves.ts';
import type { Algorithm } from '../portfolio.ts';
import { NONE } from '../problem.ts';
import { Monitor } from './monitor.ts';
import { orderOf } from './order.ts';
import { proofOf } from './proof.ts';

/** How many events pass between two looks at the budget. */
const EVENTS = 1 << 16;

export const uniqueWrites: Algorithm = {
  name: 'unique-writes',
  applies: (part) => {
    const moves = part.moves();
    return moves !== undefined && hasUniqueWrites(moves);
  },
  decide: (part, { budget }) => {
    const moves = part.moves() as Moves;
    const monitor = new Monitor(moves);
    const total = moves.events.length;
    for (let start = 0; start < total; start += EVENTS) {
      const bad = monitor.run(start, Math.min(total, start + EVENTS));
      if (bad !== undefined) {
        const proof = proofOf(moves, monitor, bad);
        return { validity: 'invalid', reached: 0, longest: [], configurations: 0, proof };
      }
      const cause = start + EVENTS < total ? budget.giveUp(monitor.bytes) : undefined;
      if (cause !== undefined) return { validity: 'unknown', cause, bytes: monitor.bytes, configurations: 0 };
    }
    return { validity: 'valid', order: orderOf(moves, monitor), configurations: 0 };
  },
};

/**
 * Whether no value is left by two operations that may have taken effect, and the initial value by none, and every
 * completed operation needs or leaves some value.
 */
export function hasUniqueWrites(moves: Moves): boolean {
  const { needs, leaves, states } = moves;
  const left = new Uint8Array(states);
  left[INITIAL] = 1;
  let idle = 0;
  for (let row = 0; row < leaves.length; row++) {
    const value = leaves[row] as number;
    if (value === NONE) {
      if (needs[row] === NONE) idle++;
    } else if (left[value] === 1) return false;
    else left[value] = 1;
  }
  return idle === 0 || !hasIdle(moves);
}

/** Some operation neither needs nor leaves anything, and it did not crash. */
function hasIdle({ needs, leaves, events }: Moves): boolean {
  for (let time = 0; time < events.length; time++) {
    const row = (events[time] as number) >>> 1;
    if (needs[row] === NONE && leaves[row] === NONE) return true;
  }
  return false;
}
