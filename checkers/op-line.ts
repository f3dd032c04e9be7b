// One op as one line of JSON, and back. Fields that are not ours stand beside ours on the line and are kept in `ext`.

import { maxProcess } from './history.ts';
import { canonicalJson, type Json, maxNesting } from './json.ts';
import { bare, findFlaw } from './json-scan.ts';
import type { Op, OpError, OpType, Process } from './op.ts';
import { isOpField } from './op-fields.ts';

/**
 * The line without its newline. Throws a TypeError on what JSON cannot carry and on an `ext` that names a field of
 * ours: a line that reads back as something else is never written.
 */
export function formatOp(op: Op): string {
  let line = `{"index":${canonicalJson(op.index)},"type":"${op.type}","process":${canonicalJson(op.process)},"f":${JSON.stringify(op.f)}`;
  if (op.key !== undefined) line += `,"key":${JSON.stringify(op.key)}`;
  if (op.value !== undefined) line += `,"value":${canonicalJson(op.value)}`;
  if (op.node !== undefined) line += `,"node":${JSON.stringify(op.node)}`;
  line += `,"time":${canonicalJson(op.time)}`;
  if (op.error !== undefined) line += `,"error":${errorText(op.error)}`;
  if (op.found !== undefined) line += `,"found":${canonicalJson(op.found)}`;
  for (const [name, value] of Object.entries(op.ext ?? {})) {
    if (isOpField(name)) throw new TypeError(`ext may not have the field ${name}`);
    line += `,${JSON.stringify(name)}:${canonicalJson(value)}`;
  }
  return `${line}}`;
}

function errorText({ code, message }: OpError): string {
  const rest = message === undefined ? '' : `,"message":${JSON.stringify(message)}`;
  return `{"code":${JSON.stringify(code)}${rest}}`;
}

/** What is wrong with a line: what was found; what is allowed. */
export class OpLineError extends Error {
  override name = 'OpLineError';
}

/** An op as a file has it: foreign files may leave the index out. */
export type ReadOp = Omit<Op, 'index'> & { readonly index?: number };

type Members = { readonly [name: string]: Json };

/** Throws an OpLineError. That the index fits its place is for the caller to see. */
export function parseOp(line: string): ReadOp {
  const members = membersOf(line);
  const { index, key, value, node, error, found } = members;
  const op: Writable<ReadOp> = {
    type: typeOf(members['type']),
    process: processOf(members['process']),
    f: text('f', members['f']),
    time: wholeNumber('time', members['time']),
  };
  if (index !== undefined) op.index = wholeNumber('index', index);
  if (key !== undefined) op.key = text('key', key);
  if (value !== undefined) op.value = value;
  if (node !== undefined) op.node = text('node', node);
  if (error !== undefined) op.error = errorOf(error);
  if (found !== undefined) op.found = foundOf(found);
  const ext = foreignOf(members);
  if (ext !== undefined) op.ext = ext;
  return op;
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

function foreignOf(members: Members): Members | undefined {
  let foreign: [string, Json][] | undefined;
  for (const name of Object.keys(members)) {
    if (!isOpField(name)) (foreign ??= []).push([name, members[name] as Json]);
  }
  // Not by assignment, to which a field named __proto__ would be a command.
  return foreign === undefined ? undefined : Object.fromEntries(foreign);
}

function membersOf(line: string): Members {
  // The op itself is one level, `found` another.
  const flaw = findFlaw(line, maxNesting + 2);
  if (flaw !== undefined) throw new OpLineError(describeFlaw(line, flaw));
  const parsed = JSON.parse(line) as Json;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new OpLineError(`the line is ${kindOf(parsed)}; allowed: one JSON object, an op, a line`);
  }
  return parsed as Members;
}

function describeFlaw(line: string, { what, at }: { what: string; at: number }): string {
  if (/^[\s,]*(?:;|#[a-zA-Z_{]|[([]?\s*\{\s*:[a-zA-Z])/.test(line.slice(0, 200))) {
    return 'this looks like EDN; allowed: one JSON object, an op, a line';
  }
  return `not an op in JSON: at character ${at + 1}, ${what}`;
}

function typeOf(type: Json | undefined): OpType {
  if (type === 'invoke' || type === 'ok' || type === 'fail' || type === 'info') return type;
  throw wrong('type', type, 'invoke, ok, fail, info');
}

function processOf(process: Json | undefined): Process {
  if (process === 'nemesis') return process;
  if (typeof process === 'number' && Number.isInteger(process) && process >= 0 && process <= maxProcess) {
    return process;
  }
  throw wrong('process', process, `an integer from 0 to ${maxProcess}, or "nemesis"`);
}

function text(field: string, value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw wrong(field, value, 'a string');
}

function wholeNumber(field: string, value: Json | undefined): number {
  // The sum turns -0 into 0.
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value + 0;
  throw wrong(
    field,
    value,
    field === 'time' ? 'whole nanoseconds since the start, from 0' : 'an integer from 0',
  );
}

/** Other tools write a bare string. Throws an OpLineError. */
export function errorOf(error: Json): OpError {
  if (typeof error === 'string') return { code: error };
  const members = exactMembers(error, ['code', 'message']);
  if (members !== undefined && typeof members['code'] === 'string') {
    const { code, message } = members;
    if (message === undefined) return { code };
    if (typeof message === 'string') return { code, message };
  }
  throw wrong('error', error, '{"code": a string, "message": a string or absent}, or a string');
}

/** Throws an OpLineError. */
export function foundOf(found: Json): { readonly value?: Json } {
  const members = exactMembers(found, ['value']);
  if (members === undefined) throw wrong('found', found, '{"value": what was seen}, or {} for an absent key');
  return members['value'] === undefined ? {} : { value: members['value'] };
}

/** The members of an object that has none but these. */
function exactMembers(value: Json, names: readonly string[]): Partial<Members> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every(([name]) => names.includes(name)) ? Object.fromEntries(entries) : undefined;
}

function wrong(field: string, found: Json | undefined, allowed: string): OpLineError {
  if (found === undefined) return new OpLineError(`${field} is missing; allowed: ${allowed}`);
  return new OpLineError(`${field} is ${bare(JSON.stringify(found))}; allowed: ${allowed}`);
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
