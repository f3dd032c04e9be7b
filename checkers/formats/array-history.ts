// Histories as elle-cli has them: one JSON array of objects.

import type { Place } from '../edn/read-edn.ts';
import { HistoryFileError } from '../history-file-error.ts';
import { type Json, maxNesting } from '../json.ts';
import { bare, findFlaw } from '../json-scan.ts';
import { ArrayItems, ArrayItemsError } from './array-items.ts';
import { ForeignHistory } from './foreign-history.ts';
import { type Fields, marks } from './foreign-op.ts';
import type { HistoryReader, LoadedHistory } from './loaded-history.ts';
import { namedMicroOps } from './micro-ops.ts';
import { Utf8Error, Utf8Text } from './utf8-text.ts';

export class ArrayHistoryReader implements HistoryReader {
  readonly #name: string;
  readonly #text = new Utf8Text();
  readonly #history: ForeignHistory;
  readonly #items = new ArrayItems((text, place) => this.#add(text, place));

  /** `name` stands for the file in messages. */
  constructor(name: string, keyed: boolean | undefined) {
    this.#name = name;
    this.#history = new ForeignHistory(name, 'string', keyed);
  }

  push(chunk: Uint8Array): void {
    this.#guarded(() => this.#items.push(this.#text.push(chunk)));
  }

  end(): LoadedHistory {
    this.#guarded(() => {
      this.#items.push(this.#text.end());
      this.#items.end();
    });
    return this.#history.end('json');
  }

  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (error instanceof ArrayItemsError) throw this.#history.error(error.message, error.place);
      if (error instanceof Utf8Error) throw new HistoryFileError(this.#name, error.line, error.message);
      throw error;
    }
  }

  #add(text: string, place: Place): void {
    const flaw = findFlaw(text, maxNesting + 2);
    if (flaw !== undefined) {
      throw this.#history.error(`not an op in JSON: ${flaw.what}`, placeIn(text, flaw.at, place));
    }
    const op = JSON.parse(text) as Json;
    if (typeof op !== 'object' || op === null || Array.isArray(op)) {
      throw this.#history.error(`found ${bare(text)}; allowed here: an object, an op`, place);
    }
    this.#history.add(fieldsOf(op as { readonly [name: string]: Json }), place);
  }
}

function fieldsOf(op: { readonly [name: string]: Json }): Fields {
  const fields = new Map(Object.entries(op));
  const value = fields.get('value');
  if (fields.get(marks.strings) === true) fields.delete(marks.strings);
  else if (fields.get('f') === 'txn' && value !== undefined) fields.set('value', namedMicroOps(value));
  return fields;
}

/** The place of the character at `at` of a text that begins at `start`. */
function placeIn(text: string, at: number, start: Place): Place {
  const before = text.slice(0, at);
  const lines = before.split('\n').length - 1;
  const column = lines === 0 ? start.column + at : at - before.lastIndexOf('\n');
  return { line: start.line + lines, column };
}
