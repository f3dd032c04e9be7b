// The order of a register with unique writes, from what the monitor has found: one cluster after the other, each value's
// writer and then its observers.

import { INITIAL, type Moves } from '../moves.ts';
import { NONE } from '../problem.ts';
import type { Monitor } from './monitor.ts';

/**
 * Rows in a legal order, given that the monitor has taken in all events and found nothing. Clusters go by the smaller of
 * F and S: if F(c) < S(d), and by rule 2 not F(d) < S(c), then c comes first. Observers of one value go by invocation.
 */
export function orderOf(moves: Moves, monitor: Monitor): Int32Array {
  const { needs, leaves, events } = moves;
  const observers = observersByValue(moves);
  const { writer, next, cluster, first, last } = monitor;
  const order = new Int32Array(needs.length);
  let placed = 0;
  const placeCluster = (head: number): void => {
    for (let value = head; value !== NONE; value = next[value] as number) {
      if (value !== INITIAL) order[placed++] = writer[value] as number;
      const end = observers.starts[value + 1] as number;
      for (let i = observers.starts[value] as number; i < end; i++)
        order[placed++] = observers.rows[i] as number;
    }
  };
  // F or S of a cluster is the time of an event of its own, but for the initial cluster, which is the first of all.
  placeCluster(INITIAL);
  for (let time = 0; time < events.length; time++) {
    const row = (events[time] as number) >>> 1;
    const value = leaves[row] === NONE ? (needs[row] as number) : (leaves[row] as number);
    const head = cluster[value] as number;
    if (head > INITIAL && Math.min(first[head] as number, last[head] as number) === time) placeCluster(head);
  }
  return order.subarray(0, placed);
}

/** The rows that need a value and leave it as it is, by value and then by row. */
function observersByValue({ needs, leaves, states }: Moves): { starts: Int32Array; rows: Int32Array } {
  const starts = new Int32Array(states + 1);
  let total = 0;
  for (let row = 0; row < needs.length; row++) {
    if (needs[row] === NONE || leaves[row] !== NONE) continue;
    (starts[(needs[row] as number) + 1] as number)++;
    total++;
  }
  for (let value = 0; value < states; value++) {
    starts[value + 1] = (starts[value + 1] as number) + (starts[value] as number);
  }
  const rows = new Int32Array(total);
  const filled = starts.slice();
  for (let row = 0; row < needs.length; row++) {
    if (needs[row] === NONE || leaves[row] !== NONE) continue;
    rows[(filled[needs[row] as number] as number)++] = row;
  }
  return { starts, rows };
}
