// Operations whose place in the order is known from what they told: the order is read off, and real time must agree.
//
// Gibbons and Korach ("Testing shared memories", 1997, section 4.2: the write order is known), for any object. Given each
// operation's position, an order by position that keeps to real time exists exactly when no operation completed before
// one at a strictly earlier position was invoked: those of one position may then stand by invocation. One prefix
// maximum decides it.

import type { Operation } from '../../op.ts';
import { NONE } from '../problem.ts';

export type Placing =
  /** Rows by position, those of one position by invocation. */
  | { readonly order: Int32Array }
  /** Rows: `later` completed before `earlier` was invoked, though its position comes after that one's. */
  | { readonly earlier: number; readonly later: number };

/**
 * The order by position of the operations (by invocation) as they stood when the history had come to `end`: completions
 * after it are not known yet. `positions` are by row, below `count`; NONE leaves the operation out.
 */
export function placed(
  operations: readonly Operation[],
  positions: Int32Array,
  count: number,
  end: number,
): Placing {
  const order = byPosition(positions, count);
  let latest = NONE;
  let latestInvocation = -1;
  for (let start = 0; start < order.length; ) {
    const position = positions[order[start] as number];
    let after = start;
    for (; after < order.length && positions[order[after] as number] === position; after++) {
      const row = order[after] as number;
      const { completedAt } = operations[row] as Operation;
      if (completedAt <= end && completedAt < latestInvocation) return { earlier: latest, later: row };
    }
    for (; start < after; start++) {
      const row = order[start] as number;
      const { invokedAt } = operations[row] as Operation;
      if (invokedAt <= latestInvocation) continue;
      latestInvocation = invokedAt;
      latest = row;
    }
  }
  return { order };
}

/** A counting sort, which keeps rows of one position as they are. */
function byPosition(positions: Int32Array, count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  let total = 0;
  for (const position of positions) {
    if (position === NONE) continue;
    starts[position + 1] = (starts[position + 1] as number) + 1;
    total++;
  }
  for (let i = 0; i < count; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  const order = new Int32Array(total);
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row] as number;
    if (position === NONE) continue;
    const place = starts[position] as number;
    order[place] = row;
    starts[position] = place + 1;
  }
  return order;
}
