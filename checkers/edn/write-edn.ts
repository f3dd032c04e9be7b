// EDN values as text on one line, in the way Clojure prints them.

import type { Edn } from './edn.ts';

const namedCharacters: ReadonlyMap<string, string> = new Map([
  ['\n', 'newline'],
  [' ', 'space'],
  ['\t', 'tab'],
  ['\r', 'return'],
  ['\b', 'backspace'],
  ['\f', 'formfeed'],
]);

/** Recurses as deep as the form is nested: forms of the reader have a bound. */
export function writeEdn(form: Edn): string {
  if (form === null) return 'nil';
  if (typeof form === 'string') return stringText(form);
  if (typeof form !== 'object') return String(form);
  switch (form.kind) {
    case 'keyword':
      return `:${form.name}`;
    case 'symbol':
      return form.name;
    case 'character':
      return characterText(form.character);
    case 'double':
      return doubleText(form.value);
    case 'ratio':
      return `${form.numerator}/${form.denominator}`;
    case 'decimal':
      return `${form.digits}M`;
    case 'vector':
      return `[${form.items.map(writeEdn).join(' ')}]`;
    case 'list':
      return `(${form.items.map(writeEdn).join(' ')})`;
    case 'set':
      return `#{${form.items.map(writeEdn).join(' ')}}`;
    case 'map':
      return `{${form.entries.map(([key, value]) => `${writeEdn(key)} ${writeEdn(value)}`).join(', ')}}`;
    case 'tagged':
      return `#${form.tag} ${writeEdn(form.form)}`;
  }
}

/** Text that is equal exactly when two forms are equal in Clojure: sets and maps in one order, lists as vectors. */
export function canonicalEdn(form: Edn): string {
  if (form === null || typeof form !== 'object') return writeEdn(form);
  switch (form.kind) {
    case 'vector':
    case 'list':
      return `[${form.items.map(canonicalEdn).join(' ')}]`;
    case 'set':
      return `#{${form.items.map(canonicalEdn).sort().join(' ')}}`;
    case 'map': {
      const entries = form.entries.map(([key, value]) => `${canonicalEdn(key)} ${canonicalEdn(value)}`);
      return `{${entries.sort().join(', ')}}`;
    }
    case 'tagged':
      return `#${form.tag} ${canonicalEdn(form.form)}`;
    case 'keyword':
    case 'symbol':
    case 'character':
    case 'double':
    case 'ratio':
    case 'decimal':
      return writeEdn(form);
  }
}

export function doubleText(value: number): string {
  if (Number.isNaN(value)) return '##NaN';
  if (!Number.isFinite(value)) return value > 0 ? '##Inf' : '##-Inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Control characters and halves of characters by their numbers: neither survives everywhere as it is. */
function stringText(text: string): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${plain.replaceAll(/[\p{Cc}\p{Cs}]/gu, numbered)}"`;
}

function characterText(character: string): string {
  const name = namedCharacters.get(character);
  return `\\${name ?? character.replace(/[\p{Cc}\p{Cs}\s]/u, (each) => numbered(each).slice(1))}`;
}

function numbered(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
