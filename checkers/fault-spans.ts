// What the nemesis did, read off the history: the spans in which each fault was in force, and the phases of the run.
// Pure, and knows no fault by name: a band says which calls begin it and which end it.

import type { History } from './history.ts';
import type { Json } from './json.ts';

/** A fault's calls and colours, as the harness describes them. */
export interface FaultBandLike {
  readonly name: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly colour: string;
}

/** What a nemesis op's completion carries as its value. */
export interface FaultOutcomeLike {
  readonly status: 'applied' | 'skipped' | 'failed';
  readonly reason?: string;
  readonly evidence: { readonly [subject: string]: Json };
}

export interface FaultSpan {
  /** The band's name. */
  readonly fault: string;
  /** Nanoseconds since the start of the run: the invocation of the call that did harm. */
  readonly from: number;
  /** The completion of the heal; the time of the history's last op when it was never healed. */
  readonly to: number;
  /** The invocation of the call that did harm, and its completion: from there on a probe had seen the harm. */
  readonly startIndex: number;
  readonly appliedIndex: number;
  /** The invocation of the heal, up to which the harm was in force, and its completion. Absent when never healed. */
  readonly healIndex?: number;
  readonly endIndex?: number;
  /** What the call asked for. */
  readonly value?: Json;
  readonly outcome: FaultOutcomeLike;
}

/** A nemesis call that completed, whatever became of it. */
export interface FaultCall {
  readonly f: string;
  readonly index: number;
  readonly completion: number;
  readonly outcome: FaultOutcomeLike;
}

/** Every nemesis call whose completion tells an outcome, by completion. */
export function faultCalls(history: History): FaultCall[] {
  const calls: FaultCall[] = [];
  for (let completion = 0; completion < history.length; completion++) {
    const index = history.partner(completion);
    if (!history.isNemesis(completion) || index === -1 || index > completion) continue;
    const outcome = outcomeOf(history.value(completion));
    if (outcome !== undefined) calls.push({ f: history.f(completion), index, completion, outcome });
  }
  return calls;
}

/**
 * A span begins with the invocation of each `from` call that applied, since harm may act from then on, and lasts until
 * the completion of the next `to` call of its band that applied, since until then a part of it may be in force: as wide
 * as it can have been. One heal ends all open spans of its band. Calls that were skipped or failed begin and end
 * nothing. By start.
 */
export function faultSpans(history: History, bands: readonly FaultBandLike[]): FaultSpan[] {
  const applied = faultCalls(history).filter(({ outcome }) => outcome.status === 'applied');
  return bands
    .flatMap((band) => spansOf(history, band, applied))
    .sort((a, b) => a.startIndex - b.startIndex || a.appliedIndex - b.appliedIndex);
}

function spansOf(history: History, band: FaultBandLike, applied: readonly FaultCall[]): FaultSpan[] {
  const endOfHistory = history.length === 0 ? 0 : history.time(history.length - 1);
  return applied
    .filter(({ f }) => band.from.includes(f))
    .map((start) => {
      const heal = applied.find(({ f, index }) => band.to.includes(f) && index > start.completion);
      const value = history.value(start.index);
      return {
        fault: band.name,
        from: history.time(start.index),
        to: heal === undefined ? endOfHistory : history.time(heal.completion),
        startIndex: start.index,
        appliedIndex: start.completion,
        ...(heal === undefined ? {} : { healIndex: heal.index, endIndex: heal.completion }),
        ...(value === undefined ? {} : { value }),
        outcome: start.outcome,
      };
    });
}

function outcomeOf(value: Json | undefined): FaultOutcomeLike | undefined {
  if (!isObject(value)) return undefined;
  const { status, reason, evidence } = value;
  if (status !== 'applied' && status !== 'skipped' && status !== 'failed') return undefined;
  return {
    status,
    ...(typeof reason === 'string' ? { reason } : {}),
    evidence: isObject(evidence) ? (evidence as { readonly [subject: string]: Json }) : {},
  };
}

function isObject(value: Json | undefined): value is { readonly [member: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type PhaseName = 'warm-up' | 'main' | 'recovery' | 'final';

export interface Phase {
  readonly name: PhaseName;
  /** Where it begins, and where the next one does (or the history ends): the ops from `index` to before `endIndex`. */
  readonly index: number;
  readonly endIndex: number;
  /** Nanoseconds since the start of the run. */
  readonly time: number;
  readonly endTime: number;
}

/**
 * The phases that the run marked by nemesis ops with f `phase` and the name as value. A phase begins at the first op
 * that names it; whether the mark is one op or has two ends makes no difference. What is before the first is set-up.
 */
export function phases(history: History): Phase[] {
  const marks: { name: PhaseName; index: number }[] = [];
  for (let index = 0; index < history.length; index++) {
    if (!history.isNemesis(index) || history.f(index) !== 'phase') continue;
    const name = history.value(index);
    if (isPhaseName(name) && marks.at(-1)?.name !== name) marks.push({ name, index });
  }
  return marks.map(({ name, index }, place) => {
    const endIndex = marks[place + 1]?.index ?? history.length;
    return {
      name,
      index,
      endIndex,
      time: history.time(index),
      endTime: history.time(Math.min(endIndex, history.length - 1)),
    };
  });
}

function isPhaseName(value: Json | undefined): value is PhaseName {
  return value === 'warm-up' || value === 'main' || value === 'recovery' || value === 'final';
}
