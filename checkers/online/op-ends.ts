// What the ops of a history say of the operation whose ends they are; as History.operation has it, for one op at a time.

import type { Call, Op, Result } from '../op.ts';

export interface Violation {
  /** Index of the invocation of the operation with whose completion no order was left. */
  readonly operation: number;
  /** A clause that fits after "because". */
  readonly why: string;
}

export function callOf({ f, key, value }: Call): Call {
  return { f, ...(key === undefined ? {} : { key }), ...(value === undefined ? {} : { value }) };
}

/** Undefined where nobody knows, or where it certainly failed and saw nothing. */
export function resultOf(op: Op): Result | undefined {
  if (op.type === 'ok') return op.value === undefined ? {} : { value: op.value };
  return op.type === 'fail' && op.found !== undefined ? { ...op.found, mismatch: true } : undefined;
}
