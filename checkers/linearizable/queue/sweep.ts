// A queue whose enqueued values are unique, judged in linear time: two passes over the events.
//
// The patterns are those of Abdulla et al. ("Efficient linearizability monitoring", 2025) and before them of Henzinger,
// Sezgin and Vafeiadis ("Aspect-oriented linearizability proofs", 2013). Of a value v that is in the queue at some time let
// [ei, er] be its enqueue and [di, dr] its dequeue, tightened by "no dequeue before its enqueue": er is at most dr, di at
// least ei. A crashed enqueue ends with its dequeue, and is left out where there is none. There is an order exactly when
//   1. no value is dequeued before its enqueue began, nor twice;
//   2. for no values a and b both er(a) < ei(b) and dr(b) < di(a): a went in before b and b came out before a;
//   3. each dequeue that found nothing has an instant that is in no (er, di): then the queue can have been empty.
// Enough, because `order.ts` finds an order then; its comment says why it does not get stuck.
//
// Crashed dequeues. Call a value a *leftover* when its enqueue completed and no completed dequeue returned it. Some of them
// may have been taken by crashed dequeues, at most one each. (A crashed dequeue that took a value of a crashed enqueue can
// be struck out together with it.) Patterns 2 and 3 say, for certain instants p, that all leftovers with er < p must have
// been taken by dequeues that began before p: in 2 the p of an a is dr(b) of those b with er(a) < ei(b), the smallest of
// which does not fall when er(a) rises; in 3 it is the instant chosen. So whoever was enqueued earlier has the earlier
// deadline, and if any assignment will do, so does this one: the first leftover by er to the first crashed dequeue by
// invocation, the second to the second. It is also the best for all instants at once, so none need be chosen before.
// A leftover that gets one has di = its invocation and dr = the end; one that gets none has both after the end.

import { NONE } from '../problem.ts';
import type { QueueColumns } from './columns.ts';

/** After everything; as dr: the value is not in play, for its enqueue crashed or is still open, and nobody saw it. */
export const NEVER = 0x7fffffff;

export type Violation =
  /** By completion of this row, a value came out that nobody had begun to enqueue. */
  | { readonly rule: 'from nowhere'; readonly row: number }
  /** By completion of this row, a value came out again. */
  | { readonly rule: 'twice'; readonly row: number }
  /** Pattern 2: `over` went in before `value`, and `value` came out before `over`. */
  | { readonly rule: 'overtaken'; readonly over: number; readonly value: number }
  /** Pattern 3: there was something in the queue all the time that this row was open. */
  | { readonly rule: 'not empty'; readonly row: number };

/** What the first `end` events say; those still open then are as good as crashed. Times are indexes of events. */
export class Sweep {
  readonly columns: QueueColumns;
  readonly end: number;
  /** By row. */
  readonly invokedAt: Int32Array;
  /** By value; rows, NONE where there is none (yet). A leftover's dequeuer is the crashed one that it was given. */
  readonly enqueuer: Int32Array;
  readonly dequeuer: Int32Array;
  /** By value, tightened when {@link run} is done; for leftovers dr is `end`, or `end + 1` when they stay for ever. */
  readonly ei: Int32Array;
  readonly er: Int32Array;
  readonly di: Int32Array;
  readonly dr: Int32Array;
  /** Rows of the dequeues without a completion, by invocation. */
  readonly crashed: Int32Array;
  crashedCount = 0;
  /** Values by er. The first ones are taken by the crashed dequeues, one by one. */
  readonly leftovers: Int32Array;
  leftoverCount = 0;
  /** Rows of the dequeues that found nothing, by completion. */
  readonly empties: Int32Array;
  /** For each of them where it may stand: after this event and before the next. Does not fall. */
  readonly gaps: Int32Array;
  emptyCount = 0;

