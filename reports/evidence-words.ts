// What a probe saw, in words. Evidence is plain data of any shape; a few members that our faults use are told as a
// person would, and things of which the same is said stand together.

import type { Json } from '../checkers/json.ts';
import { safeLine, shortened } from './safe-text.ts';

type Members = { readonly [member: string]: Json | undefined };

/** More names than these are counted. */
const shownNames = 8;

export function isMembers(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain words for plain data, at most about `limit` characters: text bare, lists with commas, members as `name value`. */
export function wordsOf(value: Json | undefined, limit = 400): string {
  return shortened(plainWords(value), limit);
}

function plainWords(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return safeLine(shortened(value, 300));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map(nested).join(', ');
  return isMembers(value) ? memberWords(value) : '';
}

function nested(value: Json): string {
  const words = plainWords(value);
  return typeof value === 'object' && value !== null ? `(${words})` : words;
}

/** Durations that differ do not keep things apart: of six links that fell silent after some 200 ms, one line tells. */
const duration = /\d+(?:\.\d+)?(?= (?:ms|µs|s)\b)/g;

interface Group {
  readonly names: string[];
  readonly words: string[];
}

function memberWords(value: Members): string {
  const groups = new Map<string, Group>();
  for (const [name, member] of Object.entries(asTold(value))) {
    if (member === undefined) continue;
    const words = nested(member);
    // Members that are words by themselves stay apart.
    const sameness = words === '' ? `${name}:` : words.replace(duration, '#');
    const group = groups.get(sameness);
    if (group === undefined) groups.set(sameness, { names: [nameText(name)], words: [words] });
    else {
      group.names.push(nameText(name));
      group.words.push(words);
    }
  }
  const told = [...groups.values()].map(groupWords);
  return told.join([...groups.values()].some(({ names }) => names.length > 1) ? '; ' : ', ');
}

function groupWords({ names, words }: Group): string {
  if (names.length === 1) return `${names[0] ?? ''} ${words[0] ?? ''}`.trimEnd();
  const left = names.length - shownNames;
  const list = left > 1 ? `${names.slice(0, shownNames).join(', ')} and ${left} more` : names.join(', ');
  const what = withRanges(words);
  return what === '' ? list : `${list}: ${what}`;
}

/** The first of these texts, with each duration as the range it has over all of them. */
function withRanges(texts: readonly string[]): string {
  const numbers = texts.map((text) => [...text.matchAll(duration)].map(([number]) => Number(number)));
  let at = 0;
  return (texts[0] ?? '').replace(duration, (number) => {
    const all = numbers.map((list) => list[at] ?? Number(number));
    at++;
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return low === high ? number : `${low}–${high}`;
  });
}

/** Milliseconds that were chosen, not measured: they tell things apart, and no range is made of them. */
const amounts: ReadonlySet<string> = new Set(['byMs', 'offsetMs', 'deltaMs', 'periodMs', 'durationMs']);

/**
 * Members that say little by their names: what a node was and is as one change, why it was passed over, milliseconds.
 * What the row of the step itself says (its status, how long it took) is left out.
 */
function asTold(value: Members): Members {
  const { was, now, status, reason, ms: _, ...rest } = value;
  // Without a prototype: a member named __proto__ is a member like any other.
  const told = Object.create(null) as Record<string, Json | undefined>;
  if (typeof status === 'string' && typeof reason === 'string') told[`${status}: ${reason}`] = null;
  else {
    if (status !== undefined && status !== 'applied') told['status'] = status;
    if (reason !== undefined) told['reason'] = reason;
    if (typeof was === 'string' && typeof now === 'string')
      told[was === now ? was : `${was} → ${now}`] = null;
    else Object.assign(told, { was, now });
  }
  for (const [name, member] of Object.entries(rest)) {
    const milliseconds = typeof member === 'number' && /^[a-z]+Ms$/.test(name);
    if (typeof member === 'number' && amounts.has(name)) told[name.slice(0, -2)] = `${member / 1000} seconds`;
    else if (name === 'roundTripMs') told['round trip'] = `${wordsOf(member)} ms`;
    else if (milliseconds) told[`${name.slice(0, -2)} after`] = `${Math.round(member)} ms`;
    else if (member === true) told[name] = `${name}Ms` in rest ? undefined : null;
    else told[name] = member;
  }
  return told;
}

function nameText(name: string): string {
  return safeLine(shortened(name, 200));
}
