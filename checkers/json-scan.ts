// Walks over the text of one JSON value and tells what JSON.parse does not: where the text stops being JSON, how deep
// it nests, numbers that lose digits, and names that an object has twice. Iterative, whatever the text.

export interface JsonFlaw {
  /** What was found, and what is allowed where that is not plain. */
  readonly what: string;
  /** Characters from the beginning of the text. */
  readonly at: number;
}

const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const words = ['true', 'false', 'null'] as const;

/** The first flaw of the text, or undefined: then JSON.parse takes it and nothing is lost. */
export function findFlaw(text: string, maxNesting: number): JsonFlaw | undefined {
  return new Scan(text, maxNesting).run();
}

/** What may come next. */
type Expected = 'value' | 'first item' | 'first name' | 'name' | 'after value' | 'nothing';

class Scan {
  readonly #text: string;
  readonly #maxNesting: number;
  /** The open brackets: an object by its names so far, an array by null. */
  readonly #open: (string[] | null)[] = [];
  #at = 0;
  #expected: Expected = 'value';
  #flaw: JsonFlaw | undefined;

  constructor(text: string, maxNesting: number) {
    this.#text = text;
    this.#maxNesting = maxNesting;
  }

  run(): JsonFlaw | undefined {
    for (;;) {
      this.#skipSpace();
      if (this.#at >= this.#text.length) break;
      this.#step(this.#text.charCodeAt(this.#at));
      if (this.#flaw !== undefined) return this.#flaw;
    }
    return this.#expected === 'nothing' ? undefined : { what: 'the text ends too early', at: this.#at };
  }

  #step(code: number): void {
    switch (this.#expected) {
      case 'first item':
        if (code === closeBracket) return this.#close();
        return this.#value(code);
      case 'value':
        return this.#value(code);
      case 'first name':
        if (code === closeBrace) return this.#close();
        return this.#name(code);
      case 'name':
        return this.#name(code);
      case 'after value':
        return this.#afterValue(code);
      case 'nothing':
        return this.#unexpected('the end of the line');
    }
  }

  #value(code: number): void {
    if (code === quote) {
      if (this.#string()) this.#endValue();
    } else if (code === openBrace || code === openBracket) {
      this.#openBracket(code === openBrace);
    } else if (code === 45 || isDigit(code)) {
      this.#number();
    } else {
      const word = words.find((each) => this.#text.startsWith(each, this.#at));
      if (word === undefined) return this.#unexpected('a value');
      this.#at += word.length;
      this.#endValue();
    }
  }

  #openBracket(isObject: boolean): void {
    if (this.#open.length === this.#maxNesting) {
      this.#fail(`nested deeper than ${this.#maxNesting} levels`);
      return;
    }
    this.#open.push(isObject ? [] : null);
    this.#expected = isObject ? 'first name' : 'first item';
    this.#at++;
  }

  #close(): void {
    this.#open.pop();
    this.#at++;
    this.#endValue();
  }

  #endValue(): void {
    this.#expected = this.#open.length === 0 ? 'nothing' : 'after value';
  }

  #afterValue(code: number): void {
    const names = this.#open.at(-1);
    if (code === (names === null ? closeBracket : closeBrace)) return this.#close();
    if (code !== comma) return this.#unexpected(names === null ? '"," or "]"' : '"," or "}"');
    this.#at++;
    this.#expected = names === null ? 'value' : 'name';
  }

  #name(code: number): void {
    if (code !== quote) return this.#unexpected('a name in double quotes');
    const start = this.#at;
    if (!this.#string()) return;
    const raw = this.#text.slice(start, this.#at);
    const name = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    const names = this.#open.at(-1);
    if (names?.includes(name) === true) {
      this.#at = start;
      return this.#fail(`the name ${quoted(name)} for the second time; each is allowed once`);
    }
    names?.push(name);
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== colon) return this.#unexpected('":"');
    this.#at++;
    this.#expected = 'value';
  }

  /** Past the string that begins here; false when it is none. */
  #string(): boolean {
    const text = this.#text;
    for (this.#at++; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === quote) {
        this.#at++;
        return true;
      }
      if (code < 32) {
        this.#unexpected('characters of a string, escaped');
        return false;
      }
      if (code === backslash && !this.#escape()) return false;
    }
    this.#fail('the text ends within a string');
    return false;
  }

  /** Onto the last character of the escape that begins here. */
  #escape(): boolean {
    const text = this.#text;
    const next = text[this.#at + 1];
    if (next === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(this.#at + 2, this.#at + 6))) {
      this.#at += 5;
      return true;
    }
    if (next !== undefined && '"\\/bfnrt'.includes(next)) {
      this.#at++;
      return true;
    }
    this.#fail('an escape that JSON does not know');
    return false;
  }

  #number(): void {
    if (this.#plainInteger()) return this.#endValue();
    numberPattern.lastIndex = this.#at;
    const match = numberPattern.exec(this.#text);
    if (match === null) return this.#unexpected('a number');
    const [raw, fraction, exponent] = match;
    const lost = lossOf(raw, fraction === undefined && exponent === undefined);
    if (lost !== undefined) return this.#fail(lost);
    this.#at += raw.length;
    this.#endValue();
  }

  /** Past the number that begins here, if it is of the usual kind, of which nothing can be lost. */
  #plainInteger(): boolean {
    const text = this.#text;
    const start = this.#at;
    let end = start;
    while (isDigit(text.charCodeAt(end))) end++;
    const next = text.charCodeAt(end);
    const digits = end - start;
    if (digits === 0 || digits > 15 || (digits > 1 && text.charCodeAt(start) === 48)) return false;
    if (next === 46 || next === 69 || next === 101) return false;
    this.#at = end;
    return true;
  }

  #skipSpace(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return;
    }
  }

  #unexpected(allowed: string): void {
    const found =
      this.#at < this.#text.length ? quoted(this.#text.slice(this.#at, this.#at + 13)) : 'the end';
    this.#fail(`found ${found}; allowed here: ${allowed}`);
  }

  #fail(what: string): void {
    this.#flaw = { what, at: this.#at };
  }
}

/**
 * Why the number would be another one after reading. An integer must come back as it is written, so that no two
 * different ones become equal; fractions are taken as the doubles that they are everywhere.
 */
function lossOf(raw: string, isInteger: boolean): string | undefined {
  const value = Number(raw);
  if (!Number.isFinite(value)) return `the number ${bare(raw)} is too large`;
  if (isInteger && !Number.isSafeInteger(value) && String(value) !== raw) {
    return `the integer ${bare(raw)} would lose digits; allowed: up to 2^53 - 1, larger ones as strings`;
  }
  if (value === 0 && /^[-.0]*[1-9]/.test(raw)) return `the number ${bare(raw)} is too small`;
  return undefined;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** A piece of foreign text in quotes, short and safe to print on one line of a terminal. */
export function quoted(text: string): string {
  return printable(JSON.stringify(shortened(text)));
}

/** The same without quotes. */
export function bare(text: string): string {
  return printable(shortened(text));
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Control characters, line and paragraph separators, and what turns the direction of text, by their numbers. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
