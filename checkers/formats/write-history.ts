// A history in the formats that are written. What other tools have no place for is written beside it, under names of our
// own, so that reading it back gives an equal history.

import { type Edn, isKeywordText, keyword } from '../edn/edn.ts';
import { writeEdn } from '../edn/write-edn.ts';
import type { History } from '../history.ts';
import { canonicalJson, type Json } from '../json.ts';
import type { Op } from '../op.ts';
import { formatOp } from '../op-line.ts';
import { ednOfJson } from './edn-json.ts';
import { marks } from './foreign-op.ts';
import { type CodeStyle, foreignError } from './foreign-value.ts';
import type { WrittenFormat } from './format.ts';
import { keyOf } from './key-text.ts';
import { isKeyed, joinKey } from './keyed-values.ts';
import { plainMicroOps } from './micro-ops.ts';

/** The text of the file, op by op. Throws a TypeError on an ext with a field whose name is kept for ours. */
export function* writeHistory(history: History, format: WrittenFormat): Generator<string> {
  if (format === 'jsonl') {
    for (const op of history) yield `${formatOp(op)}\n`;
    return;
  }
  const keyed = isKeyed(history);
  if (format === 'edn') {
    for (const op of history) yield `${ednLine(fieldsOf(op, keyed, 'keyword'))}\n`;
    return;
  }
  for (const op of history)
    yield `${op.index === 0 ? '[' : ',\n'}${jsonObject(fieldsOf(op, keyed, 'string'))}`;
  yield ']\n';
}

type Field = readonly [name: string, value: Json];

const reserved = new Set<string>([marks.keyed, marks.found, marks.type, marks.strings]);

/** In the order in which Jepsen prints them. */
function fieldsOf(op: Op, keyed: boolean, style: CodeStyle): Field[] {
  const ext = op.ext ?? {};
  const isNemesis = op.process === 'nemesis';
  const isPaired = keyed && !isNemesis;
  const fields: Field[] = [
    ['index', op.index],
    ['time', op.time],
    // Jepsen's nemesis has info at both ends.
    ['type', isNemesis ? 'info' : op.type],
    ['process', ext[marks.process] ?? op.process],
    ['f', op.f],
    ...valueOf(op, isPaired, style),
  ];
  if (op.key !== undefined && !isPaired) fields.push(['key', keyOf(op.key)]);
  const node = op.node ?? ext[marks.node];
  if (node !== undefined) fields.push(['node', node]);
  if (op.error !== undefined) fields.push(['error', ext[marks.error] ?? foreignError(op.error, style)]);
  if (op.found !== undefined) fields.push([marks.found, op.found]);
  if (isNemesis && op.type !== 'info') fields.push([marks.type, op.type]);
  if (op.index === 0) fields.push([marks.keyed, keyed]);
  for (const [name, value] of Object.entries(ext)) {
    if (reserved.has(name)) throw new TypeError(`ext may not have the field ${name}`);
    if (name === marks.process || name === marks.node || (name === marks.error && op.error !== undefined))
      continue;
    fields.push([name === marks.otherFound ? 'found' : name, value]);
  }
  return fields;
}

function valueOf(op: Op, isPaired: boolean, style: CodeStyle): Field[] {
  const value = joinKey(op, isPaired);
  if (style === 'keyword' || op.f !== 'txn') return [['value', value]];
  const plain = plainMicroOps(value);
  return plain === undefined
    ? [
        ['value', value],
        [marks.strings, true],
      ]
    : [['value', plain]];
}

function jsonObject(fields: readonly Field[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${canonicalJson(value)}`).join(',')}}`;
}

/** Fields whose text is a name. */
const names = new Set<string>(['type', 'process', 'f', marks.type]);

function ednLine(fields: readonly Field[]): string {
  const entries = fields.flatMap(([name, value]): (readonly [Edn, Edn])[] => {
    if (name === marks.fields) return otherFields(value);
    return [[named(name), names.has(name) && typeof value === 'string' ? named(value) : ednOfJson(value)]];
  });
  return writeEdn({ kind: 'map', entries });
}

/** A keyword where it can be one. */
function named(name: string): Edn {
  return isKeywordText(`:${name}`) ? keyword(name) : name;
}

/** What stood in the op under keys that are no keywords. */
function otherFields(value: Json): (readonly [Edn, Edn])[] {
  const form = ednOfJson(value);
  return form !== null && typeof form === 'object' && form.kind === 'map'
    ? [...form.entries]
    : [[keyword(marks.fields), form]];
}
