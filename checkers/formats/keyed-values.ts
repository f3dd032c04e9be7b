// Jepsen lifts an operation to one of many keys by making its value a pair [key value]. We have a field for the key.

import { type History, HistoryBuilder, HistoryError } from '../history.ts';
import type { Json } from '../json.ts';
import { bare } from '../json-scan.ts';
import type { Op } from '../op.ts';
import { foreignValue, ownValue } from './foreign-value.ts';
import { keyOf, keyText } from './key-text.ts';

type Pair = readonly [Json, Json];

export function isPair(value: Json | undefined): value is Pair {
  return Array.isArray(value) && value.length === 2;
}

/** The clients' values taken apart. Throws a HistoryError where one is no pair. */
export function splitKeys(history: History): History {
  const builder = new HistoryBuilder();
  for (let index = 0; index < history.length; index++) {
    const op = history.op(index);
    builder.append(history.isNemesis(index) ? op : split(op, keyBefore(builder, history, index)));
  }
  return builder.build();
}

/** The key of the invocation that the op at `index` completes. */
function keyBefore(builder: HistoryBuilder, history: History, index: number): string | undefined {
  const partner = history.partner(index);
  return partner === -1 || partner > index ? undefined : builder.keyAt(partner);
}

function split(op: Op, key: string | undefined): Op {
  if (op.key !== undefined) {
    throw new HistoryError(
      op.index,
      `it has the key ${bare(op.key)} beside its value; allowed: pairs [key value] alone`,
    );
  }
  const { value, ...rest } = op;
  const pair = isPair(value) && value[0] !== null ? value : undefined;
  const told = pair === undefined ? undefined : keyText(pair[0]);
  const knowsNothing = op.type === 'fail' || op.type === 'info';
  if (pair === undefined || told === undefined || (knowsNothing && told !== key)) {
    // Whoever does not know what became of a call may have an error in the place of its value.
    if (knowsNothing && key !== undefined) return { ...op, key };
    throw new HistoryError(
      op.index,
      `value is ${value === undefined ? 'nil' : bare(JSON.stringify(value))}; allowed in a history of many keys: a pair [key value]`,
    );
  }
  const inner = ownValue(pair[1]);
  return { ...rest, key: told, ...(inner === undefined ? {} : { value: inner }) };
}

/** Whether every client's op has a key, so that all values can be pairs. */
export function isKeyed(history: History): boolean {
  let clients = 0;
  for (let index = 0; index < history.length; index++) {
    if (history.isNemesis(index)) continue;
    if (history.key(index) === undefined) return false;
    clients++;
  }
  return clients > 0;
}

/** The op's value as other tools have it, with its key where values are pairs. */
export function joinKey({ key, value }: Op, keyed: boolean): Json {
  const inner = foreignValue(value);
  return keyed && key !== undefined ? [keyOf(key), inner] : inner;
}
