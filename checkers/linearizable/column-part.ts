// The operations of a register's history by key, read off the columns of the history: all parts in one set of arrays,
// each part a stretch of them, in two passes.

import { ABSENT, NO_PAIR } from '../dictionary.ts';
import type { History } from '../history.ts';
import { INVOKE, NEMESIS, typeCode } from '../history-columns.ts';
import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import type { Moves } from './moves.ts';
import type { Part } from './part.ts';
import { PartNumbering } from './part-numbering.ts';
import { NONE } from './problem.ts';
import { faultInColumns } from './verify-columns.ts';

export interface Shape {
  /** Whether operations of different keys are apart. */
  readonly keyed: boolean;
  readonly initial: Json | undefined;
  /** Whether there is a cas besides read and write. */
  readonly cas: boolean;
}

/** Rows of all parts, those of one part together. */
export interface Grouped {
  /** By part. */
  readonly groups: readonly Group[];
  readonly operations: number;
  /** Whether any succeeded. */
  readonly succeeded: boolean;
}

/** Operations of one key, of which at least one completed. */
export interface Group {
  readonly key: string | undefined;
  /** By row: the index of the invocation. */
  readonly invocations: Int32Array;
  readonly moves: Moves;
}

/** A part that makes objects only of the operations that are asked for. */
export function columnPart<State>(history: History, model: Model<State>, group: Group): Part<State> {
  let operations: readonly Operation[] | undefined;
  const { key, invocations, moves } = group;
  const operation = (row: number): Operation =>
    operations?.[row] ?? (history.operation(invocations[row] ?? 0) as Operation);
  return {
    model,
    key,
    size: invocations.length,
    operation,
    operations: () => {
      operations ??= Array.from(invocations, (_, row) => operation(row));
      return operations;
    },
    moves: () => moves,
    fault: (order) => faultInColumns(history, model.init() as Json | undefined, invocations, order),
  };
}

/** The groups by their first operation, with the same moves as `movesOf` gives; undefined where some call is refused. */
export function groupColumns(history: History, shape: Shape): Grouped | undefined {
  const room = roomOf(history, shape.keyed);
  const { partOfKey, rowStarts, eventStarts } = room;
  const parts = rowStarts.length - 1;
  const { columns, dictionary, found } = history.raw;
  const { type, process, partner, f, key, value } = columns;
  const [read, write, cas] = ['read', 'write', 'cas'].map((name) => dictionary.intern(name));
  const initial = dictionary.intern(shape.initial);
  const { pairs } = dictionary;
  const length = type.length;
  const total = rowStarts[parts] as number;

  const numbering = new PartNumbering(parts, initial, room.lowest, pairs.length / 2 - 1, total);
  const invocations = new Int32Array(total);
  const needs = new Int32Array(total);
  const leaves = new Int32Array(total);
  const events = new Int32Array(eventStarts[parts] as number);
  /** By part: where its next row and event go. */
  const nextRow = rowStarts.slice();
  const nextEvent = eventStarts.slice();
  /** By index of a completion that counts: its operation's row in the part, and one. */
  const rowAt = new Int32Array(length);
  /** Rows of operations that are legal in no state, among all. */
  const impossible: number[] = [];
  let operations = 0;
  let succeeded = false;

  for (let index = 0; index < length; index++) {
    const part = shape.keyed ? (partOfKey[(key[index] as number) + 1] as number) : 0;
    if (type[index] !== INVOKE) {
      const row = rowAt[index] as number;
      if (row !== 0) events[(nextEvent[part] as number)++] = row * 2 - 1;
      continue;
    }
    if (process[index] === NEMESIS) continue;
    const completion = partner[index] as number;
    const outcome = completion === ABSENT ? typeCode.info : (type[completion] as number);
    const seen = outcome === typeCode.fail ? found.get(completion) : undefined;
    if (outcome === typeCode.fail && seen === undefined) continue;

    let needed = NONE;
    let left = NONE;
    const call = f[index] as number;
    const argument = value[index] as number;
    if (call === cas && shape.cas) {
      const from = argument < 0 ? NO_PAIR : (pairs[argument * 2] as number);
      if (from === NO_PAIR) return undefined;
      const to = pairs[argument * 2 + 1] as number;
      if (seen !== undefined) {
        needed = numbering.number(part, seen);
        if (seen === from) impossible.push(nextRow[part] as number);
      } else if (from !== to) {
        needed = numbering.number(part, from);
        left = numbering.number(part, to);
      } else if (outcome !== typeCode.info) needed = numbering.number(part, from);
    } else if (call === write) {
      if (argument === ABSENT) return undefined;
      if (seen === undefined) left = numbering.number(part, argument);
      else needed = numbering.number(part, seen);
    } else if (call !== read) return undefined;
    else if (seen !== undefined) needed = numbering.number(part, seen);
    else if (outcome !== typeCode.info) needed = numbering.number(part, value[completion] as number);

    const at = (nextRow[part] as number)++;
    const row = at - (rowStarts[part] as number);
    operations++;
    invocations[at] = index;
    needs[at] = needed;
    leaves[at] = left;
    if (outcome !== typeCode.info) {
      rowAt[completion] = row + 1;
      if (outcome === typeCode.ok) succeeded = true;
    }
    const isCrashedObserver = needed === NONE && left === NONE;
    if (!isCrashedObserver) events[(nextEvent[part] as number)++] = row * 2;
  }
  // The number after the last: nobody leaves it.
  const impossibleIn = new Set<number>();
  for (const at of impossible) {
    const part = room.partOf(invocations[at] as number);
    needs[at] = numbering.sizes[part] as number;
    impossibleIn.add(part);
  }

  const groups: Group[] = [];
  for (let part = 0; part < parts; part++) {
    const [from, to] = [rowStarts[part] as number, nextRow[part] as number];
    const ends = events.subarray(eventStarts[part], nextEvent[part]);
    if (!hasCompletion(ends)) continue;
    groups.push({
      key: dictionary.get(room.keys[part] as number) as string | undefined,
      invocations: invocations.subarray(from, to),
      moves: {
        needs: needs.subarray(from, to),
        leaves: leaves.subarray(from, to),
        events: ends,
        states: (numbering.sizes[part] as number) + (impossibleIn.has(part) ? 1 : 0),
      },
    });
  }
  groups.sort((a, b) => (a.invocations[0] as number) - (b.invocations[0] as number));
  return { groups, operations, succeeded };
}

