// A history split by key. For the registers of ours this goes through the columns of the history and makes no objects;
// for other models, and wherever something is not as expected, through objects.

import { ABSENT } from '../dictionary.ts';
import type { History } from '../history.ts';
import { INVOKE, NEMESIS, typeCode } from '../history-columns.ts';
import type { Model } from '../model.ts';
import { plainRegister } from '../models/plain-register.ts';
import type { Operation } from '../op.ts';
import { casPair, columnPart, type Group } from './column-part.ts';
import type { Part } from './part.ts';
import { NONE } from './problem.ts';
import { partsOf } from './split-parts.ts';

export interface Split<State> {
  /** Those in which something completed. */
  readonly parts: readonly Part<State>[];
  /** Operations of all keys. */
  readonly operations: number;
  /** Whether any of them succeeded; a refused cas did not, though it is judged. */
  readonly succeeded: boolean;
}

/** The parts of the history by key, or why it cannot be judged. */
export function split<State>(history: History, model: Model<State>): Split<State> | { refusal: string } {
  return splitColumns(history, model) ?? splitObjects(history.operations(), model);
}

export function splitObjects<State>(
  operations: readonly Operation[],
  model: Model<State>,
): Split<State> | { refusal: string } {
  const groups = new Map<string | undefined, Operation[]>();
  for (const operation of operations) {
    const { id, call } = operation;
    const why = model.refuses?.(call);
    if (why !== undefined) return { refusal: `cannot be judged: operation ${id} is ${call.f}, but ${why}` };
    const key = model.keyed ? call.key : undefined;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [operation]);
    else group.push(operation);
  }
  return {
    parts: [...groups].flatMap(([key, group]) => partsOf(model, group, key)),
    operations: operations.length,
    succeeded: operations.some(({ result }) => result !== undefined && result.mismatch !== true),
  };
}

/** Undefined where the model is another one, or refuses some call. */
export function splitColumns<State>(history: History, model: Model<State>): Split<State> | undefined {
  const knows = plainRegister(model);
  if (knows === undefined) return undefined;
  const { columns, dictionary } = history.raw;
  const { type, process, partner, f, key, value } = columns;
  const [read, write, cas] = ['read', 'write', 'cas'].map((name) => dictionary.intern(name));
  /** By index of an op, its operation's part; NONE where it has none. */
  const partAt = new Int32Array(history.length).fill(NONE);
  const partOfKey = new Map<number, number>();
  /** By part: rows, and both ends of them. */
  const rows: number[] = [];
  const ends: number[] = [];
  let operations = 0;
  let succeeded = false;
  for (let index = 0; index < type.length; index++) {
    if (type[index] !== INVOKE) {
      const invocation = partner[index] as number;
      if (invocation === ABSENT || type[index] === typeCode.info) continue;
      const part = partAt[invocation] as number;
      if (part === NONE) continue;
      partAt[index] = part;
      (ends[part] as number)++;
      if (type[index] === typeCode.ok) succeeded = true;
      continue;
    }
    if (process[index] === NEMESIS || isNothing(history, index)) continue;
    const call = f[index] as number;
    if (call === cas && knows === 'read, write, cas') {
      if (casPair(dictionary.get(value[index] as number)) === undefined) return undefined;
    } else if (call === write ? value[index] === ABSENT : call !== read) return undefined;
    const name = model.keyed ? (key[index] as number) : ABSENT;
    let part = partOfKey.get(name);
    if (part === undefined) {
      part = rows.length;
      partOfKey.set(name, part);
      rows.push(0);
      ends.push(0);
    }
    partAt[index] = part;
    (rows[part] as number)++;
    (ends[part] as number)++;
    operations++;
  }

  const groups = [...partOfKey.keys()].map((name, part) => ({
    key: dictionary.get(name) as string | undefined,
    invocations: new Int32Array(rows[part] as number),
    ends: new Int32Array(ends[part] as number),
  }));
  const filled = { rows: new Int32Array(groups.length), ends: new Int32Array(groups.length) };
  const rowAt = new Int32Array(history.length);
  for (let index = 0; index < type.length; index++) {
    const part = partAt[index] as number;
    if (part === NONE) continue;
    const group = groups[part] as Group;
    if (type[index] === INVOKE) {
      const row = (filled.rows[part] as number)++;
      group.invocations[row] = index;
      rowAt[index] = row;
    } else rowAt[index] = rowAt[partner[index] as number] as number;
    group.ends[(filled.ends[part] as number)++] = index;
  }
  return {
    parts: groups
      .filter(({ invocations, ends }) => ends.length > invocations.length)
      .map((group) => columnPart(history, model, group, rowAt)),
    operations,
    succeeded,
  };
}

/** Whether the operation invoked here certainly failed and saw nothing. */
function isNothing(history: History, index: number): boolean {
  const { columns, found } = history.raw;
  const completion = columns.partner[index] as number;
  return completion !== ABSENT && columns.type[completion] === typeCode.fail && !found.has(completion);
}
