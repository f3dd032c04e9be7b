// A reader of EDN that takes text in pieces and hands out whole forms with their places. Iterative: no text, however
// deep, long or broken, makes it recurse or read a piece more than a few times.

import { quoted } from '../json-scan.ts';
import type { Edn } from './edn.ts';
import { isKeyword, isSymbolText, keyword } from './edn.ts';
import { EdnTokenError, readCharacter, readString, readSymbolic, readToken } from './edn-token.ts';
import { canonicalEdn } from './write-edn.ts';

/** Line and column count from 1, the column in UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What was found and what is allowed, and where. */
export class EdnError extends Error {
  override name = 'EdnError';
  readonly place: Place;
  constructor(place: Place, message: string) {
    super(message);
    this.place = place;
  }
}

export interface EdnReaderOptions {
  /** Brackets and tags inside each other, at most. */
  readonly maxNesting: number;
  /** When the text is one vector or list: its items are handed out as soon as they are whole, not the whole. */
  readonly unwrap?: boolean;
  readonly onForm: (form: Edn, place: Place) => void;
}

type Bracket = 'vector' | 'list' | 'set' | 'map';

interface Open {
  readonly kind: Bracket | 'tagged' | 'discard';
  readonly place: Place;
  readonly items: Edn[];
  /** The tag, or the namespace of a map's keys. */
  readonly name?: string;
}

