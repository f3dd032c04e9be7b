// A history in memory that all threads see: its columns are shared, the values of its dictionary are copied. A thread
// makes a history of its own of the operations of one part.

import { Dictionary } from '../../dictionary.ts';
import { History } from '../../history.ts';
import { type Columns, emptyColumns, INFO, isShared, sharedCopyOf } from '../../history-columns.ts';
import type { Json } from '../../json.ts';

/** What a message to a thread can hold. */
export interface SharedHistory {
  readonly columns: Columns;
  /** Of the dictionary, by number from 0. */
  readonly values: readonly Json[];
  /** Pairs: the index of an op, the number of what it found. */
  readonly found: Int32Array;
}

/** Copies the columns where they are not shared already. */
export function shareHistory(history: History): SharedHistory {
  const { columns, dictionary, found } = history.raw;
  const values: Json[] = [];
  for (let value = dictionary.get(0); value !== undefined; value = dictionary.get(values.length)) {
    values.push(value);
  }
  return {
    columns: isShared(columns) ? columns : sharedCopyOf(columns),
    values,
    found: Int32Array.from([...found].flat()),
  };
}

/** What a thread makes of a shared history, once. */
export interface ThreadHistory {
  readonly columns: Columns;
  readonly dictionary: Dictionary;
  readonly found: ReadonlyMap<number, number>;
}

export function threadHistory({ columns, values, found }: SharedHistory): ThreadHistory {
  const dictionary = new Dictionary();
  for (const [number, value] of values.entries()) {
    // Numbers are given in the order in which values come.
    if (dictionary.intern(value) !== number)
      throw new Error(`value ${number} got another number in a thread`);
  }
  const byOp = new Map<number, number>();
  for (let i = 0; i < found.length; i += 2) byOp.set(found[i] as number, found[i + 1] as number);
  return { columns, dictionary, found: byOp };
}

export interface PartHistory {
  readonly history: History;
  /** By index in it: the index in the whole history. */
  readonly indexes: Int32Array;
}

/** The operations invoked at `ids` (rising) as a history of their own; ends with unknown outcome are left out. */
export function partHistory(whole: ThreadHistory, ids: Int32Array): PartHistory {
  const indexes = endsOf(whole.columns, ids);
  const size = indexes.length;
  const columns = emptyColumns(size);
  const placeOf = new Map<number, number>();
  const found = new Map<number, number>();
  for (let place = 0; place < size; place++) {
    const index = indexes[place] as number;
    for (const name of copied) columns[name][place] = whole.columns[name][index] as number;
    const partner = whole.columns.partner[index] as number;
    const partnerPlace = placeOf.get(partner) ?? -1;
    columns.partner[place] = partnerPlace;
    if (partnerPlace === -1) placeOf.set(index, place);
    else {
      columns.partner[partnerPlace] = place;
      placeOf.delete(partner);
    }
    const seen = whole.found.get(index);
    if (seen !== undefined) found.set(place, seen);
  }
  const rare = { error: new Map(), found, ext: new Map() };
  return { history: new History(whole.dictionary, columns, rare), indexes };
}

const copied = ['type', 'process', 'time', 'f', 'key', 'node', 'value'] as const;

function endsOf({ type, partner }: Columns, ids: Int32Array): Int32Array {
  const ends = new Int32Array(ids.length * 2);
  let size = 0;
  for (const id of ids) {
    ends[size++] = id;
    const completion = partner[id] as number;
    if (completion !== -1 && type[completion] !== INFO) ends[size++] = completion;
  }
  return ends.slice(0, size).sort();
}
