// Histories of our own: JSON lines, one op a line. A last line that was cut off in writing is tolerated and told; whatever
// else is not as it should be is refused.

import { Buffer, isUtf8 } from 'node:buffer';
import { HistoryBuilder, HistoryError } from '../history.ts';
import { HistoryFileError } from '../history-file-error.ts';
import { type Line, LineSplitter, textOf } from '../line-splitter.ts';
import { OpLineError, parseOp } from '../op-line.ts';
import { NOT_PLAIN, PlainLines } from '../plain-lines.ts';
import { splitKeys } from './keyed-values.ts';
import type { HistoryReader, LoadedHistory } from './loaded-history.ts';

const maxLineBytes = 16 * 1024 * 1024;
const newline = 10;

export class LinesHistoryReader implements HistoryReader {
  readonly #name: string;
  readonly #keyed: boolean;
  readonly #builder = new HistoryBuilder();
  readonly #plain = new PlainLines(this.#builder);
  readonly #splitter = new LineSplitter(maxLineBytes);
  #lines = 0;
  /** The first of the empty lines just read: allowed at the end only. */
  #emptyLine: number | undefined;

  /** `name` stands for the file in messages. */
  constructor(name: string, keyed: boolean | undefined) {
    this.#name = name;
    this.#keyed = keyed === true;
  }

  push(chunk: Uint8Array): void {
    const block = this.#splitter.pushBlock(chunk);
    if (block !== undefined) this.#block(block);
    if (this.#splitter.overflowed) throw this.#overflow();
  }

  /** Whole lines, each with its newline. */
  #block(block: Buffer): void {
    const isText = isUtf8(block);
    for (let start = 0; start < block.length; ) {
      if (isText && this.#emptyLine === undefined) {
        const next = this.#plain.read(block, start);
        if (next !== NOT_PLAIN) {
          this.#lines++;
          start = next;
          continue;
        }
      }
      const end = block.indexOf(newline, start);
      this.line(textOf(block.subarray(start, end)));
      start = end + 1;
    }
  }

  /** Reads a line with care, whatever is in it. */
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

  end(rest: Line = this.#splitter.end()): LoadedHistory {
    // Without a whole line before it there is no reason to believe that this is a history at all.
    const mayBeCut = this.#builder.length > 0 && this.#emptyLine === undefined;
    if (mayBeCut && !isWhole(rest)) {
      const text = typeof rest === 'string' ? rest : Buffer.from(rest).toString('utf8');
      return { ...this.#loaded(), truncated: { line: this.#lines + 1, text } };
    }
    this.line(rest);
    if (this.#builder.length === 0) {
      throw new HistoryFileError(
        this.#name,
        undefined,
        'holds no operations; allowed: one op a line, in JSON',
      );
    }
    return this.#loaded();
  }

  #loaded(): LoadedHistory {
    const history = this.#builder.build();
    if (!this.#keyed) return { history, format: 'jsonl', notes: [] };
    try {
      return { history: splitKeys(history), format: 'jsonl', notes: [] };
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      // One op a line, from the first line on.
      throw new HistoryFileError(this.#name, error.index + 1, error.message);
    }
  }

  #overflow(): HistoryFileError {
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
