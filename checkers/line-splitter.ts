// Bytes that come in chunks, to lines of text. Characters and lines may lie across the borders of chunks.

import { Buffer, isUtf8 } from 'node:buffer';

/** A line, or its bytes where they are not UTF-8: replacing them would turn one value into another. */
export type Line = string | Uint8Array;

const newline = 10;

export class LineSplitter {
  readonly #maxBytes: number;
  /** The beginning of a line whose end has not come. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;

  /** A line that goes on for more than `maxBytes` is given up: see {@link overflowed}. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True once the line in hand is longer than allowed; then there is no use in reading on. */
  get overflowed(): boolean {
    return this.#pieceBytes > this.#maxBytes;
  }

  /** The lines that end in this chunk, without their newlines. */
  push(chunk: Uint8Array): Line[] {
    const block = this.pushBlock(chunk);
    return block === undefined ? [] : linesOf(block.subarray(0, -1));
  }

  /** The lines that end in this chunk in one piece, each with its newline; undefined where there is none. */
  pushBlock(chunk: Uint8Array): Buffer | undefined {
    const end = chunk.lastIndexOf(newline) + 1;
    const block = end === 0 ? undefined : this.#take(chunk.subarray(0, end));
    this.#keep(chunk.subarray(end));
    return block;
  }

  /** What stands after the last newline; empty when the text ends with one. */
  end(): Line {
    return textOf(this.#take(new Uint8Array(0)));
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // A copy, since the reader may use its buffer again.
    this.#pieces.push(Buffer.from(bytes));
    this.#pieceBytes += bytes.length;
  }

  #take(last: Uint8Array): Buffer {
    const block = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return block;
  }
}

function linesOf(block: Buffer): Line[] {
  const text = textOf(block);
  if (typeof text === 'string') return text.split('\n');
  const lines: Line[] = [];
  for (let start = 0; start <= block.length; ) {
    const next = block.indexOf(newline, start);
    const end = next === -1 ? block.length : next;
    lines.push(textOf(block.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}

/** The bytes as text where they are UTF-8. */
export function textOf(bytes: Buffer): Line {
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes;
}
