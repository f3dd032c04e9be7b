// What comes of reading a file, whatever its format.

import type { History } from '../history.ts';
import type { HistoryFileError } from '../history-file-error.ts';
import type { FormatName } from './format.ts';

export interface LoadedHistory {
  readonly history: History;
  /** The last line, when it has no newline and is not whole: the writer was killed while it wrote. */
  readonly truncated?: { readonly line: number; readonly text: string };
  readonly format: FormatName;
  /** What was assumed where the file did not say: a sentence each. */
  readonly notes: readonly string[];
  /** Why no verdict may rest on this history as it is. It can be written in another format nevertheless. */
  readonly doubt?: HistoryFileError;
}

export interface ReadOptions {
  /** By default what the file looks like. */
  readonly format?: FormatName | undefined;
  /** Whether values of clients are pairs of a key and a value. By default what the file says or looks like. */
  readonly keyed?: boolean | undefined;
}

/** Bytes of a file in pieces, to a history. Both throw a HistoryFileError. */
export interface HistoryReader {
  push(chunk: Uint8Array): void;
  end(): LoadedHistory;
}
