// Histories in EDN: maps one after the other, or in one vector or list; with or without the tags of records.

import { type Edn, type EdnMap, isKeyword, isKeywordText } from '../edn/edn.ts';
import { EdnError, EdnReader, type Place } from '../edn/read-edn.ts';
import { writeEdn } from '../edn/write-edn.ts';
import { HistoryFileError } from '../history-file-error.ts';
import { type Json, maxNesting } from '../json.ts';
import { bare } from '../json-scan.ts';
import { jsonOfEdn } from './edn-json.ts';
import { ForeignHistory } from './foreign-history.ts';
import { type Fields, marks } from './foreign-op.ts';
import type { HistoryReader, LoadedHistory } from './loaded-history.ts';
import { Utf8Error, Utf8Text } from './utf8-text.ts';

/** Fields in which a keyword is a name, as in JSON a string is. */
const names = new Set(['type', 'process', 'f', marks.type]);

export class EdnHistoryReader implements HistoryReader {
  readonly #name: string;
  readonly #text = new Utf8Text();
  readonly #history: ForeignHistory;
  readonly #reader = new EdnReader({
    // The op itself is one level, and its record's tag another.
    maxNesting: maxNesting + 2,
    unwrap: true,
    onForm: (form, place) => this.#add(form, place),
  });

  /** `name` stands for the file in messages. */
  constructor(name: string, keyed: boolean | undefined) {
    this.#name = name;
    this.#history = new ForeignHistory(name, 'keyword', keyed);
  }

  push(chunk: Uint8Array): void {
    this.#guarded(() => this.#reader.push(this.#text.push(chunk)));
  }

  end(): LoadedHistory {
    this.#guarded(() => {
      this.#reader.push(this.#text.end());
      this.#reader.end();
    });
    return this.#history.end('edn');
  }

  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (error instanceof EdnError)
        throw this.#history.error(`not an op in EDN: ${error.message}`, error.place);
      if (error instanceof Utf8Error) throw new HistoryFileError(this.#name, error.line, error.message);
      throw error;
    }
  }

  #add(form: Edn, place: Place): void {
    const map = untagged(form);
    if (map === undefined) {
      throw this.#history.error(
        `found ${bare(writeEdn(form))}; allowed here: a map, an op such as {:type :invoke, …}`,
        place,
      );
    }
    this.#history.add(fieldsOf(map), place);
  }
}

/** The map of an op, out of the record that it may be. */
function untagged(form: Edn): EdnMap | undefined {
  let inner = form;
  while (inner !== null && typeof inner === 'object' && inner.kind === 'tagged') inner = inner.form;
  return inner !== null && typeof inner === 'object' && inner.kind === 'map' ? inner : undefined;
}

/** Fields by their keywords; what has another kind of key is put together under one name. */
function fieldsOf({ entries }: EdnMap): Fields {
  const fields = new Map<string, Json>();
  const others: (readonly [Edn, Edn])[] = [];
  for (const entry of entries) {
    const name = fieldName(entry[0]);
    if (name === undefined) others.push(entry);
    else fields.set(name, fieldValue(name, entry[1]));
  }
  if (others.length > 0) {
    fields.set(marks.fields, jsonOfEdn({ kind: 'map', entries: others }));
  }
  return fields;
}

/** A string is a name only where no keyword could be: there it was written for want of one. */
function fieldName(key: Edn): string | undefined {
  if (key !== null && isKeyword(key)) return key.name;
  return typeof key === 'string' && !isKeywordText(`:${key}`) ? key : undefined;
}

function fieldValue(name: string, form: Edn): Json {
  if (names.has(name) && typeof form === 'string') return form;
  if (names.has(name) && typeof form === 'object' && form !== null) {
    if (form.kind === 'keyword' || form.kind === 'symbol') return form.name;
  }
  const isWholeTime =
    name === 'time' &&
    typeof form === 'object' &&
    form?.kind === 'double' &&
    Number.isSafeInteger(form.value);
  return isWholeTime ? form.value : jsonOfEdn(form);
}
