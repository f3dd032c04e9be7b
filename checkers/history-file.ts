// A history as a file, in any of the formats that are read. What is not as it should be is refused, and never becomes a
// verdict.

import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { ArrayHistoryReader } from './formats/array-history.ts';
import { EdnHistoryReader } from './formats/edn-history.ts';
import { type FormatName, formatOf, maxBeginning } from './formats/format.ts';
import { LinesHistoryReader } from './formats/lines-history.ts';
import type { HistoryReader, LoadedHistory, ReadOptions } from './formats/loaded-history.ts';
import { LogHistoryReader } from './formats/log-history.ts';
import { HistoryFileError } from './history-file-error.ts';
import { bare } from './json-scan.ts';

export type { LoadedHistory, ReadOptions } from './formats/loaded-history.ts';
export { HistoryFileError } from './history-file-error.ts';

const chunkBytes = 1024 * 1024;

/**
 * Reads in chunks, so that the size of the file does not matter. Throws a HistoryFileError, whatever is there: also for
 * a history on which no verdict may rest.
 */
export async function readHistoryFile(path: string, options: ReadOptions = {}): Promise<LoadedHistory> {
  return judgeable(await readAnyHistoryFile(path, options));
}

/** The same, with the doubt where there is one: for whoever does not judge. */
export async function readAnyHistoryFile(path: string, options: ReadOptions = {}): Promise<LoadedHistory> {
  try {
    return await readAnyHistory(createReadStream(path, { highWaterMark: chunkBytes }), path, options);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new HistoryFileError(path, undefined, describeSystemError(error), { cause: error });
  }
}

/** Reads bytes from wherever they come. `name` stands for the file in messages. Throws a HistoryFileError. */
export async function readHistory(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
  options: ReadOptions = {},
): Promise<LoadedHistory> {
  return judgeable(await readAnyHistory(chunks, name, options));
}

/** The same, with the doubt where there is one: for whoever does not judge. */
export async function readAnyHistory(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
  options: ReadOptions = {},
): Promise<LoadedHistory> {
  const source = new Source(name, options);
  for await (const chunk of chunks) source.push(chunk);
  return source.end();
}

/** `name` stands for the file in messages. Throws a HistoryFileError. */
export function parseHistory(text: string, name: string, options: ReadOptions = {}): LoadedHistory {
  const format = options.format ?? formatOf(text.slice(0, maxBeginning), true) ?? 'jsonl';
  if (format === 'jsonl') return parseLines(text, name, options);
  const source = new Source(name, { ...options, format });
  source.push(Buffer.from(text));
  return judgeable(source.end());
}

/** Line by line, because halves of characters, which text may hold, are no bytes. */
function parseLines(text: string, name: string, options: ReadOptions): LoadedHistory {
  const reader = new LinesHistoryReader(name, options.keyed);
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  for (const line of lines) reader.line(line);
  return reader.end(last);
}

function judgeable(loaded: LoadedHistory): LoadedHistory {
  if (loaded.doubt !== undefined) throw loaded.doubt;
  return loaded;
}

const readers: Readonly<Record<FormatName, new (name: string, keyed: boolean | undefined) => HistoryReader>> =
  {
    jsonl: LinesHistoryReader,
    edn: EdnHistoryReader,
    json: ArrayHistoryReader,
    'jepsen-log': LogHistoryReader,
  };

/** Holds what comes until the format is known. */
class Source {
  readonly #name: string;
  readonly #keyed: boolean | undefined;
  #reader: HistoryReader | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(name: string, { format, keyed }: ReadOptions) {
    this.#name = name;
    this.#keyed = keyed;
    if (format !== undefined) this.#open(format);
  }

  push(chunk: Uint8Array): void {
    if (this.#reader !== undefined) {
      this.#reader.push(chunk);
      return;
    }
    // A copy, since the source may use its buffer again.
    this.#held.push(Uint8Array.from(chunk));
    this.#heldBytes += chunk.length;
    const format = formatOf(this.#beginning(), this.#heldBytes >= maxBeginning);
    if (format !== undefined) this.#open(format);
  }

  end(): LoadedHistory {
    const reader = this.#reader ?? this.#open(formatOf(this.#beginning(), true) ?? 'jsonl');
    return reader.end();
  }

  #beginning(): string {
    return Buffer.concat(this.#held).toString('utf8', 0, maxBeginning);
  }

  #open(format: FormatName): HistoryReader {
    const reader = new readers[format](this.#name, this.#keyed);
    this.#reader = reader;
    for (const chunk of this.#held) reader.push(chunk);
    this.#held = [];
    return reader;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function describeSystemError({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such file; allowed: a history, in JSON lines or a format of Jepsen';
  if (code === 'EISDIR') return 'is a directory; allowed: a history, in JSON lines or a format of Jepsen';
  return `cannot be read: ${bare(message)}; allowed: a history, in JSON lines or a format of Jepsen`;
}
