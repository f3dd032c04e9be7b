// The answers of a plan, and how a wrapper passes on the answer of the plan inside it.

import type { Call } from '../../checkers/op.ts';
import type { Next, OpGenerator, Thread } from './generator.ts';

export const exhausted: Next = { kind: 'exhausted' };

/** `until` in nanoseconds; Infinity when only an event helps; undefined when it is not known. */
export function pending(rest: OpGenerator, until: number | undefined): Next {
  return until === undefined ? { kind: 'pending', rest } : { kind: 'pending', rest, until };
}

/** The call as an op, not before `time` (nanoseconds). */
export function planned(time: number, thread: Thread, call: Call, rest: OpGenerator): Next {
  return { kind: 'op', op: { time, thread, call }, rest };
}

/** The same answer with its rest wrapped. */
export function rewrap(next: Next, wrap: (rest: OpGenerator) => OpGenerator): Next {
  if (next.kind === 'op') return { kind: 'op', op: next.op, rest: wrap(next.rest) };
  return next.kind === 'pending' ? pending(wrap(next.rest), next.until) : next;
}

/** The earlier of two hints; unknown wins, since it asks soonest. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.min(a, b);
}
