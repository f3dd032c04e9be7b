// Ops as our own writer has them, read from bytes into numbers without an object or a string for each: several times
// as fast as JSON.parse. What is not quite plain (an escape, a foreign field, a rule broken) is left to the careful
// reader of op-line.ts, which alone refuses and says why.

import type { Buffer } from 'node:buffer';
import { ABSENT, type Dictionary } from './dictionary.ts';
import { type HistoryBuilder, type NumberedOp, UNSEEN } from './history.ts';
import { NEMESIS, typeCode } from './history-columns.ts';
import { type Json, maxNesting } from './json.ts';
import { findFlaw } from './json-scan.ts';
import { errorOf, foundOf } from './op-line.ts';
import { SpanTable, UNKNOWN_SPAN } from './span-table.ts';

/** The line is not plain; nothing has changed. */
export const NOT_PLAIN = -1;

const newline = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const comma = 44;
const minus = 45;
const colon = 58;
const zero = 48;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

const INDEX = 0;
const TYPE = 1;
const PROCESS = 2;
const F = 3;
const KEY = 4;
const VALUE = 5;
const NODE = 6;
const TIME = 7;
const ERROR = 8;
const FOUND = 9;

const nameOf = ['index', 'type', 'process', 'f', 'key', 'value', 'node', 'time', 'error', 'found'];
const names = nameOf.map((name) => bytesOf(`${name}"`));
const nemesisText = bytesOf('"nemesis"');
const nullText = bytesOf('null');
const typeTexts: readonly (readonly [text: Uint8Array, code: number])[] = [
  [bytesOf('"invoke"'), typeCode.invoke],
  [bytesOf('"ok"'), typeCode.ok],
  [bytesOf('"fail"'), typeCode.fail],
  [bytesOf('"info"'), typeCode.info],
];
const required = (1 << TYPE) | (1 << PROCESS) | (1 << F) | (1 << TIME);

/** As many digits are a safe integer whatever they are. */
const maxDigits = 15;

