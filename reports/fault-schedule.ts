// What the nemesis did, read from its ops: each call with what it was told and what was seen. Ops of a foreign history
// may carry anything; what is not an outcome of ours is shown as it is, with the status unknown.

import type { History } from '../checkers/history.ts';
import type { Json } from '../checkers/json.ts';
import type { FaultBand } from '../harness/nemesis/nemesis.ts';
import { keyText } from './operation-text.ts';
import { safeLine, shortened } from './safe-text.ts';

export type FaultStatus = 'applied' | 'skipped' | 'failed' | 'unknown';

export interface FaultAction {
  /** Index of the invocation in the history. */
  readonly index: number;
  /** Nanoseconds since the start of the run; `to` is absent where no completion was recorded. */
  readonly from: number;
  readonly to?: number;
  readonly f: string;
  /** On whom or what, in words. */
  readonly target: string;
  readonly status: FaultStatus;
  /** Why it was skipped or failed, and what was seen, in words. */
  readonly evidence: readonly string[];
  /** The fault it belongs to, and whether it harms or repairs; absent for calls that no band knows. */
  readonly band?: FaultBand;
  readonly kind?: 'harm' | 'repair';
}

export function faultActions(history: History, bands: readonly FaultBand[]): readonly FaultAction[] {
  const actions: FaultAction[] = [];
  for (let index = 0; index < history.length; index++) {
    const completion = history.partner(index);
    // An op without an other end is its own beginning; one with an earlier end was told with that.
    if (!history.isNemesis(index) || (completion !== -1 && completion < index)) continue;
    actions.push(faultAction(history, bands, index, completion));
  }
  return actions;
}

function faultAction(
  history: History,
  bands: readonly FaultBand[],
  index: number,
  completion: number,
): FaultAction {
  const f = history.f(index);
  const harms = bands.find((band) => band.from.includes(f));
  const repairs = bands.find((band) => band.to.includes(f));
  const band = harms ?? repairs;
  const outcome = completion === -1 ? undefined : history.value(completion);
  return {
    index,
    from: history.time(index),
    ...(completion === -1 ? {} : { to: history.time(completion) }),
    f,
    target: wordsOf(history.value(index)),
    ...readOutcome(outcome),
    ...(band === undefined ? {} : { band, kind: harms === undefined ? 'repair' : 'harm' }),
  };
}

function readOutcome(value: Json | undefined): { status: FaultStatus; evidence: string[] } {
  if (!isObject(value)) {
    return { status: 'unknown', evidence: value === undefined ? [] : [wordsOf(value)] };
  }
  const { status, reason, evidence } = value;
  if (status !== 'applied' && status !== 'skipped' && status !== 'failed') {
    return { status: 'unknown', evidence: [wordsOf(value)] };
  }
  const lines = typeof reason === 'string' ? [safeLine(shortened(reason, 300))] : [];
  if (isObject(evidence)) {
    for (const [subject, seen] of Object.entries(evidence)) {
      lines.push(`${keyText(subject)}: ${wordsOf(seen)}`);
    }
  } else if (evidence !== undefined) {
    lines.push(wordsOf(evidence));
  }
  return { status, evidence: lines };
}

function isObject(value: Json | undefined): value is { readonly [member: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain words for plain data: text bare, lists with commas, members as `name value`, equal ones together. */
export function wordsOf(value: Json | undefined, limit = 400): string {
  return shortened(plainWords(value), limit);
}

function plainWords(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return safeLine(shortened(value, 300));
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => nested(item)).join(', ');
  }
  if (!isObject(value)) return String(value);
  const names = new Map<string, string[]>();
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const words = nested(member);
    const same = names.get(words);
    if (same === undefined) names.set(words, [keyText(name)]);
    else same.push(keyText(name));
  }
  const members = [...names].map(([words, same]) =>
    same.length > 1 ? `${same.join(', ')}: ${words}` : `${same[0]} ${words}`.trimEnd(),
  );
  return members.join([...names.values()].some((same) => same.length > 1) ? '; ' : ', ');
}

function nested(value: Json): string {
  const words = plainWords(value);
  return typeof value === 'object' && value !== null ? `(${words})` : words;
}

export interface FaultTotals {
  readonly name: string;
  readonly colour: string;
  /** Harms, by how they went. */
  applied: number;
  skipped: number;
  failed: number;
  /** Repairs that were verified, and those that were not. */
  healed: number;
  notHealed: number;
}

/** By fault, in order of appearance; a requested fault that never came up is there with zeros when `bands` has it. */
export function faultTotals(
  actions: readonly FaultAction[],
  bands: readonly FaultBand[] = [],
): readonly FaultTotals[] {
  const totals = new Map<string, FaultTotals>();
  const of = ({ name, colour }: FaultBand): FaultTotals => {
    const found = totals.get(name);
    if (found !== undefined) return found;
    const fresh = { name, colour, applied: 0, skipped: 0, failed: 0, healed: 0, notHealed: 0 };
    totals.set(name, fresh);
    return fresh;
  };
  for (const band of bands) of(band);
  for (const { band, kind, status } of actions) {
    if (band === undefined) continue;
    const fault = of(band);
    if (kind === 'repair') {
      if (status === 'applied') fault.healed++;
      if (status === 'failed' || status === 'unknown') fault.notHealed++;
    } else if (status === 'applied') fault.applied++;
    else if (status === 'skipped') fault.skipped++;
    else fault.failed++;
  }
  return [...totals.values()];
}

/** While a fault was in force. */
export interface FaultSpan {
  readonly name: string;
  readonly colour: string;
  /** Nanoseconds since the start of the run. */
  readonly from: number;
  readonly to: number;
}

/** From a harm that applied to the next repair of the same fault, or to `end`. */
export function faultSpans(actions: readonly FaultAction[], end: number): readonly FaultSpan[] {
  const spans: FaultSpan[] = [];
  const open = new Map<FaultBand, number>();
  const close = (band: FaultBand, from: number, to: number): void => {
    spans.push({ name: band.name, colour: band.colour, from, to });
    open.delete(band);
  };
  for (const { band, kind, status, from, to } of actions) {
    if (band === undefined) continue;
    const since = open.get(band);
    if (kind === 'harm' && status === 'applied' && since === undefined) open.set(band, from);
    if (kind === 'repair' && status === 'applied' && since !== undefined) close(band, since, to ?? from);
  }
  for (const [band, from] of open) close(band, from, end);
  return spans.sort((a, b) => a.from - b.from);
}
