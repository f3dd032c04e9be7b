// A history as a file of JSON lines, one op a line. A last line that was cut off in writing is tolerated and told;
// whatever else is not as it should be is refused, and never becomes a verdict.

import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { type History, HistoryBuilder, HistoryError } from './history.ts';
import { bare } from './json-scan.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import { OpLineError, parseOp } from './op-line.ts';

/** One line for the user, `FILE:LINE: what was found; what is allowed`, or without LINE when it is about the whole. */
export class HistoryFileError extends Error {
  override name = 'HistoryFileError';
  readonly file: string;
  /** From 1. */
  readonly line: number | undefined;
  constructor(file: string, line: number | undefined, message: string, options?: ErrorOptions) {
    super(line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`, options);
    this.file = file;
    this.line = line;
  }
}

export interface LoadedHistory {
  readonly history: History;
  /** The last line, when it has no newline and is not whole: the writer was killed while it wrote. */
  readonly truncated?: { readonly line: number; readonly text: string };
}

const maxLineBytes = 16 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** Reads in chunks, so that the size of the file does not matter. Throws a HistoryFileError, whatever is there. */
export async function readHistoryFile(path: string): Promise<LoadedHistory> {
  try {
    return await readHistory(createReadStream(path, { highWaterMark: chunkBytes }), path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new HistoryFileError(path, undefined, describeSystemError(error), { cause: error });
  }
}

/** Reads bytes from wherever they come. `name` stands for the file in messages. */
export async function readHistory(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): Promise<LoadedHistory> {
  const reader = new HistoryReader(name);
  const splitter = new LineSplitter(maxLineBytes);
  for await (const chunk of chunks) {
    for (const line of splitter.push(chunk)) reader.line(line);
    if (splitter.overflowed) throw reader.overflow();
  }
  return reader.end(splitter.end());
}

/** `name` stands for the file in messages. Throws a HistoryFileError. */
export function parseHistory(text: string, name: string): LoadedHistory {
  const reader = new HistoryReader(name);
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  for (const line of lines) reader.line(line);
  return reader.end(last);
}

class HistoryReader {
  readonly #name: string;
  readonly #builder = new HistoryBuilder();
  #lines = 0;
  /** The first of the empty lines just read: allowed at the end only. */
  #emptyLine: number | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  line(line: Line): void {
    this.#lines++;
    if (typeof line !== 'string') {
      throw this.#error('bytes that are not UTF-8; allowed: one JSON object, an op, a line');
    }
    const text = this.#stripped(line);
    if (text.trim() === '') {
      this.#emptyLine ??= this.#lines;
      return;
    }
    if (this.#emptyLine !== undefined) {
      throw new HistoryFileError(this.#name, this.#emptyLine, 'an empty line; allowed: at the end only');
    }
    this.#append(text);
  }

  /** `rest` is what stood after the last newline. */
  end(rest: Line): LoadedHistory {
    // Without a whole line before it there is no reason to believe that this is a history at all.
    const mayBeCut = this.#builder.length > 0 && this.#emptyLine === undefined;
    if (mayBeCut && !isWhole(rest)) {
      const text = typeof rest === 'string' ? rest : Buffer.from(rest).toString('utf8');
      return { history: this.#builder.build(), truncated: { line: this.#lines + 1, text } };
    }
    this.line(rest);
    if (this.#builder.length === 0) {
      throw new HistoryFileError(
        this.#name,
        undefined,
        'holds no operations; allowed: one op a line, in JSON',
      );
    }
    return { history: this.#builder.build() };
  }

  overflow(): HistoryFileError {
    this.#lines++;
    return this.#error(`a line of more than ${maxLineBytes} bytes; allowed: one JSON object, an op, a line`);
  }

  #append(text: string): void {
    try {
      const op = parseOp(text);
      const position = this.#builder.length;
      if (op.index !== undefined && op.index !== position) {
        throw new OpLineError(`index is ${op.index}; allowed here: ${position}, the op's position, or none`);
      }
      this.#builder.append(op);
    } catch (error) {
      if (error instanceof OpLineError || error instanceof HistoryError) throw this.#error(error.message);
      throw error;
    }
  }

  /** Without the byte order mark that some systems begin a file with, and the carriage return that ends a line. */
  #stripped(line: string): string {
    const start = this.#lines === 1 && line.startsWith('\ufeff') ? 1 : 0;
    return line.slice(start, line.endsWith('\r') ? -1 : undefined);
  }

  #error(message: string): HistoryFileError {
    return new HistoryFileError(this.#name, this.#lines, message);
  }
}

function isWhole(rest: Line): boolean {
  if (typeof rest !== 'string') return false;
  if (rest.trim() === '') return true;
  try {
    JSON.parse(rest);
    return true;
  } catch {
    return false;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function describeSystemError({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such file; allowed: a history of JSON lines';
  if (code === 'EISDIR') return 'is a directory; allowed: a history of JSON lines';
  return `cannot be read: ${bare(message)}; allowed: a history of JSON lines`;
}