export class PlainLines {
  readonly #builder: HistoryBuilder;
  readonly #dictionary: Dictionary;
  readonly #values = new SpanTable();
  readonly #errors = new SpanTable();
  readonly #founds = new SpanTable();
  readonly #op: Writable<NumberedOp> = {
    type: 0,
    process: 0,
    time: 0,
    f: 0,
    key: 0,
    node: 0,
    value: 0,
    error: 0,
    found: 0,
  };
  /** After what was read last. */
  #at = 0;
  /** Of the span that was walked over last. */
  #hash = 0;

  constructor(builder: HistoryBuilder) {
    this.#builder = builder;
    this.#dictionary = builder.dictionary;
  }

  /**
   * Appends the op on the line that begins at `start`, and returns where the next line begins; or NOT_PLAIN. `bytes`
   * are UTF-8 and end with a newline.
   */
  read(bytes: Buffer, start: number): number {
    const op = this.#op;
    op.key = ABSENT;
    op.node = ABSENT;
    op.value = ABSENT;
    op.error = ABSENT;
    op.found = UNSEEN;
    if (bytes[start] !== openBrace) return NOT_PLAIN;
    this.#at = start + 1;
    let seen = 0;
    for (;;) {
      if (bytes[this.#at] === space) this.#at++;
      const field = this.#name(bytes);
      if (field === NOT_PLAIN || (seen & (1 << field)) !== 0) return NOT_PLAIN;
      seen |= 1 << field;
      if (!this.#member(bytes, field)) return NOT_PLAIN;
      const next = bytes[this.#at++];
      if (next === comma) continue;
      if (next !== closeBrace) return NOT_PLAIN;
      break;
    }
    if ((seen & required) !== required) return NOT_PLAIN;
    if (bytes[this.#at] === carriageReturn) this.#at++;
    if (bytes[this.#at] !== newline) return NOT_PLAIN;
    return this.#builder.appendNumbers(op) ? this.#at + 1 : NOT_PLAIN;
  }

  /** Past `"name":` to the value; the field's number. */
  #name(bytes: Buffer): number {
    if (bytes[this.#at] !== quote) return NOT_PLAIN;
    const at = this.#at + 1;
    const field = fieldAt(bytes, at);
    if (field === NOT_PLAIN) return NOT_PLAIN;
    const name = names[field] as Uint8Array;
    if (!matches(bytes, at, name)) return NOT_PLAIN;
    this.#at = at + name.length;
    if (bytes[this.#at++] !== colon) return NOT_PLAIN;
    if (bytes[this.#at] === space) this.#at++;
    return field;
  }

  #member(bytes: Buffer, field: number): boolean {
    const op = this.#op;
    switch (field) {
      case INDEX:
        return this.#integer(bytes) === this.#builder.length;
      case TYPE:
        return this.#type(bytes);
      case PROCESS:
        return this.#process(bytes);
      case TIME:
        op.time = this.#integer(bytes);
        return op.time >= 0;
      case F:
        op.f = this.#text(bytes);
        return op.f !== UNKNOWN_SPAN;
      case KEY:
        op.key = this.#text(bytes);
        return op.key !== UNKNOWN_SPAN;
      case NODE:
        op.node = this.#text(bytes);
        return op.node !== UNKNOWN_SPAN;
      case VALUE:
        op.value = this.#value(bytes);
        return op.value !== UNKNOWN_SPAN;
      case ERROR:
        op.error = this.#known(bytes, this.#errors, (json) => errorOf(json) as unknown as Json);
        return op.error !== UNKNOWN_SPAN;
      case FOUND:
        op.found = this.#known(bytes, this.#founds, (json) => foundOf(json).value);
        return op.found !== UNKNOWN_SPAN;
      default:
        return false;
    }
  }

  /** An integer from 0, past it; -1 for whatever else stands there. */
  #integer(bytes: Buffer): number {
    const start = this.#at;
    let at = start;
    let value = 0;
    for (let digit = (bytes[at] as number) - zero; digit >= 0 && digit <= 9; ) {
      value = value * 10 + digit;
      digit = (bytes[++at] as number) - zero;
    }
    const digits = at - start;
    if (digits === 0 || digits > maxDigits || (digits > 1 && bytes[start] === zero)) return -1;
    this.#at = at;
    return value;
  }

  #type(bytes: Buffer): boolean {
    for (const [text, code] of typeTexts) {
      if (!matches(bytes, this.#at, text)) continue;
      this.#at += text.length;
      this.#op.type = code;
      return true;
    }
    return false;
  }

  #process(bytes: Buffer): boolean {
    if (bytes[this.#at] === quote) {
      if (!matches(bytes, this.#at, nemesisText)) return false;
      this.#at += nemesisText.length;
      this.#op.process = NEMESIS;
      return true;
    }
    this.#op.process = this.#integer(bytes);
    return this.#op.process >= 0;
  }

  #text(bytes: Buffer): number {
    return bytes[this.#at] === quote ? this.#known(bytes, this.#values, asItIs) : UNKNOWN_SPAN;
  }

  #value(bytes: Buffer): number {
    const first = bytes[this.#at];
    if (first === quote || first === openBracket || first === openBrace) {
      return this.#known(bytes, this.#values, asItIs);
    }
    if (matches(bytes, this.#at, nullText)) {
      this.#at += nullText.length;
      return this.#dictionary.intern(null);
    }
    const isNegative = first === minus;
    if (isNegative) this.#at++;
    const value = this.#integer(bytes);
    // A minus before zero has no digits' worth of meaning, and the careful reader knows what to do with it.
    if (value === -1 || (isNegative && value === 0)) return UNKNOWN_SPAN;
    return this.#dictionary.intern(isNegative ? -value : value);
  }

  /** The number of the string, array or object that begins here, past it. `meaning` throws for what is no good. */
  #known(bytes: Buffer, table: SpanTable, meaning: (json: Json) => Json | undefined): number {
    const start = this.#at;
    const end = bytes[start] === quote ? this.#stringEnd(bytes) : this.#compositeEnd(bytes);
    if (end === NOT_PLAIN) return UNKNOWN_SPAN;
    const hash = this.#hash;
    let id = table.find(bytes, start, end, hash);
    if (id === UNKNOWN_SPAN) {
      id = this.#learn(bytes, start, end, meaning);
      if (id === UNKNOWN_SPAN) return UNKNOWN_SPAN;
      table.add(bytes, start, end, hash, id);
    }
    this.#at = end;
    return id;
  }

  #learn(bytes: Buffer, start: number, end: number, meaning: (json: Json) => Json | undefined): number {
    const text = bytes.toString('utf8', start, end);
    if (meaning === asItIs) {
      if (bytes[start] === quote) return this.#dictionary.intern(text.slice(1, -1));
      if (isIntegers(bytes, start, end)) return this.#dictionary.internCanonical(text);
    }
    if (findFlaw(text, maxNesting) !== undefined) return UNKNOWN_SPAN;
    try {
      return this.#dictionary.intern(meaning(JSON.parse(text) as Json));
    } catch {
      return UNKNOWN_SPAN;
    }
  }

  /** After the quote that ends the string at `#at`. Its bytes stand for themselves: no escapes. */
  #stringEnd(bytes: Buffer): number {
    let hash = -2128831035;
    for (let at = this.#at + 1; ; at++) {
      const byte = bytes[at] as number;
      if (byte === quote) {
        this.#hash = hash;
        return at + 1;
      }
      if (byte < space || byte === backslash) return NOT_PLAIN;
      hash = Math.imul(hash ^ byte, 16777619);
    }
  }

  /** After the bracket that ends the array or object at `#at`; whether what is between is JSON is not looked at. */
  #compositeEnd(bytes: Buffer): number {
    const first = bytes[this.#at];
    if (first !== openBracket && first !== openBrace) return NOT_PLAIN;
    let hash = -2128831035;
    let depth = 0;
    let inString = false;
    for (let at = this.#at; ; at++) {
      const byte = bytes[at] as number;
      if (byte < space || byte === backslash) return NOT_PLAIN;
      hash = Math.imul(hash ^ byte, 16777619);
      if (byte === quote) inString = !inString;
      else if (inString) continue;
      else if (byte === openBracket || byte === openBrace) depth++;
      else if ((byte === closeBracket || byte === closeBrace) && --depth === 0) {
        this.#hash = hash;
        return at + 1;
      }
    }
  }
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

function asItIs(json: Json): Json {
  return json;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function matches(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** The field whose name may begin here, by the first letters: to be compared with the whole name. */
function fieldAt(bytes: Uint8Array, at: number): number {
  switch (bytes[at] as number) {
    case 105: // i
      return INDEX;
    case 116: // t
      return bytes[at + 1] === 121 ? TYPE : TIME;
    case 112: // p
      return PROCESS;
    case 102: // f
      return bytes[at + 1] === quote ? F : FOUND;
    case 107: // k
      return KEY;
    case 118: // v
      return VALUE;
    case 110: // n
      return NODE;
    case 101: // e
      return ERROR;
    default:
      return NOT_PLAIN;
  }
}

/** Whether these are the brackets of an array of integers as canonical JSON has them. */
function isIntegers(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== openBracket) return false;
  let digits = 0;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= zero && byte <= 57) {
      if (digits === 1 && bytes[at - 1] === zero) return false;
      if (++digits > maxDigits) return false;
    } else if (digits > 0 && (byte === comma ? at < end - 2 : byte === closeBracket && at === end - 1)) {
      digits = 0;
    } else {
      return false;
    }
  }
  return true;
}
