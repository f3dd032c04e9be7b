// Append-only lists whose appended values are unique: linear in what the reads told.
//
// Each read is a state, so of two reads one is the beginning of the other, and the longest one has the order of all appends
// that anybody saw. With n its length, the append of its i-th value is at position 2i + 1, a read of k values at 2k, and
// completed appends that nobody saw are at the end, at 2n + 1, in any order. Positions are forced, so there is an order
// exactly when every value in the longest read was appended by somebody, and real time agrees with the positions. A crashed
// append that somebody saw took effect; one that nobody saw is left out, for it would help nobody.

import type { Json } from '../../json.ts';
import { sameValue } from '../../json.ts';
import { list } from '../../models/list.ts';
import { registerKey } from '../../models/register.ts';
import type { Operation } from '../../op.ts';
import { NONE } from '../problem.ts';
import { placed } from './by-position.ts';
import { type Reader, type Reading, readOff } from './read-off.ts';

export const appendOnlyList = readOff('append-only-list', list(), (operations, initial) => {
  const rowOf = appends(operations, initial.values());
  return rowOf && readerOf(operations, initial.values(), rowOf);
});

type Key = string | number;

/** Rows of appends by the key of the value; undefined where one is appended twice or was there at the start. */
function appends(operations: readonly Operation[], initial: readonly Json[]): Map<Key, number> | undefined {
  const first = new Set<Key>(initial.map(registerKey));
  const rows = new Map<Key, number>();
  for (let row = 0; row < operations.length; row++) {
    const { call, result } = operations[row] as Operation;
    if (result?.mismatch === true) return undefined;
    if (call.f === 'read') continue;
    if (call.f !== 'append' || call.value === undefined) return undefined;
    const key = registerKey(call.value);
    if (rows.has(key) || first.has(key)) return undefined;
    rows.set(key, row);
  }
  return rows;
}

/** A read that completed, and what it told; undefined where that is no list. */
interface Read {
  readonly row: number;
  readonly end: number;
  readonly told: readonly Json[] | undefined;
}

function readsByCompletion(operations: readonly Operation[]): Read[] {
  const reads: Read[] = [];
  for (let row = 0; row < operations.length; row++) {
    const { call, result, completedAt } = operations[row] as Operation;
    if (call.f !== 'read' || result === undefined) continue;
    const told = result.value ?? [];
    reads.push({ row, end: completedAt, told: Array.isArray(told) ? told : undefined });
  }
  return reads.sort((a, b) => a.end - b.end);
}

function readerOf(
  operations: readonly Operation[],
  initial: readonly Json[],
  rowOf: ReadonlyMap<Key, number>,
): Reader {
  const reads = readsByCompletion(operations);
  const { longest, clash } = chain(reads, initial);
  /** By place in the longest list: who appended it, NONE for nobody or for a value that stands there twice. */
  const appender = new Int32Array(longest.length).fill(NONE);
  /** By row of an append: its value's place in the longest list. */
  const placeOf = new Int32Array(operations.length).fill(NONE);
  for (let place = initial.length; place < longest.length; place++) {
    const row = rowOf.get(registerKey(longest[place]));
    if (row === undefined || placeOf[row] !== NONE) continue;
    appender[place] = row;
    placeOf[row] = place;
  }
  const lengthAt = new Int32Array(operations.length);
  for (const { row, told } of reads) lengthAt[row] = told?.length ?? 0;

  /** The rows, with all who appended what reads among them told. */
  function withAppends(rows: readonly number[], end: number): Set<number> {
    const all = new Set(rows);
    for (const row of rows) {
      const value = (operations[row] as Operation).result?.value;
      if ((operations[row] as Operation).call.f !== 'read' || !Array.isArray(value)) continue;
      for (const one of value as readonly Json[]) {
        const by = rowOf.get(registerKey(one));
        if (by !== undefined && (operations[by] as Operation).invokedAt <= end) all.add(by);
      }
    }
    return all;
  }

  return (end): Reading => {
    if (clash !== undefined && clash.end <= end) {
      return { found: 'none', rows: withAppends(clash.rows, clash.end) };
    }
    let size = initial.length;
    for (const read of reads) {
      if (read.end > end) break;
      size = Math.max(size, lengthAt[read.row] as number);
    }
    /** The read of the fewest values that has the one at this place. */
    const seenBy = (place: number): number => {
      let best: number = NONE;
      for (const { row, end: completedAt } of reads) {
        if (completedAt > end) break;
        const length = lengthAt[row] as number;
        if (length > place && (best === NONE || length < (lengthAt[best] as number))) best = row;
      }
      return best;
    };
    for (let place = initial.length; place < size; place++) {
      const row = appender[place] as number;
      if (row !== NONE && (operations[row] as Operation).invokedAt <= end) continue;
      return { found: 'none', rows: withAppends([seenBy(place)], end) };
    }
    const positions = new Int32Array(operations.length).fill(NONE);
    for (let row = 0; row < operations.length; row++) {
      const { call, invokedAt, completedAt } = operations[row] as Operation;
      if (invokedAt > end) break;
      const isDone = completedAt <= end && completedAt !== Infinity;
      const place = placeOf[row] as number;
      if (call.f === 'read') {
        if (isDone) positions[row] = 2 * (lengthAt[row] as number);
      } else if (place !== NONE && place < size) positions[row] = 2 * place + 1;
      else if (isDone) positions[row] = 2 * size + 1;
    }
    const placing = placed(operations, positions, 2 * size + 2, end);
    if ('order' in placing) return { found: 'order', order: placing.order };
    const { earlier, later } = placing;
    const rows = [earlier, later];
    // That an append comes before others is known from a read that has it.
    if ((operations[earlier] as Operation).call.f === 'append') {
      rows.push(seenBy(placeOf[earlier] as number));
    }
    return { found: 'none', rows: withAppends(rows, end) };
  };
}

interface Clash {
  /** The completion of the read that fits no longer. */
  readonly end: number;
  /** That read, and the one that it does not fit, if it would fit alone. */
  readonly rows: readonly number[];
}

/** The longest list told while of any two one was the beginning of the other, and the first read with which that ended. */
function chain(
  reads: readonly Read[],
  initial: readonly Json[],
): { readonly longest: readonly Json[]; readonly clash?: Clash } {
  let longest = initial;
  let longestRow = NONE;
  /** Histories hold equal values once, so most lists that were told often are one object. */
  const known = new Set<readonly Json[]>();
  for (const { row, end, told } of reads) {
    if (told === undefined) return { longest, clash: { end, rows: [row] } };
    if (known.has(told)) continue;
    const isLonger = told.length > longest.length;
    const [short, long] = isLonger ? [longest, told] : [told, longest];
    if (told.length < initial.length || !isBeginning(short, long)) {
      return { longest, clash: { end, rows: longestRow === NONE ? [row] : [row, longestRow] } };
    }
    known.add(told);
    if (!isLonger) continue;
    longest = told;
    longestRow = row;
  }
  return { longest };
}

function isBeginning(short: readonly Json[], long: readonly Json[]): boolean {
  for (let i = 0; i < short.length; i++) if (!sameValue(short[i], long[i])) return false;
  return true;
}
