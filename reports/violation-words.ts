// What all reports say of a counterexample besides its own sentences.

import type { Counterexample, DeadEnd, ViolationShape } from '../checkers/counterexample.ts';
import type { ShadedSpan } from './fault-schedule.ts';
import { callText, keyText, valueText } from './operation-text.ts';
import { plural } from './safe-text.ts';
import { momentText } from './time-text.ts';

const shapeNames: Readonly<Record<ViolationShape, string>> = {
  'stale-read': 'Stale read',
  'lost-write': 'Lost write',
  'never-written': 'Read of a value never written',
  'failed-took-effect': 'Failed operation that took effect',
  'reads-backwards': 'Reads going backwards',
  'double-cas': 'Two successful cas from one value',
  'taken-twice': 'One value taken out twice',
  'out-of-order': 'Values out of order',
  'wrongly-empty': 'Found empty while something was there',
  'lost-element': 'Lost element',
  'resurrected-element': 'Resurrected element',
  'reads-disagree': 'Reads that fit no one order',
  'impossible-count': 'Impossible count',
  'two-holders': 'Two holders of one lock',
  'released-by-another': 'Released by one who did not hold it',
  'token-went-back': 'Fencing token went back',
  'lost-append': 'Lost append',
  'torn-read': 'Torn read',
  other: 'No order fits',
};

/** `Stale read on key k17`. */
export function counterexampleTitle({ key, shape }: Counterexample): string {
  return `${shapeNames[shape]}${key === undefined ? '' : ` on key ${keyText(key)}`}`;
}

/** How much was left out, and what that means. */
export function shrunkText({ key, operations, operationsBefore }: Counterexample): string {
  const here = key === undefined ? 'of this history' : 'on this key';
  if (operationsBefore <= operations.length) {
    return `These are all ${plural(operations.length, 'operation')} ${here}.`;
  }
  return `Shrunk from ${plural(operationsBefore, 'operation')} ${here} to ${operations.length}, by steps that never make a good history bad.`;
}

export function initialText({ initial }: Counterexample): string {
  if (initial === undefined) return 'Whatever the value before these operations was, no order fits.';
  return initial.value === undefined
    ? 'Before these operations the key was absent.'
    : `Before these operations the value was ${valueText(initial.value)}.`;
}

/** The faults in force at any time from the first of these operations to the last. */
export function spansDuring(found: Counterexample, spans: readonly ShadedSpan[]): readonly ShadedSpan[] {
  return spans.filter((span) => span.from <= found.to && span.to >= found.from);
}

export function spanText(span: ShadedSpan): string {
  return `${span.name} (${momentText(span.from, 1)} to ${momentText(span.to, 1)})`;
}

/** With a capital and a full stop: checkers hand over clauses. */
export function asSentence(clause: string): string {
  const sentence = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** More ids than these are counted. */
const shownIds = 30;
/** Of the first order; those of the others are in results.json and report.html. */
const shownRemaining = 6;

/**
 * How far an order gets, a sentence each: the order, the state before what would come next, and of each operation that is
 * left over why it cannot. At most `limit` operations of each order; of the orders at most `orders`.
 */
export function deadEndLines(
  { deadEnds, operations }: Counterexample,
  { orders = 1, limit = shownRemaining }: { orders?: number; limit?: number } = {},
): string[] {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const shown = deadEnds.slice(0, orders);
  const lines = shown.flatMap((end, i) => [
    orderText(end, i === 0 ? 'a longest legal order' : 'another longest order'),
    ...end.remaining.slice(0, limit).map(({ id, why }) => {
      const operation = byId.get(id);
      const call = operation === undefined ? '' : ` (${callText(operation.call, 100)})`;
      const cannot =
        operation !== undefined && !Number.isFinite(operation.completedAt)
          ? 'is not in it'
          : 'cannot come next';
      return `operation ${id}${call} ${cannot}, because ${why}`;
    }),
    ...moreText(end.remaining.length + end.remainingNotListed - limit, 'operation', 'left over'),
  ]);
  return [...lines, ...moreText(deadEnds.length - shown.length, 'longest order', 'in results.json')];
}

function orderText({ order, stateBefore }: DeadEnd, name: string): string {
  const state =
    stateBefore === undefined ? '' : `${order.length === 0 ? 'there' : 'then'} the state is ${stateBefore}`;
  if (order.length === 0) return `no operation can come first${state === '' ? '' : `: ${state}`}`;
  const ids = order.length <= shownIds ? order : order.slice(-shownIds);
  const before = order.length - ids.length;
  return (
    `${name} is ${before === 0 ? '' : `${plural(before, 'operation')} and then `}` +
    `${ids.length === 1 ? 'operation' : 'operations'} ${ids.join(', ')}${state === '' ? '' : `; ${state}`}`
  );
}

function moreText(more: number, what: string, where: string): string[] {
  return more > 0 ? [`${plural(more, `more ${what}`)} ${more === 1 ? 'is' : 'are'} ${where}`] : [];
}
