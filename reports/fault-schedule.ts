// What the nemesis did, read from its ops: each call with what it was told and what was seen. Ops of a foreign history
// may carry anything; what is not an outcome of ours is shown as it is, with the status unknown.

import { faultSpans } from '../checkers/fault-spans.ts';
import type { History } from '../checkers/history.ts';
import type { Json } from '../checkers/json.ts';
import type { FaultBand } from '../harness/nemesis/nemesis.ts';
import { isMembers, wordsOf } from './evidence-words.ts';
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
    target: [wordsOf(history.value(index)), targetsOf(outcome)].filter((words) => words !== '').join(': '),
    ...readOutcome(outcome),
    ...(band === undefined ? {} : { band, kind: harms === undefined ? 'repair' : 'harm' }),
  };
}

/** How long it took, whom it met, and in which shape: these stand in columns of their own. */
const toldElsewhere: ReadonlySet<string> = new Set(['ms', 'targets', 'shape']);

/** Whom it met, where the call only named a kind of target. */
function targetsOf(outcome: Json | undefined): string {
  if (!isMembers(outcome) || !isMembers(outcome.evidence)) return '';
  return wordsOf(outcome.evidence.targets);
}

function readOutcome(value: Json | undefined): { status: FaultStatus; evidence: string[] } {
  if (!isMembers(value)) {
    return { status: 'unknown', evidence: value === undefined ? [] : [wordsOf(value)] };
  }
  const { status, reason, evidence } = value;
  if (status !== 'applied' && status !== 'skipped' && status !== 'failed') {
    return { status: 'unknown', evidence: [wordsOf(value)] };
  }
  const lines = typeof reason === 'string' ? [safeLine(shortened(reason, 300))] : [];
  if (isMembers(evidence)) {
    for (const [subject, seen] of Object.entries(evidence)) {
      if (toldElsewhere.has(subject)) continue;
      const { name, words } = inWords(subject, seen);
      lines.push(`${name}: ${words}`);
    }
  } else if (evidence !== undefined) {
    lines.push(wordsOf(evidence));
  }
  return { status, evidence: lines };
}

/** Subjects whose names or values say little by themselves. */
function inWords(subject: string, seen: Json | undefined): { name: string; words: string } {
  switch (subject) {
    case 'grudge':
      return { name: 'who refuses to hear whom', words: wordsOf(seen) };
    case 'clients':
      return { name: 'who hears no clients', words: wordsOf(seen) };
    case 'left to':
      return { name: 'left to other faults', words: wordsOf(seen) };
    case 'rule':
      return { name: 'rule', words: ruleWords(seen) };
    case 'clock-offsets':
      return { name: 'clocks are ahead by', words: wordsOf(inSeconds(seen)) };
    case 'host-moved-ms':
      return { name: 'the controller’s own clock moved by', words: `${wordsOf(seen)} ms` };
    default:
      return { name: safeLine(shortened(subject, 80)), words: wordsOf(seen) };
  }
}

/** `{kind: 'delay', delayMs: 50}` as `delay 50 ms`: a size named like the kind needs no name. */
function ruleWords(rule: Json | undefined): string {
  if (!isMembers(rule) || typeof rule.kind !== 'string') return wordsOf(rule);
  const { kind, ...sizes } = rule;
  const told = Object.entries(sizes).map(([name, size]) => {
    if (name === 'bytesPerSecond') return `${wordsOf(size)} bytes a second`;
    if (name === 'share' && typeof size === 'number')
      return `${Math.round(size * 1000) / 10} % of the packets`;
    const words = `${wordsOf(size)}${name.endsWith('Ms') ? ' ms' : ''}`;
    const bare = name.replace(/Ms$/, '');
    return bare === kind ? words : `${safeLine(shortened(bare, 80))} ${words}`;
  });
  return [wordsOf(kind), told.join(', ')].filter((words) => words !== '').join(' ');
}

function inSeconds(offsets: Json | undefined): Json | undefined {
  if (!isMembers(offsets)) return offsets;
  return Object.fromEntries(
    Object.entries(offsets).map(([node, seconds]) => [node, `${wordsOf(seconds)} seconds`]),
  );
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

/** While a fault was in force, as it is shaded. */
export interface ShadedSpan {
  readonly name: string;
  readonly colour: string;
  /** Nanoseconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  /** Calls that did harm in it. */
  readonly harms: number;
}

/** The spans of each fault with those that overlap as one: a shade twice as dark would mean nothing. By start. */
export function shadedSpans(history: History, bands: readonly FaultBand[]): readonly ShadedSpan[] {
  const last = new Map<string, number>();
  const shaded: ShadedSpan[] = [];
  for (const { fault, from, to } of faultSpans(history, bands)) {
    const at = last.get(fault);
    const before = at === undefined ? undefined : shaded[at];
    if (at !== undefined && before !== undefined && from <= before.to) {
      shaded[at] = { ...before, to: Math.max(to, before.to), harms: before.harms + 1 };
      continue;
    }
    last.set(fault, shaded.length);
    const colour = bands.find((band) => band.name === fault)?.colour ?? '';
    shaded.push({ name: fault, colour, from, to, harms: 1 });
  }
  return shaded;
}
