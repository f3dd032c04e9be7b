// A part of a register's history that is read off the history's columns.

import { ABSENT } from '../dictionary.ts';
import type { History } from '../history.ts';
import { INVOKE, typeCode } from '../history-columns.ts';
import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import type { Moves } from './moves.ts';
import { Numbering } from './numbering.ts';
import type { Part } from './part.ts';
import { NONE } from './problem.ts';

/** No number of a dictionary: ABSENT is a value here. */
const NOTHING = 0x7fffffff;

/** Operations of one key in a history. */
export interface Group {
  readonly key: string | undefined;
  /** By row: the index of the invocation. */
  readonly invocations: Int32Array;
  /** Indexes of both ends of all operations, rising. */
  readonly ends: Int32Array;
}

/** A part that makes objects only of the operations that are asked for. `rowAt`: by index of an op, its operation's row. */
export function columnPart<State>(
  history: History,
  model: Model<State>,
  group: Group,
  rowAt: Int32Array,
): Part<State> {
  let operations: readonly Operation[] | undefined;
  let moves: Moves | undefined;
  const operation = (row: number): Operation =>
    operations?.[row] ?? (history.operation(group.invocations[row] ?? 0) as Operation);
  return {
    model,
    key: group.key,
    size: group.invocations.length,
    operation,
    operations: () => {
      operations ??= Array.from(group.invocations, (_, row) => operation(row));
      return operations;
    },
    moves: () => {
      moves ??= movesOfColumns(history, model.init() as Json | undefined, group, rowAt);
      return moves;
    },
  };
}

/** The same as `movesOf` gives for the model, which is a plain register. */
function movesOfColumns(history: History, initial: Json | undefined, group: Group, rowAt: Int32Array): Moves {
  const { columns, dictionary, found } = history.raw;
  const { type, partner, f, value } = columns;
  const [read, write] = ['read', 'write'].map((name) => dictionary.intern(name));
  const size = group.invocations.length;
  /** Numbers of the dictionary at first, then those of states. those that are not there are NOTHING. */
  const needs = new Int32Array(size).fill(NOTHING);
  const leaves = new Int32Array(size).fill(NOTHING);
  const impossible: number[] = [];
  const initialId = dictionary.intern(initial);
  let lowest = initialId;
  let highest = initialId;
  const note = (id: number): void => {
    if (id < lowest) lowest = id;
    if (id > highest) highest = id;
  };
  for (let row = 0; row < size; row++) {
    const index = group.invocations[row] as number;
    const completion = partner[index] as number;
    const outcome = completion === ABSENT ? typeCode.info : (type[completion] as number);
    const call = f[index] as number;
    if (outcome === typeCode.fail) {
      const seen = found.get(completion) as number;
      needs[row] = seen;
      note(seen);
      if (call !== read && call !== write) {
        const [from] = casPair(dictionary.get(value[index] as number)) as [Json, Json];
        if (dictionary.intern(from) === seen) impossible.push(row);
      }
    } else if (call === read) {
      if (outcome === typeCode.info) continue;
      const seen = value[completion] as number;
      needs[row] = seen;
      note(seen);
    } else if (call === write) {
      const written = value[index] as number;
      leaves[row] = written;
      note(written);
    } else {
      const [from, to] = casPair(dictionary.get(value[index] as number)) as [Json, Json];
      const before = dictionary.intern(from);
      const after = dictionary.intern(to);
      if (before === after && outcome === typeCode.info) continue;
      needs[row] = before;
      note(before);
      if (before === after) continue;
      leaves[row] = after;
      note(after);
    }
  }
  const states = new Numbering(lowest, highest, size);
  states.number(initialId);
  for (let row = 0; row < size; row++) {
    needs[row] = needs[row] === NOTHING ? NONE : states.number(needs[row] as number);
    leaves[row] = leaves[row] === NOTHING ? NONE : states.number(leaves[row] as number);
  }
  for (const row of impossible) needs[row] = states.size;

  const events = new Int32Array(group.ends.length);
  let filled = 0;
  for (let end = 0; end < group.ends.length; end++) {
    const index = group.ends[end] as number;
    const row = rowAt[index] as number;
    const isCrashedObserver = needs[row] === NONE && leaves[row] === NONE;
    if (!isCrashedObserver) events[filled++] = row * 2 + (type[index] === INVOKE ? 0 : 1);
  }
  return {
    needs,
    leaves,
    events: events.subarray(0, filled),
    states: states.size + (impossible.length > 0 ? 1 : 0),
  };
}

/** From and to of a cas; undefined where the value is not a pair. */
export function casPair(value: Json | undefined): readonly [from: Json, to: Json] | undefined {
  return Array.isArray(value) && value.length === 2 ? (value as unknown as [Json, Json]) : undefined;
}