const maxTokenCharacters = 4 * 1024 * 1024;
const delimiter = /[\s,()[\]{}";]/g;
const space = /[\s,]/;
const stringEnd = /["\\]/g;
const closers: Readonly<Record<Bracket, string>> = { vector: ']', list: ')', set: '}', map: '}' };

/** Throws an EdnError. */
export class EdnReader {
  readonly #options: EdnReaderOptions;
  readonly #open: Open[] = [];
  /** The bracket that ends the vector or list whose items are handed out. */
  #wrapper: { readonly closer: string; readonly place: Place; ended: boolean } | undefined;
  #begun = false;
  /** What is being read, from `#at` on. */
  #text = '';
  #at = 0;
  #line = 1;
  /** Where in `#text` the line begins; negative when that piece has gone. */
  #lineStart = 0;
  #inComment = false;
  #isEnd = false;

  constructor(options: EdnReaderOptions) {
    this.#options = options;
  }

  push(text: string): void {
    this.#lineStart -= this.#at;
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
    try {
      while (this.#step());
    } catch (error) {
      throw error instanceof EdnTokenError ? new EdnError(this.#place(), error.message) : error;
    }
    if (this.#text.length - this.#at > maxTokenCharacters) {
      throw this.#error(`a token of more than ${maxTokenCharacters} characters; allowed: smaller ones`);
    }
  }

  end(): void {
    this.#isEnd = true;
    this.push('');
    const open =
      this.#open.at(-1)?.place ?? (this.#wrapper?.ended === false ? this.#wrapper.place : undefined);
    if (open === undefined) return;
    const begun = `what began at line ${open.line}, column ${open.column}`;
    throw this.#error(`the text ends too early; allowed here: the rest of ${begun}`);
  }

  #place(): Place {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #error(message: string): EdnError {
    return new EdnError(this.#place(), message);
  }

  /** Reads one thing; false when the rest of the text is not enough for one. */
  #step(): boolean {
    if (!this.#skipSpace()) return false;
    const text = this.#text;
    const character = text[this.#at] as string;
    switch (character) {
      case '[':
        return this.#bracket('vector', 1);
      case '(':
        return this.#bracket('list', 1);
      case '{':
        return this.#bracket('map', 1);
      case ']':
      case ')':
      case '}':
        return this.#close(character);
      case '"':
        return this.#string();
      case '\\':
        return this.#character();
      case '#':
        return this.#hash();
      default:
        return this.#token();
    }
  }

  /** Over white space, commas and comments; false at the end of the text. */
  #skipSpace(): boolean {
    const text = this.#text;
    for (; this.#at < text.length; this.#at++) {
      const character = text[this.#at] as string;
      if (character === '\n') {
        this.#line++;
        this.#lineStart = this.#at + 1;
        this.#inComment = false;
      } else if (!this.#inComment) {
        if (character === ';') this.#inComment = true;
        else if (!space.test(character)) return true;
      }
    }
    return false;
  }

  #bracket(kind: Bracket, length: number, name?: string): boolean {
    const place = this.#place();
    const isFirst = this.#options.unwrap === true && !this.#begun && this.#open.length === 0;
    if (isFirst && (kind === 'vector' || kind === 'list')) {
      this.#wrapper = { closer: closers[kind], place, ended: false };
      this.#begun = true;
    } else {
      this.#push({ kind, place, items: [], ...(name === undefined ? {} : { name }) });
    }
    this.#at += length;
    return true;
  }

  #push(open: Open): void {
    if (this.#open.length === 0 && open.kind !== 'discard') this.#checkPlaceForForm();
    if (this.#open.length >= this.#options.maxNesting) {
      throw this.#error(
        `nested deeper than ${this.#options.maxNesting} levels; allowed: ${this.#options.maxNesting}`,
      );
    }
    this.#open.push(open);
  }

  #checkPlaceForForm(): void {
    if (this.#wrapper?.ended === true) {
      throw this.#error('found more after the end; allowed: one vector or list of maps, or maps alone');
    }
    this.#begun = true;
  }

  #close(closer: string): boolean {
    const open = this.#open.at(-1);
    if (open === undefined) {
      if (this.#wrapper === undefined || this.#wrapper.ended || this.#wrapper.closer !== closer) {
        throw this.#error(`found "${closer}" without its beginning; allowed here: an EDN form`);
      }
      this.#wrapper.ended = true;
      this.#at++;
      return true;
    }
    if (open.kind === 'tagged' || open.kind === 'discard') {
      const what = open.kind === 'tagged' ? `the tag #${open.name}` : '#_';
      throw this.#error(`found "${closer}" after ${quoted(what)}; allowed here: an EDN form`);
    }
    if (closers[open.kind] !== closer) {
      const { line, column } = open.place;
      const begun = `since line ${line}, column ${column} is open`;
      throw this.#error(`found "${closer}"; allowed here: a form or "${closers[open.kind]}", ${begun}`);
    }
    const form = this.#closed(open.kind, open);
    this.#at++;
    this.#open.pop();
    this.#add(form, open.place);
    return true;
  }

  #closed(kind: Bracket, { items, name }: Open): Edn {
    if (kind === 'vector' || kind === 'list') return { kind, items };
    if (kind === 'set') {
      this.#checkOnce(items, 'the item');
      return { kind, items };
    }
    if (items.length % 2 === 1) throw this.#error('found "}" after a key; allowed here: its value');
    const entries: [Edn, Edn][] = [];
    for (let i = 0; i < items.length; i += 2) {
      entries.push([inNamespace(items[i] as Edn, name), items[i + 1] as Edn]);
    }
    this.#checkOnce(
      entries.map(([key]) => key),
      'the key',
    );
    return { kind, entries };
  }

  #checkOnce(forms: readonly Edn[], what: string): void {
    if (forms.length < 2) return;
    const seen = new Set<string>();
    for (const form of forms) {
      const text = canonicalEdn(form);
      if (seen.has(text))
        throw this.#error(`${what} ${quoted(text)} for the second time; each is allowed once`);
      seen.add(text);
    }
  }

  /** A form is whole: it belongs to what is open, or goes out. */
  #add(form: Edn, place: Place): void {
    let whole = form;
    let at = place;
    for (;;) {
      const open = this.#open.at(-1);
      if (open === undefined) {
        this.#checkPlaceForForm();
        this.#options.onForm(whole, at);
        return;
      }
      if (open.kind !== 'tagged' && open.kind !== 'discard') {
        open.items.push(whole);
        return;
      }
      this.#open.pop();
      if (open.kind === 'discard') return;
      whole = { kind: 'tagged', tag: open.name ?? '', form: whole };
      at = open.place;
    }
  }

  #string(): boolean {
    const text = this.#text;
    stringEnd.lastIndex = this.#at + 1;
    for (let match = stringEnd.exec(text); match !== null; match = stringEnd.exec(text)) {
      if (match[0] === '\\') {
        stringEnd.lastIndex++;
        continue;
      }
      const raw = text.slice(this.#at + 1, match.index);
      const place = this.#place();
      const value = readString(raw);
      this.#countLines(raw, this.#at + 1);
      this.#at = match.index + 1;
      this.#add(value, place);
      return true;
    }
    if (this.#isEnd) throw this.#error('the text ends within this string; allowed: its closing quote');
    return false;
  }

  #countLines(raw: string, start: number): void {
    for (let at = raw.indexOf('\n'); at !== -1; at = raw.indexOf('\n', at + 1)) {
      this.#line++;
      this.#lineStart = start + at + 1;
    }
  }

  /** The text from `from` up to the next delimiter, or undefined when that may still come. */
  #upToDelimiter(from: number): string | undefined {
    delimiter.lastIndex = from;
    const end = delimiter.exec(this.#text)?.index;
    if (end === undefined && !this.#isEnd) return undefined;
    return this.#text.slice(this.#at, end);
  }

  #character(): boolean {
    // What comes first after the backslash is no delimiter.
    const first = this.#text.codePointAt(this.#at + 1);
    if (first === undefined) {
      if (this.#isEnd) throw this.#error('the text ends within a character; allowed: the rest of it');
      return false;
    }
    return this.#leaf(this.#upToDelimiter(this.#at + 2), (token) => readCharacter(token.slice(1)));
  }

  #token(): boolean {
    return this.#leaf(this.#upToDelimiter(this.#at), readToken);
  }

  #leaf(token: string | undefined, read: (token: string) => Edn): boolean {
    if (token === undefined) return false;
    const form = read(token);
    const place = this.#place();
    // Where an error of the receiver is shown is the beginning of the form.
    this.#add(form, place);
    this.#at += token.length;
    return true;
  }

  /** Whatever begins with `#`. */
  #hash(): boolean {
    const next = this.#text[this.#at + 1];
    if (next === undefined && !this.#isEnd) return false;
    if (next === '{') return this.#bracket('set', 2);
    if (next === '_') {
      this.#push({ kind: 'discard', place: this.#place(), items: [] });
      this.#at += 2;
      return true;
    }
    const token = this.#upToDelimiter(this.#at + 1);
    if (token === undefined) return false;
    if (next === '#') return this.#leaf(token, readSymbolic);
    if (next === ':') return this.#namespaced(token);
    const tag = token.slice(1);
    if (!isSymbolText(tag)) {
      const found = quoted(this.#text.slice(this.#at, this.#at + 12));
      throw this.#error(`found ${found}; allowed after "#": {, _, #Inf, :namespace{ or a tag`);
    }
    this.#push({ kind: 'tagged', place: this.#place(), items: [], name: tag });
    this.#at += token.length;
    return true;
  }

  /** `#:name{…}`: a map whose keys are of one namespace. */
  #namespaced(token: string): boolean {
    const rest =
      /^\s*/.exec(this.#text.slice(this.#at + token.length, this.#at + token.length + 100))?.[0] ?? '';
    const bracket = this.#text[this.#at + token.length + rest.length];
    if (bracket === undefined && !this.#isEnd) return false;
    const name = token.slice(2);
    if (bracket !== '{' || !isSymbolText(name) || name.includes('/')) {
      throw this.#error(`found ${quoted(token)}; allowed here: a namespace and a map, such as #:name{…}`);
    }
    this.#countLines(rest, this.#at + token.length);
    return this.#bracket('map', token.length + rest.length + 1, name);
  }
}

/** Keys with a namespace keep it, and those of the namespace `_` have none. */
function inNamespace(key: Edn, name: string | undefined): Edn {
  if (name === undefined || key === null || typeof key !== 'object') return key;
  if (!isKeyword(key) && key.kind !== 'symbol') return key;
  const full = key.name.startsWith('_/')
    ? key.name.slice(2)
    : key.name.includes('/')
      ? key.name
      : `${name}/${key.name}`;
  return isKeyword(key) ? keyword(full) : { kind: 'symbol', name: full };
}

/** All forms of a text. Throws an EdnError. */
export function readEdn(text: string, maxNesting = 100): Edn[] {
  const forms: Edn[] = [];
  const reader = new EdnReader({ maxNesting, onForm: (form) => forms.push(form) });
  reader.push(text);
  reader.end();
  return forms;
}
