// What a single token of EDN means: numbers, names, characters, escapes in strings. A number that could not be kept as
// it is, is refused: two different ones must never become equal.

import { bare, quoted } from '../json-scan.ts';
import { type Edn, isKeywordText, isSymbolText, keyword } from './edn.ts';

/** What is wrong with a token. */
export class EdnTokenError extends Error {
  override name = 'EdnTokenError';
}

const integerPattern = /^[+-]?(?:0|[1-9][0-9]*)N?$/;
const oddIntegerPattern = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]+)|([1-9][0-9]?)[rR]([0-9a-zA-Z]+))N?$/;
const ratioPattern = /^([+-]?[0-9]+)\/([0-9]+)$/;
const doublePattern = /^[+-]?[0-9]+(?:\.[0-9]*(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)$/;
const decimalPattern = /^[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?M$/;
const maxDecimalCharacters = 400;

/** A token that begins neither a string nor a character nor with `#`. */
export function readToken(token: string): Edn {
  if (token === 'nil') return null;
  if (token === 'true') return true;
  if (token === 'false') return false;
  if (token.startsWith(':')) {
    if (isKeywordText(token)) return keyword(token.slice(1));
    throw new EdnTokenError(`found ${quoted(token)}; allowed here: a keyword such as :read or :name/timeout`);
  }
  if (/^[+-]?[0-9]/.test(token)) return readNumber(token);
  if (isSymbolText(token)) return { kind: 'symbol', name: token };
  throw new EdnTokenError(`found ${quoted(token)}; allowed here: an EDN form`);
}

function readNumber(token: string): Edn {
  if (integerPattern.test(token)) return safeInteger(token, Number(token.replace('N', '')));
  if (doublePattern.test(token)) return readDouble(token);
  const ratio = ratioPattern.exec(token);
  if (ratio !== null) return readRatio(token, Number(ratio[1]), Number(ratio[2]));
  if (decimalPattern.test(token) && token.length <= maxDecimalCharacters) {
    return { kind: 'decimal', digits: token.slice(0, -1) };
  }
  const odd = oddIntegerPattern.exec(token);
  if (odd !== null) return readOddInteger(token, odd);
  throw new EdnTokenError(`found ${quoted(token)}; allowed here: a number such as 3, -1, 2.5 or 1/2`);
}

function safeInteger(token: string, value: number): number {
  // The sum turns -0 into 0.
  if (Number.isSafeInteger(value)) return value + 0;
  throw new EdnTokenError(
    `the integer ${bare(token)} would lose digits; allowed: up to 2^53 - 1, larger ones as strings`,
  );
}

/** Hexadecimal, octal, or in a base from 2 to 36. */
function readOddInteger(token: string, [, sign, hex, octal, base, digits]: RegExpExecArray): number {
  const value = hex ?? octal ?? digits ?? '';
  const radix = hex !== undefined ? 16 : octal !== undefined ? 8 : Number(base);
  const isBad =
    radix < 2 || radix > 36 || value.split('').some((digit) => Number.isNaN(Number.parseInt(digit, radix)));
  if (isBad)
    throw new EdnTokenError(`found ${quoted(token)}; allowed here: digits of its base, from 2 to 36`);
  const size = Number.parseInt(value, radix);
  return safeInteger(token, sign === '-' ? -size : size);
}

function readDouble(token: string): Edn {
  const value = Number(token);
  if (!Number.isFinite(value))
    throw new EdnTokenError(`the number ${bare(token)} is too large; allowed: doubles`);
  if (value === 0 && /^[-+.0]*[1-9]/.test(token)) {
    throw new EdnTokenError(`the number ${bare(token)} is too small; allowed: doubles`);
  }
  return { kind: 'double', value };
}

function readRatio(token: string, above: number, below: number): Edn {
  safeInteger(token, above);
  safeInteger(token, below);
  if (below === 0)
    throw new EdnTokenError(`the ratio ${bare(token)} divides by zero; allowed: a denominator from 1`);
  const divisor = greatestDivisor(Math.abs(above), below);
  const numerator = above / divisor + 0;
  const denominator = below / divisor;
  return denominator === 1 ? numerator : { kind: 'ratio', numerator, denominator };
}

function greatestDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

const characterNames: ReadonlyMap<string, string> = new Map([
  ['newline', '\n'],
  ['space', ' '],
  ['tab', '\t'],
  ['return', '\r'],
  ['backspace', '\b'],
  ['formfeed', '\f'],
]);

/** `token` is without its backslash. */
export function readCharacter(token: string): Edn {
  const named = characterNames.get(token);
  if (named !== undefined) return { kind: 'character', character: named };
  if (/^.$/su.test(token)) return { kind: 'character', character: token };
  const code = /^u[0-9a-fA-F]{4}$/.test(token)
    ? Number.parseInt(token.slice(1), 16)
    : /^o[0-7]{1,3}$/.test(token)
      ? Number.parseInt(token.slice(1), 8)
      : undefined;
  if (code !== undefined) return { kind: 'character', character: String.fromCharCode(code) };
  throw new EdnTokenError(
    `found ${quoted(`\\${token}`)}; allowed here: a character such as \\a, \\newline or \\u0041`,
  );
}

/** `##Inf`, `##-Inf`, `##NaN`. */
export function readSymbolic(token: string): Edn {
  if (token === '##Inf') return { kind: 'double', value: Infinity };
  if (token === '##-Inf') return { kind: 'double', value: -Infinity };
  if (token === '##NaN') return { kind: 'double', value: Number.NaN };
  throw new EdnTokenError(`found ${quoted(token)}; allowed here: ##Inf, ##-Inf or ##NaN`);
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
]);

/** What stands between the quotes, which no lone backslash ends. */
export function readString(raw: string): string {
  if (!raw.includes('\\')) return raw;
  return raw.replaceAll(/\\(u[0-9a-fA-F]{4}|[0-7]{1,3}|[\s\S])/g, (whole, escape: string) => {
    const plain = escapes.get(escape);
    if (plain !== undefined) return plain;
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    if (/^[0-7]+$/.test(escape) && Number.parseInt(escape, 8) <= 0o377) {
      return String.fromCharCode(Number.parseInt(escape, 8));
    }
    throw new EdnTokenError(
      `the escape ${quoted(whole)} in a string; allowed: \\" \\\\ \\n \\t \\r \\b \\f and \\u with four digits`,
    );
  });
}
