// The columns of a history: what every op has, as numbers. Texts and values are numbers of a dictionary.

import type { OpType } from './op.ts';

export const types: readonly OpType[] = ['invoke', 'ok', 'fail', 'info'];
export const typeCode: Record<OpType, number> = { invoke: 0, ok: 1, fail: 2, info: 3 };
export const INVOKE = typeCode.invoke;
export const INFO = typeCode.info;
/** Stands for the nemesis in the column of processes. */
export const NEMESIS = -1;

export interface Columns {
  readonly type: Uint8Array;
  readonly process: Int32Array;
  readonly time: Float64Array;
  readonly f: Int32Array;
  readonly key: Int32Array;
  readonly node: Int32Array;
  readonly value: Int32Array;
  /** The other end's index, -1 where there is none. */
  readonly partner: Int32Array;
}

export function emptyColumns(capacity: number): Columns {
  return {
    type: new Uint8Array(capacity),
    process: new Int32Array(capacity),
    time: new Float64Array(capacity),
    f: new Int32Array(capacity),
    key: new Int32Array(capacity),
    node: new Int32Array(capacity),
    value: new Int32Array(capacity),
    partner: new Int32Array(capacity),
  };
}

/** All of them in memory that other threads can see. */
export function sharedCopyOf(columns: Columns): Columns {
  const length = columns.type.length;
  const ints = () => new Int32Array(new SharedArrayBuffer(length * 4));
  const shared: Columns = {
    type: new Uint8Array(new SharedArrayBuffer(length)),
    process: ints(),
    time: new Float64Array(new SharedArrayBuffer(length * 8)),
    f: ints(),
    key: ints(),
    node: ints(),
    value: ints(),
    partner: ints(),
  };
  return fill(shared, columns, length);
}

export function isShared(columns: Columns): boolean {
  return columns.type.buffer instanceof SharedArrayBuffer;
}

/** The first `length` ops in columns of their own, with room for `capacity`. */
export function copyOf(columns: Columns, length: number, capacity: number): Columns {
  return fill(emptyColumns(capacity), columns, length);
}

function fill(copy: Columns, columns: Columns, length: number): Columns {
  copy.type.set(columns.type.subarray(0, length));
  copy.process.set(columns.process.subarray(0, length));
  copy.time.set(columns.time.subarray(0, length));
  copy.f.set(columns.f.subarray(0, length));
  copy.key.set(columns.key.subarray(0, length));
  copy.node.set(columns.node.subarray(0, length));
  copy.value.set(columns.value.subarray(0, length));
  copy.partner.set(columns.partner.subarray(0, length));
  return copy;
}
