// The commands of the register map, and their text in the log.

import { canonicalJson, type Json } from '../../checkers/json.ts';

export type Command =
  | { readonly op: 'write'; readonly key: string; readonly value: Json }
  /** Sets the key to `to` if it holds `from`. An absent key equals nothing, not even null. */
  | { readonly op: 'cas'; readonly key: string; readonly from: Json; readonly to: Json };

/** Equal commands have equal texts. Throws TypeError on what JSON cannot carry. Never empty. */
export function encodeCommand(command: Command): string {
  const { op, key } = command;
  return op === 'write'
    ? canonicalJson({ op, key, value: command.value })
    : canonicalJson({ op, key, from: command.from, to: command.to });
}

/** Throws TypeError on any text that {@link encodeCommand} does not write. */
export function decodeCommand(data: string): Command {
  const parsed = parse(data);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    const { op, key, value, from, to } = parsed as Record<string, Json | undefined>;
    if (typeof key === 'string') {
      if (op === 'write' && value !== undefined) return { op, key, value };
      if (op === 'cas' && from !== undefined && to !== undefined) return { op, key, from, to };
    }
  }
  throw new TypeError(`not a register command: ${excerpt(data)}`);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new TypeError(`not a register command: ${excerpt(data)}`, { cause });
  }
}

function excerpt(data: string): string {
  return JSON.stringify(data.length > 80 ? `${data.slice(0, 80)}…` : data);
}
