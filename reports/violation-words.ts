// What all reports say of a counterexample besides its own sentences.

import type { Counterexample, ViolationShape } from '../checkers/counterexample.ts';
import type { ShadedSpan } from './fault-schedule.ts';
import { keyText, valueText } from './operation-text.ts';
import { plural } from './safe-text.ts';
import { momentText } from './time-text.ts';

const shapeNames: Readonly<Record<ViolationShape, string>> = {
  'stale-read': 'Stale read',
  'lost-write': 'Lost write',
  'never-written': 'Read of a value never written',
  'failed-took-effect': 'Failed operation that took effect',
  'reads-backwards': 'Reads going backwards',
  'double-cas': 'Two successful cas from one value',
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
  return `Shrunk from ${plural(operationsBefore, 'operation')} ${here} to ${operations.length}. Each of them is needed: without any one, an order would exist.`;
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
