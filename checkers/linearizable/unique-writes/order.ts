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
  const { cluster, first, last } = monitor;
  const order = new Order(moves, monitor);
  // F or S of a cluster is the time of an event of its own, but for the initial cluster, which is the first of all.
  order.place(INITIAL);
  for (let time = 0; time < events.length; time++) {
    const row = (events[time] as number) >>> 1;
    const left = leaves[row] as number;
    const head = cluster[left === NONE ? (needs[row] as number) : left] as number;
    if (head <= INITIAL) continue;
    const begin = Math.min(first[head] as number, last[head] as number);
    if (begin === time) order.place(head);
  }
  return order.rows.subarray(0, order.placed);
}

class Order {
  readonly rows: Int32Array;
  placed = 0;
  readonly #monitor: Monitor;
  readonly #observers: { readonly starts: Int32Array; readonly rows: Int32Array };

  constructor(moves: Moves, monitor: Monitor) {
    this.rows = new Int32Array(moves.needs.length);
    this.#monitor = monitor;
    this.#observers = observersByValue(moves);
  }

  place(cluster: number): void {
    const { writer, next } = this.#monitor;
    const { starts, rows } = this.#observers;
    for (let value = cluster; value !== NONE; value = next[value] as number) {
      if (value !== INITIAL) this.rows[this.placed++] = writer[value] as number;
      const end = starts[value + 1] as number;
      for (let i = starts[value] as number; i < end; i++) this.rows[this.placed++] = rows[i] as number;
    }
  }
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
