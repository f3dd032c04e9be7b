// EDN forms as JSON values, and back, so that nothing is lost in either direction: what both have is itself, a keyword
// is the string ":name", and the rest stands in an object with one member such as {"edn/set": [1, 2]}. Lists become
// arrays, because Clojure holds them equal to vectors.

import {
  type Edn,
  type EdnMap,
  isKeyword,
  isKeywordText,
  isSymbolText,
  keyword,
  vector,
} from '../edn/edn.ts';
import { doubleText } from '../edn/write-edn.ts';
import { canonicalJson, type Json } from '../json.ts';

/** JSON that has no form of its own in EDN, as its canonical text. */
const JSON_TEXT = 'faultline/json';

/** Recurses; forms of the reader have a bound. Equal forms become values that are equal as JSON. */
export function jsonOfEdn(form: Edn): Json {
  if (typeof form === 'string') return isKeywordText(form) ? { 'edn/string': form } : form;
  if (form === null || typeof form !== 'object') return form;
  switch (form.kind) {
    case 'keyword':
      return `:${form.name}`;
    case 'vector':
    case 'list':
      return form.items.map(jsonOfEdn);
    case 'double':
      return Number.isInteger(form.value) || !Number.isFinite(form.value)
        ? { 'edn/double': doubleText(form.value) }
        : form.value;
    case 'symbol':
      return { 'edn/symbol': form.name };
    case 'character':
      return { 'edn/character': form.character };
    case 'ratio':
      return { 'edn/ratio': [form.numerator, form.denominator] };
    case 'decimal':
      return { 'edn/decimal': form.digits };
    case 'set':
      return { 'edn/set': inOrder(form.items.map(jsonOfEdn)) };
    case 'tagged':
      return { 'edn/tagged': [form.tag, jsonOfEdn(form.form)] };
    case 'map':
      return jsonOfMap(form);
  }
}

function inOrder(values: Json[]): Json[] {
  return values
    .map((value) => [canonicalJson(value), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, value]) => value);
}

function jsonOfMap({ entries }: EdnMap): Json {
  const text = entries.length === 1 ? entries[0] : undefined;
  if (text !== undefined && isKeyword(text[0]) && text[0].name === JSON_TEXT && typeof text[1] === 'string') {
    const value = parsed(text[1]);
    if (value !== undefined) return value;
  }
  const members: [string, Json][] = [];
  for (const [key, value] of entries) {
    const name = memberName(key);
    if (name === undefined || (entries.length === 1 && name.startsWith('edn/'))) {
      return { 'edn/map': inOrder(entries.map((entry) => entry.map(jsonOfEdn))) };
    }
    members.push([name, jsonOfEdn(value)]);
  }
  // Not by assignment, to which a member named __proto__ would be a command.
  return Object.fromEntries(members);
}

/** A keyword with its colon, or a string that does not look like one. */
function memberName(key: Edn): string | undefined {
  if (typeof key === 'string') return isKeywordText(key) ? undefined : key;
  return key !== null && isKeyword(key) ? `:${key.name}` : undefined;
}

/** The value of a text that this module wrote; undefined for any other. */
function parsed(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return canonicalJson(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Throws a TypeError on what is not JSON. `jsonOfEdn` gives the same value back. */
export function ednOfJson(json: Json): Edn {
  if (typeof json === 'string') return isKeywordText(json) ? keyword(json.slice(1)) : json;
  if (typeof json === 'number') return ednOfNumber(json);
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return vector((json as readonly Json[]).map(ednOfJson));
  const members = Object.entries(json).filter((member): member is [string, Json] => member[1] !== undefined);
  const only = members.length === 1 ? members[0] : undefined;
  const natural: Edn = {
    kind: 'map',
    entries: members.map(([name, value]) => [
      isKeywordText(name) ? keyword(name.slice(1)) : name,
      ednOfJson(value),
    ]),
  };
  if (only === undefined || !(only[0].startsWith('edn/') || only[0] === `:${JSON_TEXT}`)) return natural;
  // Only what reads back as it was: anything may stand under a name of ours.
  const text = canonicalJson(json);
  const isExact = (form: Edn | undefined) => form !== undefined && canonicalJson(jsonOfEdn(form)) === text;
  return [formOf(...only), natural].find(isExact) ?? asText(json);
}

function ednOfNumber(number: number): Edn {
  if (Number.isSafeInteger(number)) return number + 0;
  return Number.isInteger(number) ? asText(number) : { kind: 'double', value: number };
}

function asText(json: Json): Edn {
  return { kind: 'map', entries: [[keyword(JSON_TEXT), canonicalJson(json)]] };
}

/** What the one member of an object stands for; undefined where it stands for itself. */
function formOf(name: string, value: Json): Edn | undefined {
  const text = typeof value === 'string' ? value : undefined;
  const items = Array.isArray(value) ? (value as readonly Json[]) : undefined;
  switch (name) {
    case 'edn/string':
      return text;
    case 'edn/double':
      return text === undefined ? undefined : { kind: 'double', value: doubleOf(text) };
    case 'edn/symbol':
      return text !== undefined && isSymbolText(text) ? { kind: 'symbol', name: text } : undefined;
    case 'edn/character':
      return text !== undefined && /^.$/su.test(text) ? { kind: 'character', character: text } : undefined;
    case 'edn/decimal':
      return text !== undefined && /^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$/.test(text)
        ? { kind: 'decimal', digits: text }
        : undefined;
    case 'edn/ratio':
      return items === undefined ? undefined : ratioOf(items);
    case 'edn/set':
      return items === undefined || hasTwice(items)
        ? undefined
        : { kind: 'set', items: items.map(ednOfJson) };
    case 'edn/map':
      return items === undefined ? undefined : mapOf(items);
    case 'edn/tagged':
      return items === undefined ? undefined : taggedOf(items);
    default:
      return undefined;
  }
}

function doubleOf(text: string): number {
  return text === '##Inf' ? Infinity : text === '##-Inf' ? -Infinity : Number(text);
}

function ratioOf([above, below]: readonly Json[]): Edn | undefined {
  if (!Number.isSafeInteger(above) || !Number.isSafeInteger(below)) return undefined;
  let [a, b] = [Math.abs(above as number), below as number];
  if (b < 2) return undefined;
  while (b !== 0) [a, b] = [b, a % b];
  if (a !== 1) return undefined;
  return { kind: 'ratio', numerator: above as number, denominator: below as number };
}

function mapOf(items: readonly Json[]): Edn | undefined {
  const pairs = items.filter((item): item is [Json, Json] => Array.isArray(item) && item.length === 2);
  if (pairs.length !== items.length || hasTwice(pairs.map(([key]) => key))) return undefined;
  return { kind: 'map', entries: pairs.map(([key, value]) => [ednOfJson(key), ednOfJson(value)]) };
}

function taggedOf([tag, form]: readonly Json[]): Edn | undefined {
  if (typeof tag !== 'string' || !isSymbolText(tag) || tag.startsWith('_') || form === undefined)
    return undefined;
  return { kind: 'tagged', tag, form: ednOfJson(form) };
}

function hasTwice(values: readonly Json[]): boolean {
  return new Set(values.map(canonicalJson)).size < values.length;
}
