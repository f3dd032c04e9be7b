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

/**
 * The answer of the plan inside as the answer of its wrapper: `waiting` wraps a plan whose call was not carried out,
 * `gone` one whose call was.
 */
export function rewrap(
  next: Next,
  waiting: (plan: OpGenerator) => OpGenerator,
  gone: (plan: OpGenerator) => OpGenerator = waiting,
): Next {
  if (next.kind === 'pending') return pending(waiting(next.rest), next.until);
  if (next.kind !== 'op') return next;
  const { op, rest, kept } = next;
  return kept === undefined
    ? { kind: 'op', op, rest: gone(rest) }
    : { kind: 'op', op, rest: gone(rest), kept: waiting(kept) };
}

/** The earlier of two hints; unknown wins, since it asks soonest. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.min(a, b);
}
