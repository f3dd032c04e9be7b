// The order of a queue with unique values, from a sweep that has found nothing: linear.
//
// Values come one after the other, first in, first out; between them stand fences, instants at which the queue is empty.
// A value may come next when none that is left must be before it: its ei is at most their smallest er, its di at most their
// smallest dr and before the next fence. A fence may come when the er of all that are left is after it. One of them always
// may. For let b have the smallest er. Where that is after the fence, or there is none, and the fence cannot come … then it
// can, or there is none; so er(b) is before the fence, or there is none, and by pattern 3 so is di(b). If b may not come,
// then di(b) is after the smallest dr, that of c, whose di is before the fence then as well. If c may not come either, then
// er(b) < ei(c), and dr(c) < di(b): pattern 2.
//
// With the values in such an order, each enqueue takes place at the largest ei so far (which is at most its own er, or it
// would have had to come earlier), each dequeue at the largest di so far, both after the last fence.

import { NONE } from '../problem.ts';
import type { Sweep } from './sweep.ts';

/** Rows in a legal order. */
export function orderOf(sweep: Sweep): Int32Array {
  const { columns, end, ei, er, di, dr, dequeuer, empties, gaps, emptyCount } = sweep;
  const { enqueues, values, events, valueCount } = columns;
  const placed = new Uint8Array(valueCount);
  /** How many of the two bounds a value has met. */
  const met = new Uint8Array(valueCount);
  const ready = new Int32Array(valueCount);
  let readyCount = 0;
  let taken = 0;
  const meet = (value: number): void => {
    met[value] = (met[value] as number) + 1;
    if (met[value] === 2) ready[readyCount++] = value;
  };
  /** By row: the value that a crashed dequeue was given. */
  const given = new Int32Array(values.length).fill(NONE);
  for (let rank = 0; rank < Math.min(sweep.leftoverCount, sweep.crashedCount); rank++) {
    given[sweep.crashed[rank] as number] = sweep.leftovers[rank] as number;
  }
  const output = new Output(sweep);

  let firstEr = 0;
  let firstDr = 0;
  let nextEi = 0;
  let nextDi = 0;
  let fence = 0;
  while (true) {
    for (; firstEr < end; firstEr++) {
      const value = values[(events[firstEr] as number) >>> 1] as number;
      if (value === NONE || er[value] !== firstEr || placed[value] === 1) continue;
      // Those that stay for ever come after all others, whom they do not bind.
      if ((dr[value] as number) <= end) break;
    }
    for (; firstDr < end; firstDr++) {
      const value = values[(events[firstDr] as number) >>> 1] as number;
      if (value !== NONE && dr[value] === firstDr && placed[value] === 0) break;
    }
    const gap = fence < emptyCount ? (gaps[fence] as number) : end;
    for (; nextEi < end && nextEi <= firstEr; nextEi++) {
      const event = events[nextEi] as number;
      const row = event >>> 1;
      if ((event & 1) === 0 && enqueues[row] === 1 && (dr[values[row] as number] as number) <= end) {
        meet(values[row] as number);
      }
    }
    for (; nextDi < end && nextDi <= firstDr && nextDi <= gap; nextDi++) {
      const event = events[nextDi] as number;
      if ((event & 1) === 1) continue;
      const row = event >>> 1;
      const value = (given[row] === NONE ? values[row] : given[row]) as number;
      if (value !== NONE && di[value] === nextDi) meet(value);
    }
    if (taken < readyCount) {
      const value = ready[taken++] as number;
      placed[value] = 1;
      output.pass(value, ei[value] as number, di[value] as number, dequeuer[value] as number);
    } else if (fence < emptyCount) {
      if (gap >= firstEr) throw new Error('a queue without a violation has no order');
      output.stop(empties[fence++] as number, gap);
    } else break;
  }
  for (let rank = sweep.crashedCount; rank < sweep.leftoverCount; rank++) {
    const value = sweep.leftovers[rank] as number;
    output.pass(value, ei[value] as number, end, NONE);
  }
  return output.rows();
}

/** Weaves enqueues and dequeues together: both come by time, and at one time the enqueue is first. */
class Output {
  readonly #sweep: Sweep;
  readonly #rows: Int32Array;
  #count = 0;
  /** Dequeues to come, and when. */
  readonly #dequeues: Int32Array;
  readonly #times: Int32Array;
  #first = 0;
  #last = 0;
  #enqueuedAt = 0;
  #dequeuedAt = 0;

  constructor(sweep: Sweep) {
    const size = sweep.columns.values.length;
    this.#sweep = sweep;
    this.#rows = new Int32Array(size);
    this.#dequeues = new Int32Array(size);
    this.#times = new Int32Array(size);
  }

  /** The next value, in after `ei` and out after `di`; it stays in when `dequeuer` is NONE. */
  pass(value: number, ei: number, di: number, dequeuer: number): void {
    this.#enqueuedAt = Math.max(this.#enqueuedAt, ei);
    this.#flush(this.#enqueuedAt);
    this.#rows[this.#count++] = this.#sweep.enqueuer[value] as number;
    if (dequeuer === NONE) return;
    this.#dequeuedAt = Math.max(this.#dequeuedAt, di);
    this.#dequeues[this.#last] = dequeuer;
    this.#times[this.#last++] = this.#dequeuedAt;
  }

  /** A dequeue that finds nothing, after the event `gap`. */
  stop(row: number, gap: number): void {
    this.#flush(this.#sweep.end + 1);
    this.#rows[this.#count++] = row;
    this.#enqueuedAt = Math.max(this.#enqueuedAt, gap + 1);
    this.#dequeuedAt = Math.max(this.#dequeuedAt, gap + 1);
  }

  rows(): Int32Array {
    this.#flush(this.#sweep.end + 1);
    return this.#rows.subarray(0, this.#count);
  }

  /** Lets out whose time is before this one. */
  #flush(time: number): void {
    while (this.#first < this.#last && (this.#times[this.#first] as number) < time) {
      this.#rows[this.#count++] = this.#dequeues[this.#first++] as number;
    }
  }
}
