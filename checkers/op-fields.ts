// The names of an op's own fields, in the order in which a line of a history file has them. Any other name is foreign.

import type { Op } from './op.ts';

export type OpField = Exclude<keyof Op, 'ext'>;

export const opFields: readonly OpField[] = [
  'index',
  'type',
  'process',
  'f',
  'key',
  'value',
  'node',
  'time',
  'error',
  'found',
];

const names: ReadonlySet<string> = new Set(opFields);

export function isOpField(name: string): name is OpField {
  return names.has(name);
}
