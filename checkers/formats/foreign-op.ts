// One op of another tool, once its syntax is dealt with: its fields, with names as plain text. What the op cannot do
// without is refused; what we have no field for is kept in ext.

import { maxProcess } from '../history.ts';
import type { Json } from '../json.ts';
import { bare } from '../json-scan.ts';
import type { Op, OpType, Process } from '../op.ts';
import { foundOf } from '../op-line.ts';
import { type CodeStyle, ownError, ownValue } from './foreign-value.ts';
import { keyText } from './key-text.ts';

/** An op without the place that it will have. Index and time are undefined where the file has none. */
export type ForeignOp = Omit<Op, 'index' | 'time'> & {
  readonly index: number | undefined;
  readonly time: number | undefined;
};

/** Fields that carry what an op of another tool has no field for. */
export const marks = {
  /** On the first op: whether values are pairs of key and value. */
  keyed: 'faultline/keyed',
  found: 'faultline/found',
  /** The type of an op of the nemesis, where Jepsen has info only. */
  type: 'faultline/type',
  /** On an op of transactions: its functions are strings, not names. */
  strings: 'faultline/strings',
  /** In our ext: what a process was called that is neither a client nor the nemesis. */
  process: 'faultline/process',
  /** In our ext: an error that is more than a code and a message. */
  error: 'faultline/error',
  /** In our ext: a node that is not named by a text. */
  node: 'faultline/node',
  /** In our ext: a field "found" of another tool, which does not mean what ours does. */
  otherFound: 'faultline/other-found',
  /** In our ext: what stands in an op of EDN under keys that are no keywords. */
  fields: 'faultline/fields',
} as const;

export type Fields = ReadonlyMap<string, Json>;

/** What is wrong with an op: what was found; what is allowed. */
export class ForeignOpError extends Error {
  override name = 'ForeignOpError';
}

const own = new Set(['index', 'time', 'type', 'process', 'f', 'key', 'value', 'node', 'error']);
const consumed = new Set<string>([marks.found, marks.type, marks.keyed]);

/** Throws a ForeignOpError. */
export function foreignOp(fields: Fields, style: CodeStyle): ForeignOp {
  const process = processOf(fields.get('process'));
  const ext: [string, Json][] = [];
  if (process.called !== undefined) ext.push([marks.process, process.called]);
  const op: Writable<ForeignOp> = {
    index: numberOf('index', fields.get('index')),
    time: numberOf('time', fields.get('time')),
    type: typeOf(fields.get(marks.type) ?? fields.get('type')),
    process: process.process,
    f: textOf('f', fields.get('f'), 'a keyword or a string'),
  };
  const key = fields.get('key') ?? null;
  if (key !== null) op.key = keyText(key);
  const value = ownValue(fields.get('value') ?? null);
  if (value !== undefined) op.value = value;
  const node = fields.get('node') ?? null;
  if (typeof node === 'string') op.node = node;
  else if (node !== null) ext.push([marks.node, node]);
  const error = fields.get('error') ?? null;
  if (error !== null) {
    const read = ownError(error, style);
    op.error = read.error;
    if (!read.isExact) ext.push([marks.error, error]);
  }
  const found = fields.get(marks.found);
  if (found !== undefined) op.found = foundOf(found);
  for (const [name, field] of fields) if (!own.has(name) && !consumed.has(name)) addForeign(ext, name, field);
  // Not by assignment, to which a field named __proto__ would be a command.
  if (ext.length > 0) op.ext = Object.fromEntries(ext);
  return op;
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

/** A field of another tool that has the name of one of ours, but not its meaning, gets a name beside it. */
function addForeign(ext: [string, Json][], name: string, field: Json): void {
  ext.push([name === 'found' ? marks.otherFound : name, field]);
}

function processOf(process: Json | undefined): { readonly process: Process; readonly called?: string } {
  if (typeof process === 'number' && Number.isInteger(process) && process >= 0 && process <= maxProcess) {
    return { process };
  }
  if (typeof process === 'string' && process !== '') {
    return process === 'nemesis' ? { process } : { process: 'nemesis', called: process };
  }
  const allowed = `an integer from 0 to ${maxProcess}, or a name such as nemesis`;
  if (process === undefined || process === null) {
    throw new ForeignOpError(
      `process is missing, so that nobody knows which completion belongs to which invocation; allowed: ${allowed}`,
    );
  }
  throw wrong('process', process, allowed);
}

function typeOf(type: Json | undefined): OpType {
  if (type === 'invoke' || type === 'ok' || type === 'fail' || type === 'info') return type;
  throw wrong('type', type ?? null, 'invoke, ok, fail, info');
}

function textOf(field: string, value: Json | undefined, allowed: string): string {
  if (typeof value === 'string') return value;
  throw wrong(field, value ?? null, allowed);
}

/** Nil and -1 are what Jepsen has where there is none. */
function numberOf(field: string, value: Json | undefined): number | undefined {
  if (value === undefined || value === null || value === -1) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw wrong(
    field,
    value,
    field === 'time' ? 'whole nanoseconds from 0, or none' : 'an integer from 0, or none',
  );
}

function wrong(field: string, found: Json, allowed: string): ForeignOpError {
  if (found === null) return new ForeignOpError(`${field} is missing; allowed: ${allowed}`);
  return new ForeignOpError(`${field} is ${bare(JSON.stringify(found))}; allowed: ${allowed}`);
}
