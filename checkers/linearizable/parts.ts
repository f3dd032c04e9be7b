// A history split by key. For the registers of ours this goes through the columns of the history and makes no objects;
// for other models, and wherever something is not as expected, through objects.

import type { History } from '../history.ts';
import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import { plainRegister } from '../models/plain-register.ts';
import type { Operation } from '../op.ts';
import { columnPart, groupColumns } from './column-part.ts';
import type { Part } from './part.ts';
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
  const shape = {
    keyed: model.keyed,
    initial: model.init() as Json | undefined,
    cas: knows === 'read, write, cas',
  };
  const grouped = groupColumns(history, shape);
  if (grouped === undefined) return undefined;
  const { groups, operations, succeeded } = grouped;
  return { parts: groups.map((group) => columnPart(history, model, group)), operations, succeeded };
}
