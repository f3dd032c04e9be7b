// EDN values, as different from each other as they are in Clojure: 3 is not 3.0, :a is not "a", and a map's keys can be
// anything. An integer stands for itself, and so do strings, booleans and nil (null).

export type Edn =
  | null
  | boolean
  | string
  | number
  | EdnKeyword
  | EdnSymbol
  | EdnCharacter
  | EdnDouble
  | EdnRatio
  | EdnDecimal
  | EdnSequence
  | EdnSet
  | EdnMap
  | EdnTagged;

/** `name` is without the colon, with its namespace: `jepsen.client/timeout`. */
export interface EdnKeyword {
  readonly kind: 'keyword';
  readonly name: string;
}

export interface EdnSymbol {
  readonly kind: 'symbol';
  readonly name: string;
}

export interface EdnCharacter {
  readonly kind: 'character';
  readonly character: string;
}

/** A floating point number, whole or not, finite or not. */
export interface EdnDouble {
  readonly kind: 'double';
  readonly value: number;
}

/** Reduced, with a denominator from 2. */
export interface EdnRatio {
  readonly kind: 'ratio';
  readonly numerator: number;
  readonly denominator: number;
}

/** As it was written, without its M. */
export interface EdnDecimal {
  readonly kind: 'decimal';
  readonly digits: string;
}

/** Vectors and lists with the same items are equal. */
export interface EdnSequence {
  readonly kind: 'vector' | 'list';
  readonly items: readonly Edn[];
}

export interface EdnSet {
  readonly kind: 'set';
  readonly items: readonly Edn[];
}

export interface EdnMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [key: Edn, value: Edn])[];
}

/** `#tag form`; a record such as `#jepsen.history.Op{…}` is one as well. */
export interface EdnTagged {
  readonly kind: 'tagged';
  readonly tag: string;
  readonly form: Edn;
}

export function keyword(name: string): EdnKeyword {
  return { kind: 'keyword', name };
}

export function vector(items: readonly Edn[]): EdnSequence {
  return { kind: 'vector', items };
}

export function isKeyword(form: Edn): form is EdnKeyword {
  return typeof form === 'object' && form !== null && form.kind === 'keyword';
}

const nameCharacter = String.raw`[^\s\p{Cc}\p{Cs},()[\]{}"\\;@^\x60~]`;
const keywordPattern = new RegExp(`^:(?!:)${nameCharacter}*(?![:/])${nameCharacter}$`, 'u');
const symbolPattern = new RegExp(
  `^(?![:#'0-9]|[+-][0-9])(?:/|${nameCharacter}*(?![:/])${nameCharacter})$`,
  'u',
);

/** Whether the text, with its colon, is a keyword. */
export function isKeywordText(text: string): boolean {
  return keywordPattern.test(text);
}

export function isSymbolText(text: string): boolean {
  return symbolPattern.test(text) && text !== 'nil' && text !== 'true' && text !== 'false';
}
