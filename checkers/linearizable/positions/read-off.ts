// Algorithms that read the order off what the operations told, as algorithms of the portfolio: the verdict in one pass,
// and where it is bad, the first completion with which it was, by halving.

import type { Budget } from '../../checker.ts';
import type { Model } from '../../model.ts';
import type { Operation } from '../../op.ts';
import type { Decision } from '../decision.ts';
import type { Algorithm } from '../portfolio.ts';

/** What can be said of a history that ends at some position. */
export type Reading =
  | { readonly found: 'order'; readonly order: Int32Array }
  /** `rows`: operations that have no order by themselves, though the history has one only if they have. */
  | { readonly found: 'none'; readonly rows: Iterable<number> }
  /** Either may be. */
  | { readonly found: 'unclear' };

/** What was known when the history had come to `end`: who was not completed by then is as good as crashed. */
export type Reader = (end: number) => Reading;

const unclear = { validity: 'unknown', cause: 'limit', bytes: 0, configurations: 0 } as const;

/**
 * An algorithm for the models whose `step` is that of `ours`. `reader`: undefined where the preconditions do not hold, or
 * else the reader of these operations (by invocation).
 */
export function readOff<Ours>(
  name: string,
  ours: Model<Ours>,
  reader: (operations: readonly Operation[], initial: Ours) => Reader | undefined,
): Algorithm {
  const readers = new WeakMap<object, Reader>();
  return {
    name,
    applies: (part) => {
      const model = part.model as unknown as Model<Ours>;
      if (model.step !== ours.step) return false;
      const read = reader(part.operations(), model.init());
      if (read !== undefined) readers.set(part, read);
      return read !== undefined;
    },
    decide: (part, { budget }) => {
      const operations = part.operations();
      const read = readers.get(part) ?? reader(operations, (part.model as unknown as Model<Ours>).init());
      return read === undefined ? unclear : decideBy(read, operations, budget);
    },
  };
}

function decideBy(read: Reader, operations: readonly Operation[], budget: Budget): Decision {
  const whole = read(Infinity);
  if (whole.found === 'unclear') return unclear;
  if (whole.found === 'order') return { validity: 'valid', order: whole.order, configurations: 0 };
  return {
    validity: 'invalid',
    reached: 0,
    longest: [],
    configurations: 0,
    ...proofOf(read, operations, whole.rows, budget),
  };
}

/** Nothing where the budget runs out first, or where it is unclear whether the history was bad before. */
function proofOf(
  read: Reader,
  operations: readonly Operation[],
  rows: Iterable<number>,
  budget: Budget,
): Pick<Extract<Decision, { validity: 'invalid' }>, 'proof'> {
  const ends = completions(operations);
  // The rows alone are bad, so it was bad when the last of them had completed.
  let last = -1;
  for (const row of rows) {
    const { completedAt } = operations[row] as Operation;
    if (completedAt !== Infinity && completedAt > last) last = completedAt;
  }
  let low = 0;
  let high = ends.findLastIndex(({ end }) => end <= last);
  let found = rows;
  let isGoodBefore = true;
  while (low <= high) {
    if (budget.giveUp(0) !== undefined) return {};
    const middle = low === high ? low : (low + high) >>> 1;
    const reading = read((ends[middle] as Completion).end);
    if (reading.found === 'none') {
      found = reading.rows;
      high = middle;
      if (low === high) break;
    } else {
      isGoodBefore = reading.found === 'order';
      low = middle + 1;
    }
  }
  const culprit = ends[low]?.row;
  if (culprit === undefined || !isGoodBefore) return {};
  return { proof: { culprit, rows: Int32Array.from(new Set(found)).sort(), start: 'initial' } };
}

interface Completion {
  readonly end: number;
  readonly row: number;
}

function completions(operations: readonly Operation[]): Completion[] {
  return operations
    .map(({ completedAt }, row) => ({ end: completedAt, row }))
    .filter(({ end }) => end !== Infinity)
    .sort((a, b) => a.end - b.end);
}
