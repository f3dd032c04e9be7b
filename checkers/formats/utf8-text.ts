// Bytes that come in chunks, to text. Characters may lie across the borders of chunks; a byte order mark is left out.

import { isUtf8 } from 'node:buffer';

const newline = 10;

export class Utf8Error extends Error {
  override name = 'Utf8Error';
  /** From 1. */
  readonly line: number;
  constructor(line: number) {
    super('bytes that are not UTF-8; allowed: text in UTF-8');
    this.line = line;
  }
}

export class Utf8Text {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #lines = 1;

  /** Throws a Utf8Error. */
  push(chunk: Uint8Array): string {
    try {
      const text = this.#decoder.decode(chunk, { stream: true });
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) this.#lines++;
      return text;
    } catch {
      throw new Utf8Error(this.#lines + linesBeforeFlaw(chunk));
    }
  }

  /** Throws a Utf8Error where the last character is cut off. */
  end(): string {
    try {
      return this.#decoder.decode();
    } catch {
      throw new Utf8Error(this.#lines);
    }
  }
}

/** The chunk may begin within a character. */
function linesBeforeFlaw(chunk: Uint8Array): number {
  let start = 0;
  while (start < 3 && ((chunk[start] ?? 0) & 0xc0) === 0x80) start++;
  for (let lines = 0; ; lines++) {
    const end = chunk.indexOf(newline, start);
    if (end === -1 || !isUtf8(chunk.subarray(start, end))) return lines;
    start = end + 1;
  }
}
