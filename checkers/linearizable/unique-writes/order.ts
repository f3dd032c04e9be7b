// The order of a register with unique writes, from what the monitor has found: one cluster after the other, each value's
// writer and then its observers.

import { INITIAL, type Moves } from '../moves.ts';
import { NONE } from '../problem.ts';
import { FIELDS, FIRST, LAST, type Monitor, NEXT, WRITER } from './monitor.ts';

/**
 * Rows in a legal order, given that the monitor has taken in all events and found nothing. Clusters go by the smaller of
 * F and S: if F(c) < S(d), and by rule 2 not F(d) < S(c), then c comes first. Observers of one value go by completion.
 */
export function orderOf(moves: Moves, monitor: Monitor): Int32Array {
  const { values, clusters, links, lastObserver } = monitor;
  const order = new Int32Array(moves.needs.length);
  let placed = 0;
  /** The initial cluster is the first of all. F or S of any other is the time of an event of its own: there it begins. */
  const clusterAt = new Int32Array(moves.events.length);
  for (let i = 0; i < monitor.clusterCount; i++) {
    const cluster = clusters[i] as number;
    if (cluster === INITIAL) continue;
    const first = values[cluster * FIELDS + FIRST] as number;
    const last = values[cluster * FIELDS + LAST] as number;
    clusterAt[first < last ? first : last] = cluster;
  }
  for (let time = -1; time < clusterAt.length; time++) {
    const cluster = time < 0 ? INITIAL : (clusterAt[time] as number);
    if (time >= 0 && cluster === INITIAL) continue;
    for (let value = cluster; value !== NONE; value = values[value * FIELDS + NEXT] as number) {
      if (value !== INITIAL) order[placed++] = values[value * FIELDS + WRITER] as number;
      const end = lastObserver[value] as number;
      if (end === 0) continue;
      let row = end - 1;
      do {
        row = links[row] as number;
        order[placed++] = row;
      } while (row !== end - 1);
    }
  }
  return order.subarray(0, placed);
}
