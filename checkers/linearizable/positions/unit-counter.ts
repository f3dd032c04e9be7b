// Counters that are only ever added one to, by adds that tell nothing, beside any number of reads: n log n, crashed adds
// included.
//
// The count is kept as low as it can be. An add takes effect at its completion, or when a read completes that needs a
// higher count: then the open adds go first whose completion comes first, crashed ones last. A read takes effect when the
// count first is what it told, within its interval. There is no order exactly when the count already was higher than a
// completed read told when it began, or when it told more than all adds invoked by its completion make.
//
// Why: for an order of all operations, at any point of time t, and for d ≥ t, let m(d) be the count at t plus the adds
// then open, without effect yet, that complete by d: what the count will be by d at least, if nobody asks for more. In
// ours, every m(d) is as small as in any legal order. An invocation of an add raises the same m(d) in both; an add that
// takes effect at its own completion changes no m(d), one that takes effect earlier can only raise some; and a read of v
// that completes needs a count of v, hence every m(d) ≥ v, in all orders, while with the earliest completions first ours
// becomes max(v, m(d)) and no more. As m(t) is the count itself, ours is the lowest at all times: when it is too high for
// a read, it is in every order, and when it is lower than some other order's, the adds for the rest are open in ours.
//
// What an add does before some event does not depend on completions after it but for the choice between adds that are
// all still open then. So the first read that fails is the first completion with which the history is bad.

import { counter } from '../../models/counter.ts';
import type { Operation } from '../../op.ts';
import type { Decision } from '../decision.ts';
import type { Algorithm } from '../portfolio.ts';
import { EarliestFirst } from './earliest-first.ts';

const ours = counter();

export const unitCounter: Algorithm = {
  name: 'unit-counter',
  applies: (part) => (part.model.step as unknown) === ours.step && part.operations().every(isReadOrUnit),
  decide: (part) => decide(part.operations(), part.model.init() as number),
};

function isReadOrUnit({ call, result }: Operation): boolean {
  if (result?.mismatch === true) return false;
  return call.f === 'read' || (call.f === 'add' && call.value === 1 && result?.value === undefined);
}

function decide(operations: readonly Operation[], initial: number): Decision {
  const events = eventsOf(operations);
  const order = new Int32Array(operations.length);
  let placed = 0;
  /** By row of an add: whether it has taken effect. By row of a read: likewise. */
  const done = new Uint8Array(operations.length);
  /** Adds without effect by the event of their completion; then those that crashed, by invocation. */
  const open = new EarliestFirst(operations.length);
  const rowAtDeadline = new Int32Array(events.length + operations.length);
  const completionOf = new Int32Array(operations.length).fill(-1);
  for (let time = 0; time < events.length; time++) {
    const event = events[time] as number;
    if ((event & 1) === 1) completionOf[event >>> 1] = time;
  }
  /** By what they told, less the initial count: open reads that have not taken effect. */
  const waiting = new Map<number, number[]>();
  let count = 0;
  let invoked = 0;

  const place = (row: number): void => {
    done[row] = 1;
    order[placed++] = row;
  };
  const addOne = (row: number): void => {
    place(row);
    count++;
    const readers = waiting.get(count);
    if (readers === undefined) return;
    waiting.delete(count);
    for (const reader of readers) place(reader);
  };
  const addEarliest = (): void => {
    // Those that completed have taken effect without being taken out.
    for (;;) {
      const row = rowAtDeadline[open.take()] as number;
      if (done[row] === 0) return addOne(row);
    }
  };

  for (let time = 0; time < events.length; time++) {
    const event = events[time] as number;
    const row = event >>> 1;
    const isCompletion = (event & 1) === 1;
    const { call, result } = operations[row] as Operation;
    if (call.f === 'add') {
      if (isCompletion) {
        if (done[row] === 0) addOne(row);
        continue;
      }
      invoked++;
      const completion = completionOf[row] as number;
      const deadline = completion === -1 ? events.length + row : completion;
      rowAtDeadline[deadline] = row;
      open.add(deadline);
      continue;
    }
    if (result === undefined) continue;
    const told = toldOf(result.value, initial);
    if (isCompletion) {
      if (done[row] === 1) continue;
      if (told === undefined || told < count || told > invoked) {
        return bad(operations, row, told, initial);
      }
      for (let missing = told - count; missing > 0; missing--) addEarliest();
    } else if (told === count) place(row);
    else if (told !== undefined && told > count) {
      const readers = waiting.get(told);
      if (readers === undefined) waiting.set(told, [row]);
      else readers.push(row);
    }
  }
  return { validity: 'valid', order: order.subarray(0, placed), configurations: 0 };
}

