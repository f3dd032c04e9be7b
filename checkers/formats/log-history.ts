// Histories as logs of Jepsen show them: `INFO  jepsen.util - 0 :invoke :write 3`, with tabs or spaces in between. A line
// of any other kind is refused: an op that was not recognised would be an op lost.

import type { Edn } from '../edn/edn.ts';
import { EdnError, readEdn } from '../edn/read-edn.ts';
import { HistoryFileError } from '../history-file-error.ts';
import { type Json, maxNesting } from '../json.ts';
import { bare } from '../json-scan.ts';
import { type Line, LineSplitter } from '../line-splitter.ts';
import { jsonOfEdn } from './edn-json.ts';
import { ForeignHistory } from './foreign-history.ts';
import type { HistoryReader, LoadedHistory } from './loaded-history.ts';

const maxLineBytes = 1024 * 1024;
/** With what a logger puts before the op, up to the dash, if anything. */
const opLine =
  /^((?:[^\n]{0,200}?\bjepsen\.util - )?)(\d{1,12}|:[a-z][\w.-]{0,50})\s+:(\w{1,20})\s+:([\w./*+!?<>=-]{1,200})(?:\s+(\S[^\n]*))?$/;
const allowed = 'INFO jepsen.util - PROCESS :TYPE :F VALUE';

export class LogHistoryReader implements HistoryReader {
  readonly #name: string;
  readonly #splitter = new LineSplitter(maxLineBytes);
  readonly #history: ForeignHistory;
  #lines = 0;
  #emptyLine: number | undefined;

  /** `name` stands for the file in messages. */
  constructor(name: string, keyed: boolean | undefined) {
    this.#name = name;
    this.#history = new ForeignHistory(name, 'keyword', keyed);
  }

  push(chunk: Uint8Array): void {
    for (const line of this.#splitter.push(chunk)) this.#line(line);
    if (this.#splitter.overflowed) {
      throw this.#error(this.#lines + 1, `a line of more than ${maxLineBytes} bytes; allowed: ${allowed}`);
    }
  }

  end(): LoadedHistory {
    this.#line(this.#splitter.end());
    return this.#history.end('jepsen-log');
  }

  #line(line: Line): void {
    this.#lines++;
    if (typeof line !== 'string') {
      throw this.#error(this.#lines, `bytes that are not UTF-8; allowed: ${allowed}`);
    }
    const text = line.replace(/^\ufeff/, '').trimEnd();
    if (text === '') {
      this.#emptyLine ??= this.#lines;
      return;
    }
    if (this.#emptyLine !== undefined)
      throw this.#error(this.#emptyLine, 'an empty line; allowed: at the end only');
    const match = opLine.exec(text);
    if (match === null) throw this.#error(this.#lines, `found ${bare(text)}; allowed: ${allowed}`);
    const [, prefix = '', process = '', type = '', f = '', rest = ''] = match;
    const place = { line: this.#lines, column: prefix.length + 1 };
    const fields = new Map<string, Json>([
      ['process', process.startsWith(':') ? process.slice(1) : Number(process)],
      ['type', type],
      ['f', f],
      ...this.#rest(type, rest, text.length - rest.length + 1),
    ]);
    this.#history.add(fields, place);
  }

  /** A value and an error; where nobody knows what became of the call, the error may stand in the value's place. */
  #rest(type: string, rest: string, column: number): [string, Json][] {
    let forms: Edn[];
    try {
      forms = readEdn(rest, maxNesting + 2);
    } catch (error) {
      if (!(error instanceof EdnError)) throw error;
      throw this.#error(this.#lines, error.message, column + error.place.column - 1);
    }
    const [value, error] = forms;
    if (value === undefined || forms.length > 2) {
      throw this.#error(
        this.#lines,
        `found ${forms.length === 0 ? 'no value' : bare(rest)}; allowed: ${allowed}, with nil for none`,
        column,
      );
    }
    const isError =
      (type === 'fail' || type === 'info') &&
      error === undefined &&
      typeof value === 'object' &&
      value?.kind === 'keyword';
    if (isError) return [['error', jsonOfEdn(value)]];
    return [
      ['value', jsonOfEdn(value)],
      ...(error === undefined ? [] : ([['error', jsonOfEdn(error)]] as const)),
    ].map(([name, json]) => [name, json] as [string, Json]);
  }

  #error(line: number, message: string, column?: number): HistoryFileError {
    return new HistoryFileError(this.#name, line, message, { column });
  }
}
