// Sets that only grow, by adds of different elements, and are read as a whole: linear in what the reads told, but for sorting.
//
// Each read is a state, so of two reads one is part of the other. With the reads by size, an element's add comes after the
// last read without it and before the first one with it, among the other elements that are new in that one, in any order.
// Completed adds that no read has come after all reads, crashed ones that no read has are left out. So the positions are
// forced, and there is an order exactly when reads are part of one another, all they have was added, and real time agrees.

import type { Json } from '../../json.ts';
import { registerKey } from '../../models/register.ts';
import { set } from '../../models/set.ts';
import { entriesOf } from '../../models/sorted-tree.ts';
import type { Operation } from '../../op.ts';
import { NONE } from '../problem.ts';
import { placed } from './by-position.ts';
import { type Reader, type Reading, readOff } from './read-off.ts';

type Key = string | number;

export const growingSet = readOff('growing-set', set(), (operations, initial) => {
  const first = new Set<Key>(entriesOf(initial).map(([, element]) => registerKey(element)));
  const rowOf = adds(operations, first);
  return rowOf && readerOf(operations, first, rowOf);
});

/** Rows of adds by element; undefined where there are other calls, or an element is added twice. */
function adds(operations: readonly Operation[], first: ReadonlySet<Key>): Map<Key, number> | undefined {
  const rows = new Map<Key, number>();
  for (let row = 0; row < operations.length; row++) {
    const { call, result } = operations[row] as Operation;
    if (result?.mismatch === true) return undefined;
    if (call.f === 'read') continue;
    // An add of something new that changed nothing is for others to explain.
    if (call.f !== 'add' || call.value === undefined || result?.value === false) return undefined;
    const key = registerKey(call.value);
    if (rows.has(key) || first.has(key)) return undefined;
    rows.set(key, row);
  }
  return rows;
}

interface Read {
  readonly row: number;
  readonly end: number;
  /** Undefined where the answer is no set. */
  readonly told: ReadonlySet<Key> | undefined;
}

function readerOf(
  operations: readonly Operation[],
  first: ReadonlySet<Key>,
  rowOf: ReadonlyMap<Key, number>,
): Reader {
  const reads = readsBySize(operations);
  const toldBy = new Map(reads.map(({ row, told }) => [row, told]));

  /** The rows, with all who added what reads among them told. */
  function withAdds(rows: readonly number[], end: number): Set<number> {
    const all = new Set(rows);
    for (const row of rows) {
      for (const key of toldBy.get(row) ?? []) {
        const by = rowOf.get(key);
        if (by !== undefined && (operations[by] as Operation).invokedAt <= end) all.add(by);
      }
    }
    return all;
  }

  return (end): Reading => {
    const positions = new Int32Array(operations.length).fill(NONE);
    /** By row of an add: the smallest read that has it. */
    const seenBy = new Int32Array(operations.length).fill(NONE);
    let before: { readonly row: number; readonly told: ReadonlySet<Key> } = { row: NONE, told: first };
    let position = 0;
    for (const { row, end: completedAt, told } of reads) {
      if (completedAt > end) continue;
      if (told === undefined) return { found: 'none', rows: [row] };
      if (told !== before.told) {
        for (const key of before.told) {
          if (told.has(key)) continue;
          return { found: 'none', rows: withAdds(before.row === NONE ? [row] : [row, before.row], end) };
        }
        if (told.size > before.told.size) position += 2;
        for (const key of told) {
          if (before.told.has(key)) continue;
          const by = rowOf.get(key);
          if (by === undefined || (operations[by] as Operation).invokedAt > end) {
            return { found: 'none', rows: withAdds([row], end) };
          }
          positions[by] = position - 1;
          seenBy[by] = row;
        }
      }
      positions[row] = position;
      before = { row, told };
    }
    for (const row of rowOf.values()) {
      const { completedAt } = operations[row] as Operation;
      if (positions[row] === NONE && completedAt !== Infinity && completedAt <= end)
        positions[row] = position + 1;
    }
    const placing = placed(operations, positions, position + 2, end);
    if ('order' in placing) return { found: 'order', order: placing.order };
    const { earlier, later } = placing;
    // That an add comes before others is known from a read that has it.
    const seen = seenBy[earlier] as number;
    return { found: 'none', rows: withAdds([earlier, later, ...(seen === NONE ? [] : [seen])], end) };
  };
}

/** Completed reads, smallest first. Answers that are one object are one set. */
function readsBySize(operations: readonly Operation[]): Read[] {
  const known = new Map<Json, ReadonlySet<Key> | undefined>();
  const nothing: ReadonlySet<Key> = new Set();
  const setOf = (value: Json | undefined): ReadonlySet<Key> | undefined => {
    if (value === undefined) return nothing;
    if (known.has(value)) return known.get(value);
    const told = Array.isArray(value) ? new Set((value as readonly Json[]).map(registerKey)) : undefined;
    const isSet = told !== undefined && told.size === (value as readonly Json[]).length;
    known.set(value, isSet ? told : undefined);
    return isSet ? told : undefined;
  };
  const reads: Read[] = [];
  for (let row = 0; row < operations.length; row++) {
    const { call, result, completedAt } = operations[row] as Operation;
    if (call.f !== 'read' || result === undefined) continue;
    reads.push({ row, end: completedAt, told: setOf(result.value) });
  }
  return reads.sort((a, b) => (a.told?.size ?? 0) - (b.told?.size ?? 0));
}
