// Queues with unique enqueued values as an algorithm of the portfolio: linear, n log n to the earliest violation, and exact
// in both directions.

import type { Algorithm } from '../portfolio.ts';
import { type QueueColumns, queueColumns } from './columns.ts';
import { orderOf } from './order.ts';
import { proofOf, violationRows } from './proof.ts';
import { Sweep, type Violation } from './sweep.ts';

interface Bad {
  readonly sweep: Sweep;
  readonly violation: Violation;
}

export const uniqueQueue: Algorithm = {
  name: 'unique-queue',
  applies: (part) => queueColumns(part) !== undefined,
  decide: (part, { budget }) => {
    const columns = queueColumns(part) as QueueColumns;
    const bytes = Sweep.bytes(columns);
    const cause = budget.giveUp(bytes);
    if (cause !== undefined) return { validity: 'unknown', cause, bytes, configurations: 0 };
    const sweep = new Sweep(columns, columns.events.length);
    const violation = sweep.run();
    if (violation === undefined) return { validity: 'valid', order: orderOf(sweep), configurations: 0 };
    const first = earliest({ sweep, violation });
    const proof = proofOf(first.sweep, first.violation);
    return { validity: 'invalid', reached: 0, longest: [], configurations: 0, proof };
  },
};

/**
 * The shortest beginning that has no order: those longer have none either. Tried first is where the rows of the violation
 * end, which is mostly right.
 */
function earliest(whole: Bad): Bad {
  const { columns } = whole.sweep;
  const sweepTo = (end: number): Bad | undefined => {
    const sweep = new Sweep(columns, end);
    const violation = sweep.run();
    return violation === undefined ? undefined : { sweep, violation };
  };
  let bad = whole;
  let good = 0;
  for (const end of [endOf(whole), endOf(whole) - 1]) {
    const tried = sweepTo(end);
    if (tried !== undefined) bad = tried;
    else if (end > good) good = end;
  }
  while (bad.sweep.end - good > 1) {
    const middle = (good + bad.sweep.end) >>> 1;
    const tried = sweepTo(middle);
    if (tried === undefined) good = middle;
    else bad = tried;
  }
  return bad;
}

/** After the last completion of the rows that show the violation. */
function endOf({ sweep, violation }: Bad): number {
  const rows = violationRows(sweep, violation);
  let end = sweep.end;
  while (end > 0) {
    const event = sweep.columns.events[end - 1] as number;
    if ((event & 1) === 1 && rows.has(event >>> 1)) break;
    end--;
  }
  return end;
}
