// The formats of history files by name, for the command line.

export const formatNames = ['jsonl', 'edn', 'json', 'jepsen-log'] as const;
export type FormatName = (typeof formatNames)[number];

export interface FormatEntry {
  readonly name: FormatName;
  /** One line for a list. */
  readonly description: string;
}

export const formats: readonly FormatEntry[] = [
  { name: 'jsonl', description: 'one op a line in JSON: what a run records' },
  { name: 'edn', description: 'maps of EDN, one after the other or in a vector: history.edn of Jepsen' },
  { name: 'json', description: 'one array of objects: histories of elle-cli' },
  { name: 'jepsen-log', description: 'lines "INFO jepsen.util - PROCESS :TYPE :F VALUE" of a log of Jepsen' },
];

export function isFormatName(name: string): name is FormatName {
  return (formatNames as readonly string[]).includes(name);
}

/** Formats that are written: a log leaves out too much. */
export const writtenFormats = ['jsonl', 'edn', 'json'] as const satisfies readonly FormatName[];
export type WrittenFormat = (typeof writtenFormats)[number];

/**
 * The format of a file by its beginning; undefined when it takes more of it to tell. What looks like nothing known is
 * taken for JSON lines, whose reader says what is wrong with it.
 */
export function formatOf(beginning: string, isAll: boolean): FormatName | undefined {
  const text = beginning.replace(/^\ufeff/, '').trimStart();
  const mayGoOn = !isAll && beginning.length < maxBeginning;
  const [first, second, third] = text.slice(0, maxBeginning).replaceAll(/\s+/g, '').slice(0, 3).split('');
  if (first === undefined) return mayGoOn ? undefined : 'jsonl';
  if (/[;#(]/.test(first)) return 'edn';
  if (first === '{') return bracketed(second, mayGoOn, 'jsonl');
  if (first === '[' && second === '{') return bracketed(third, mayGoOn, 'json');
  if (first === '[')
    return second === undefined && mayGoOn ? undefined : /[;#:(,]/.test(second ?? '') ? 'edn' : 'json';
  const lineEnd = text.indexOf('\n');
  if (lineEnd === -1 && mayGoOn) return undefined;
  return isLogLine(lineEnd === -1 ? text : text.slice(0, lineEnd)) ? 'jepsen-log' : 'jsonl';
}

/** By what comes after the bracket that begins a map. */
function bracketed(next: string | undefined, mayGoOn: boolean, json: FormatName): FormatName | undefined {
  if (next === undefined) return mayGoOn ? undefined : json;
  return next === '"' || next === '}' ? json : 'edn';
}

/** Bytes that are always enough to tell a format. */
export const maxBeginning = 64 * 1024;

function isLogLine(line: string): boolean {
  return /jepsen\.util -|^\S{1,50}\s+:(?:invoke|ok|fail|info)\s/.test(line.slice(0, 1000));
}
