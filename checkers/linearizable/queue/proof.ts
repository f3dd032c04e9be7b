// The operations that show a violation of a queue with unique values.
//
// Left out is what can never turn a good history bad: a value with its enqueue and its dequeue, a dequeue that found
// nothing, a leftover that would get a later crashed dequeue, and the crashed dequeues after those that are kept.

import type { Proof } from '../decision.ts';
import { NONE } from '../problem.ts';
import type { Sweep, Violation } from './sweep.ts';

/** Of a sweep that ends with the first completion that leaves no order. */
export function proofOf(sweep: Sweep, violation: Violation): Proof {
  const { columns, enqueuer, dequeuer, end } = sweep;
  const rows = violationRows(sweep, violation);
  const culprit = (columns.events[end - 1] as number) >>> 1;
  // Before its completion a dequeue might have taken a leftover: that it did not is then what left no order.
  rows.add(culprit);
  const value = columns.values[culprit] as number;
  if (columns.enqueues[culprit] === 0 && value !== NONE && violation.rule !== 'from nowhere') {
    for (const row of [enqueuer[value], dequeuer[value]] as number[]) rows.add(row);
  }
  return { culprit, rows: Int32Array.from(rows).sort(), start: 'initial' };
}

/**
 * Rows that have no order. Four at most where no dequeue crashed and nothing was found empty; leftovers come with all
 * crashed dequeues that could have taken them, and a dequeue that found nothing with a chain of values that covers it.
 */
export function violationRows(sweep: Sweep, violation: Violation): Set<number> {
  const { enqueuer, dequeuer, crashed, leftovers, dr } = sweep;
  const rows = new Set<number>();
  const addValue = (value: number): void => {
    for (const row of [enqueuer[value], dequeuer[value]] as number[]) if (row !== NONE) rows.add(row);
  };
  /** The leftovers up to this rank, and as many crashed dequeues. */
  const addLeftovers = (rank: number, crashedDequeues: number): void => {
    for (let i = 0; i <= rank; i++) rows.add(enqueuer[leftovers[i] as number] as number);
    for (let i = 0; i < crashedDequeues; i++) rows.add(crashed[i] as number);
  };
  switch (violation.rule) {
    case 'from nowhere':
      rows.add(violation.row);
      break;
    case 'twice':
      rows.add(violation.row);
      addValue(sweep.columns.values[violation.row] as number);
      break;
    case 'overtaken': {
      const { over, value } = violation;
      addValue(value);
      if (!isLeftover(sweep, over)) addValue(over);
      else {
        const before = crashedBefore(sweep, dr[value] as number);
        addLeftovers(before, before);
      }
      break;
    }
    case 'not empty': {
      rows.add(violation.row);
      let rank = -1;
      for (const value of coverOf(sweep, violation.row)) {
        if (isLeftover(sweep, value)) rank = Math.max(rank, leftovers.indexOf(value));
        else addValue(value);
      }
      addLeftovers(rank, Math.min(sweep.crashedCount, rank + 1));
      break;
    }
  }
  return rows;
}

function isLeftover(sweep: Sweep, value: number): boolean {
  return (sweep.dr[value] as number) >= sweep.end;
}

/** How many crashed dequeues began before this time. */
function crashedBefore(sweep: Sweep, time: number): number {
  let count = 0;
  while (count < sweep.crashedCount) {
    if ((sweep.invokedAt[sweep.crashed[count] as number] as number) > time) break;
    count++;
  }
  return count;
}

/** Values one of which is in the queue at each instant while the row is open. */
function coverOf(sweep: Sweep, row: number): number[] {
  const { columns, end, er, di, invokedAt } = sweep;
  const { events, values } = columns;
  const cover: number[] = [];
  /** Covered up to here. */
  let until = invokedAt[row] as number;
  let latest = -1;
  let holder = NONE;
  for (let time = 0; time < end; time++) {
    const at = (events[time] as number) >>> 1;
    if (at === row && time > until) break;
    const value = values[at] as number;
    if (value !== NONE && er[value] === time && (di[value] as number) > latest) {
      latest = di[value] as number;
      holder = value;
    }
    if (time === until) {
      cover.push(holder);
      until = latest;
    }
  }
  return cover;
}