function hasCompletion(events: Int32Array): boolean {
  for (let time = 0; time < events.length; time++) if (((events[time] as number) & 1) === 1) return true;
  return false;
}

interface Room {
  /** By part: the number of its key. */
  readonly keys: readonly number[];
  /** By number of a key, and one: its part. */
  readonly partOfKey: Int32Array;
  partOf(index: number): number;
  /** By part: the first of the rows, and of the events, that it can have at most; then the end of the last. */
  readonly rowStarts: Int32Array;
  readonly eventStarts: Int32Array;
  /** The lowest number of a value, or of a pair's member. */
  readonly lowest: number;
}

/** Counts what each key has at most: operations without effect are among them still. */
function roomOf(history: History, keyed: boolean): Room {
  const { columns, dictionary } = history.raw;
  const { type, process, key, value } = columns;
  const { pairs } = dictionary;
  const partOfKey = new Int32Array(pairs.length / 2 + 1).fill(NONE);
  const keys: number[] = [];
  const invoked: number[] = [];
  const ended: number[] = [];
  let lowest = ABSENT;
  for (let id = 0; id < pairs.length; id++) if ((pairs[id] as number) < lowest) lowest = pairs[id] as number;
  for (let index = 0; index < type.length; index++) {
    if ((value[index] as number) < lowest) lowest = value[index] as number;
    if (process[index] === NEMESIS) continue;
    const name = keyed ? (key[index] as number) : ABSENT;
    let part = partOfKey[name + 1] as number;
    if (part === NONE) {
      part = keys.push(name) - 1;
      partOfKey[name + 1] = part;
      invoked.push(0);
      ended.push(0);
    }
    if (type[index] === INVOKE) (invoked[part] as number)++;
    (ended[part] as number)++;
  }
  return {
    keys,
    partOfKey,
    partOf: (index) => partOfKey[(keyed ? (key[index] as number) : ABSENT) + 1] as number,
    rowStarts: startsOf(invoked),
    eventStarts: startsOf(ended),
    lowest,
  };
}

function startsOf(counts: readonly number[]): Int32Array {
  const starts = new Int32Array(counts.length + 1);
  for (const [i, count] of counts.entries()) starts[i + 1] = (starts[i] as number) + count;
  return starts;
}