/** What a read told, less the initial count; undefined where it can be no count. */
function toldOf(value: unknown, initial: number): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= initial
    ? (value as number) - initial
    : undefined;
}

/** Both ends in the order of the history: twice the row, plus one for a completion. */
function eventsOf(operations: readonly Operation[]): Int32Array {
  const completed: number[] = [];
  for (let row = 0; row < operations.length; row++) {
    if ((operations[row] as Operation).completedAt !== Infinity) completed.push(row);
  }
  const endOf = (row: number): number => (operations[row] as Operation).completedAt;
  completed.sort((a, b) => endOf(a) - endOf(b));
  const events = new Int32Array(operations.length + completed.length);
  let next = 0;
  let filled = 0;
  for (let row = 0; row < operations.length; row++) {
    const { invokedAt } = operations[row] as Operation;
    for (; next < completed.length && endOf(completed[next] as number) < invokedAt; next++) {
      events[filled++] = 2 * (completed[next] as number) + 1;
    }
    events[filled++] = 2 * row;
  }
  for (; next < completed.length; next++) events[filled++] = 2 * (completed[next] as number) + 1;
  return events;
}

/** `culprit`: the read that fails; `told` is less the initial count. */
function bad(
  operations: readonly Operation[],
  culprit: number,
  told: number | undefined,
  initial: number,
): Decision {
  const rows = rowsOf(operations, culprit, told, initial);
  const proof = { culprit, rows: Int32Array.from(new Set(rows)).sort(), start: 'initial' as const };
  return { validity: 'invalid', reached: 0, longest: [], configurations: 0, proof };
}

/**
 * Told more than there were adds: the read and all of them. Told less than the count was: by the lowest count, some read
 * had completed that told w (or there was none, and w is 0), and of the adds invoked after that, so many completed
 * before the culprit was invoked that w and they are more than it told. These, and w adds that the first read may have
 * seen.
 */
function rowsOf(
  operations: readonly Operation[],
  culprit: number,
  told: number | undefined,
  initial: number,
): number[] {
  if (told === undefined) return [culprit];
  const { invokedAt: start, completedAt: end } = operations[culprit] as Operation;
  const adds = operations.flatMap(({ call, invokedAt }, row) =>
    call.f === 'add' && invokedAt < end ? [row] : [],
  );
  if (told > adds.length) return [culprit, ...adds];
  const before = (row: number): number => (operations[row] as Operation).completedAt;
  const over = adds.filter((row) => before(row) < start).reverse();
  if (over.length > told) return [culprit, ...over.slice(over.length - told - 1)];
  // From the latest back: the adds over that were invoked since.
  const reads = operations
    .flatMap(({ call, result, completedAt }, row) => {
      if (call.f !== 'read' || result === undefined || completedAt > start) return [];
      const seen = toldOf(result.value, initial);
      return seen === undefined ? [] : [{ row, seen, completedAt }];
    })
    .sort((a, b) => b.completedAt - a.completedAt);
  let since = 0;
  for (const { row, seen, completedAt } of reads) {
    while (since < over.length && (operations[over[since] as number] as Operation).invokedAt > completedAt)
      since++;
    if (seen + since <= told) continue;
    const needed = Math.max(0, told + 1 - seen);
    const seenAdds = adds
      .filter((add) => (operations[add] as Operation).invokedAt < completedAt)
      .slice(0, seen);
    return [culprit, row, ...over.slice(0, needed), ...seenAdds];
  }
  return [culprit, ...operations.keys()].filter((row) => (operations[row] as Operation).invokedAt < end);
}
