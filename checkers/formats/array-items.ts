// The items of one JSON array as texts with their places, from text in pieces. It looks no deeper than it must to find
// where an item ends: what is in it, its own reader sees.

import type { Place } from '../edn/read-edn.ts';
import { quoted } from '../json-scan.ts';

export class ArrayItemsError extends Error {
  override name = 'ArrayItemsError';
  readonly place: Place;
  constructor(place: Place, message: string) {
    super(message);
    this.place = place;
  }
}

const maxItemCharacters = 16 * 1024 * 1024;
const interesting = /["\\[\]{},\n]/g;

type Expected = 'array' | 'first item' | 'item' | 'in item' | 'nothing';

export class ArrayItems {
  readonly #onItem: (text: string, place: Place) => void;
  #expected: Expected = 'array';
  /** Text of the item so far, from pieces that have gone. */
  #item: string[] = [];
  #itemLength = 0;
  #itemPlace: Place = { line: 1, column: 1 };
  #depth = 0;
  #inString = false;
  /** The last character was a backslash in a string. */
  #escaped = false;
  #line = 1;
  /** Where in the present piece the line begins; negative when that piece has gone. */
  #lineStart = 0;

  constructor(onItem: (text: string, place: Place) => void) {
    this.#onItem = onItem;
  }

  /** Throws an ArrayItemsError. */
  push(text: string): void {
    let at = 0;
    while (at < text.length)
      at = this.#expected === 'in item' ? this.#inItem(text, at) : this.#between(text, at);
    this.#lineStart -= text.length;
  }

  /** Throws an ArrayItemsError. */
  end(): void {
    if (this.#expected === 'nothing') return;
    const { line, column } = this.#itemPlace;
    const rest =
      this.#expected === 'in item' ? `what began at line ${line}, column ${column}` : 'one array of objects';
    throw this.#error(0, `the text ends too early; allowed here: the rest of ${rest}`);
  }

  #error(at: number, message: string): ArrayItemsError {
    return new ArrayItemsError({ line: this.#line, column: at - this.#lineStart + 1 }, message);
  }

  /** Outside of items; returns where to go on. */
  #between(text: string, at: number): number {
    const character = text[at] as string;
    if (character === '\n') {
      this.#line++;
      this.#lineStart = at + 1;
      return at + 1;
    }
    if (character === ' ' || character === '\t' || character === '\r') return at + 1;
    const found = `found ${quoted(text.slice(at, at + 12))}`;
    if (this.#expected === 'array' && character === '[') this.#expected = 'first item';
    else if (this.#expected === 'array') throw this.#error(at, `${found}; allowed here: "["`);
    else if (this.#expected === 'nothing')
      throw this.#error(at, `${found}; allowed here: the end of the file`);
    else if (this.#expected === 'first item' && character === ']') this.#expected = 'nothing';
    else if (character === ',' || character === ']')
      throw this.#error(at, `${found}; allowed here: an object, an op`);
    else {
      this.#expected = 'in item';
      this.#itemPlace = { line: this.#line, column: at - this.#lineStart + 1 };
      return at;
    }
    return at + 1;
  }

  #inItem(text: string, start: number): number {
    if (this.#escaped) {
      this.#escaped = false;
      return this.#keep(text, start, start + 1);
    }
    interesting.lastIndex = start;
    for (let match = interesting.exec(text); match !== null; match = interesting.exec(text)) {
      const at = match.index;
      const character = match[0];
      if (character === '\n') {
        this.#line++;
        this.#lineStart = at + 1;
      } else if (this.#inString) {
        if (character === '"') this.#inString = false;
        else if (character === '\\') {
          if (at + 1 === text.length) this.#escaped = true;
          interesting.lastIndex = at + 2;
          if (text[at + 1] === '\n') interesting.lastIndex = at + 1;
        }
      } else if (character === '"') this.#inString = true;
      else if (character === '[' || character === '{') this.#depth++;
      else if (character !== '\\' && this.#depth === 0) {
        this.#keep(text, start, at);
        this.#end(character, at);
        return at + 1;
      } else if (character === ']' || character === '}') this.#depth--;
    }
    return this.#keep(text, start, text.length);
  }

  #keep(text: string, start: number, end: number): number {
    this.#itemLength += end - start;
    if (this.#itemLength > maxItemCharacters) {
      throw this.#error(start, `an item of more than ${maxItemCharacters} characters; allowed: smaller ones`);
    }
    if (end > start) this.#item.push(text.slice(start, end));
    return end;
  }

  #end(character: string, at: number): void {
    if (character === '}') throw this.#error(at, 'found "}" without its beginning; allowed here: "," or "]"');
    const text = this.#item.join('').trimEnd();
    this.#item = [];
    this.#itemLength = 0;
    this.#expected = character === ']' ? 'nothing' : 'item';
    this.#onItem(text, this.#itemPlace);
  }
}