  constructor(columns: QueueColumns, end: number) {
    const { values, valueCount } = columns;
    this.columns = columns;
    this.end = end;
    this.invokedAt = new Int32Array(values.length);
    this.enqueuer = new Int32Array(valueCount).fill(NONE);
    this.dequeuer = new Int32Array(valueCount).fill(NONE);
    this.ei = new Int32Array(valueCount).fill(NEVER);
    this.er = new Int32Array(valueCount).fill(NEVER);
    this.di = new Int32Array(valueCount).fill(NEVER);
    this.dr = new Int32Array(valueCount).fill(NEVER);
    this.leftovers = new Int32Array(valueCount);
    let dequeues = 0;
    let empties = 0;
    for (let row = 0; row < values.length; row++) {
      if (columns.enqueues[row] === 1) continue;
      dequeues++;
      if (values[row] === NONE) empties++;
    }
    this.crashed = new Int32Array(dequeues);
    this.empties = new Int32Array(empties);
    this.gaps = new Int32Array(empties);
  }

  /** Bytes held while it is judged and put in order. */
  static bytes({ values, valueCount }: QueueColumns): number {
    return 4 * (5 * values.length + 9 * valueCount);
  }

  run(): Violation | undefined {
    return this.#collect() ?? this.#compare();
  }

  /** Pattern 1, and the intervals. */
  #collect(): Violation | undefined {
    const { enqueues, values, events } = this.columns;
    const { invokedAt, enqueuer, dequeuer, ei, er, di, dr, end } = this;
    const completed = new Uint8Array(values.length);
    for (let time = 0; time < end; time++) {
      const event = events[time] as number;
      const row = event >>> 1;
      const value = values[row] as number;
      if ((event & 1) === 0) {
        invokedAt[row] = time;
        if (enqueues[row] === 1) {
          enqueuer[value] = row;
          ei[value] = time;
        }
        continue;
      }
      completed[row] = 1;
      if (enqueues[row] === 1) {
        if (dr[value] === NEVER) er[value] = time;
      } else if (value !== NONE) {
        if (enqueuer[value] === NONE) return { rule: 'from nowhere', row };
        if (dequeuer[value] !== NONE) return { rule: 'twice', row };
        dequeuer[value] = row;
        dr[value] = time;
        if (er[value] === NEVER) er[value] = time;
        di[value] = Math.max(invokedAt[row] as number, ei[value] as number);
      }
    }
    for (let row = 0; row < values.length; row++) {
      const isDequeue = enqueues[row] === 0 && completed[row] === 0;
      if (isDequeue && this.#began(row)) this.crashed[this.crashedCount++] = row;
    }
    return undefined;
  }

  #began(row: number): boolean {
    const time = this.invokedAt[row] as number;
    return this.columns.events[time] === row * 2;
  }

  /** Patterns 2 and 3. */
  #compare(): Violation | undefined {
    const { enqueues, values, events } = this.columns;
    const { invokedAt, er, di, dr, end } = this;
    /** The largest di of the values whose er has passed, and whose it is. */
    let latest = -1;
    let holder = NONE;
    /** The last gap in which the queue can have been empty. */
    let free = -1;
    for (let time = 0; time < end; time++) {
      const event = events[time] as number;
      const row = event >>> 1;
      const value = values[row] as number;
      if ((event & 1) === 0) {
        if (enqueues[row] === 1 && latest > (dr[value] as number)) {
          return { rule: 'overtaken', over: holder, value };
        }
      } else if (value === NONE) {
        if (free < (invokedAt[row] as number)) return { rule: 'not empty', row };
        this.empties[this.emptyCount] = row;
        this.gaps[this.emptyCount++] = free;
      } else if (er[value] === time) {
        if (dr[value] === NEVER) this.#assign(value);
        if ((di[value] as number) > latest) {
          latest = di[value] as number;
          holder = value;
        }
      }
      if (latest <= time) free = time;
    }
    return undefined;
  }

  /** Gives the next leftover to the next crashed dequeue. */
  #assign(value: number): void {
    const rank = this.leftoverCount++;
    this.leftovers[rank] = value;
    if (rank < this.crashedCount) {
      const row = this.crashed[rank] as number;
      this.dequeuer[value] = row;
      this.di[value] = Math.max(this.invokedAt[row] as number, this.ei[value] as number);
      this.dr[value] = this.end;
    } else {
      this.di[value] = this.end + 1;
      this.dr[value] = this.end + 1;
    }
  }
}
