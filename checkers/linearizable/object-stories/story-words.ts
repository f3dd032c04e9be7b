// What the stories of all kinds of objects need: moments, values, and which operations were before others.

import type { Json } from '../../json.ts';
import { canonicalJson } from '../../json.ts';
import type { Operation } from '../../op.ts';
import type { Evidence } from '../evidence.ts';
import { clause, seconds } from '../words.ts';

/** `12.304 s`, when it completed. */
export function endOf({ history }: Pick<Evidence<unknown>, 'history'>, operation: Operation): string {
  return seconds(history.time(operation.completedAt));
}

/** `12.304 s`, when it was invoked. */
export function beginOf({ history }: Pick<Evidence<unknown>, 'history'>, operation: Operation): string {
  return seconds(history.time(operation.invokedAt));
}

/** `process 2 dequeued 1 at 0.007 s`. */
export function happened(evidence: Pick<Evidence<unknown>, 'history'>, operation: Operation): string {
  return `${clause(operation)} at ${endOf(evidence, operation)}`;
}

export function isBefore(a: Operation, b: Operation): boolean {
  return a.completedAt < b.invokedAt;
}

/** Completed, and not refused. */
export function isDone({ result }: Operation): boolean {
  return result !== undefined && result.mismatch !== true;
}

export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}

export function valuesIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function holds(values: readonly Json[], value: Json | undefined): boolean {
  return values.some((one) => isSame(one, value));
}
