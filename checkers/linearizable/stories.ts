// One template of words for each classic shape, and the honest rest: "no order of these operations fits".

import type { ViolationShape } from '../counterexample.ts';
import type { Operation } from '../op.ts';
import type { Evidence } from './evidence.ts';
import { hasOwnWords, objectStory } from './object-stories/object-stories.ts';
import { forcedOrder } from './why.ts';
import { isImpossible, sourcesOf } from './witness.ts';
import { clause, list, noun, seconds, valueText, who } from './words.ts';

export interface Story {
  readonly shape: ViolationShape;
  readonly sentence: string;
  /** What was seen besides the counterexample's own operations. */
  readonly observed: readonly string[];
  readonly because: readonly string[];
}

export function storyOf<State>(evidence: Evidence<State>): Story {
  const { model, shrunk } = evidence;
  if (hasOwnWords(model.name)) return objectStory(evidence) ?? noOrder(evidence);
  switch (shrunk.shape) {
    case 'never-written':
      return failedTookEffect(evidence) ?? neverWritten(evidence);
    case 'stale-read':
      return undoneWrite(evidence) ?? lostWrite(evidence) ?? staleRead(evidence);
    case 'reads-backwards':
      return readsBackwards(evidence);
    case 'double-cas':
      return doubleCas(evidence);
    case 'failed-took-effect':
    case 'lost-write':
    case 'other':
      return isImpossible(model, shrunk.culprit) ? impossible(evidence) : noOrder(evidence);
  }
  return shrunk.shape satisfies never;
}

function seenValue<State>({ model, shrunk }: Evidence<State>): string {
  const needs = model.move?.(shrunk.culprit.call, shrunk.culprit.result).needs;
  return needs === undefined ? 'it' : model.describe(needs.state);
}

function completion<State>({ history }: Evidence<State>, operation: Operation): string {
  return seconds(history.time(operation.completedAt));
}

function invocation<State>({ history }: Evidence<State>, operation: Operation): string {
  return seconds(history.time(operation.invokedAt));
}

function otherOf<State>({ shrunk }: Evidence<State>): Operation {
  return shrunk.operations.find(({ id }) => id !== shrunk.culprit.id) as Operation;
}

function neverWritten<State>(evidence: Evidence<State>): Story {
  const { model, all, shrunk } = evidence;
  const { culprit } = shrunk;
  const value = seenValue(evidence);
  const start = model.describe(model.init());
  const [later] = sourcesOf(model, all, culprit);
  const butLater =
    later === undefined
      ? ''
      : ` yet: ${noun(later)} by ${who(later)} began only at ${invocation(evidence, later)}`;
  return {
    shape: 'never-written',
    sentence:
      `value never written: ${clause(culprit)} at ${completion(evidence, culprit)}, ` +
      `which nobody had written${butLater}`,
    observed: [],
    because: [
      `no operation that began before ${completion(evidence, culprit)} could have left ${value} behind, ` +
        'not even one whose outcome is unknown',
      start === 'absent' ? 'the key was absent at the start' : `the value at the start was ${start}`,
    ],
  };
}

/** The value that nobody had written was that of an operation that had certainly failed. */
function failedTookEffect<State>(evidence: Evidence<State>): Story | undefined {
  const { history, model, key, shrunk } = evidence;
  const { culprit } = shrunk;
  const needs = model.move?.(culprit.call, culprit.result).needs;
  if (needs === undefined) return undefined;
  for (let index = 0; index < culprit.completedAt; index++) {
    const end = history.partner(index);
    if (history.type(index) !== 'invoke' || end === -1 || history.type(end) !== 'fail') continue;
    if (history.isNemesis(index) || (model.keyed && history.key(index) !== key)) continue;
    const call = { f: history.f(index), value: history.value(index) ?? null };
    const leaves = model.move?.(call, undefined).leaves;
    if (leaves === undefined || model.key(leaves.state) !== model.key(needs.state)) continue;
    const node = history.node(index);
    const process = history.process(index) as number;
    const failed = {
      id: index,
      process,
      ...(node === undefined ? {} : { node }),
      call,
      invokedAt: index,
      completedAt: end,
    };
    const error = history.error(end)?.code;
    const reported = `reported as certainly failed at ${seconds(history.time(end))}${error === undefined ? '' : ` (${error})`}`;
    return {
      shape: 'failed-took-effect',
      sentence:
        `failed operation took effect: ${clause(culprit)} at ${completion(evidence, culprit)}, ` +
        `though ${noun(failed)} was ${reported}`,
      observed: [
        `${seconds(history.time(index))} to ${seconds(history.time(end))}: ` +
          `${noun(failed)} by ${who(failed)} was ${reported}`,
      ],
      because: [
        `a failed operation has no effect, and nothing else that had begun could have left ${seenValue(evidence)} behind`,
      ],
    };
  }
  return undefined;
}

function acknowledged(operation: Operation): string {
  return `${noun(operation)} had been acknowledged`;
}

function staleRead<State>(evidence: Evidence<State>): Story {
  const { culprit } = evidence.shrunk;
  const newer = otherOf(evidence);
  return {
    shape: 'stale-read',
    sentence:
      `stale read: ${clause(culprit)} at ${completion(evidence, culprit)}, ` +
      `though ${acknowledged(newer)} at ${completion(evidence, newer)}`,
    observed: [],
    because: becauseOver(evidence, newer),
  };
}

/**
 * An operation that is carried out where the value is kept, a cas, found the old one although a newer one had been
 * acknowledged: a copy that lags behind answers reads, but takes no cas.
 */
function undoneWrite<State>(evidence: Evidence<State>): Story | undefined {
  const { model, all, shrunk } = evidence;
  const lost = otherOf(evidence);
  const old = model.move?.(shrunk.culprit.call, shrunk.culprit.result).needs;
  if (old === undefined || model.move?.(lost.call, lost.result).leaves === undefined) return undefined;
  if (sourcesOf(model, all, shrunk.culprit).some(({ invokedAt }) => invokedAt > lost.invokedAt))
    return undefined;
  const found = [shrunk.culprit, ...all].find(({ call, result, invokedAt }) => {
    if (result === undefined || invokedAt < lost.completedAt) return false;
    const changes = model.move?.(call, undefined).leaves !== undefined;
    const needs = model.move?.(call, result).needs;
    return changes && needs !== undefined && model.key(needs.state) === model.key(old.state);
  });
  if (found === undefined) return undefined;
  return {
    shape: 'lost-write',
    sentence:
      `lost write: ${noun(lost)} by ${who(lost)} was acknowledged at ${completion(evidence, lost)}, ` +
      `but ${clause(found)} at ${completion(evidence, found)}`,
    observed: [],
    because: [
      ...becauseOver(evidence, lost),
      `${noun(found)} is no read that a copy may have answered: it was carried out where the value is kept`,
    ],
  };
}

/** A stale read of which there are more, while nobody ever saw what was written. */
function lostWrite<State>(evidence: Evidence<State>): Story | undefined {
  const { model, all, shrunk } = evidence;
  const lost = otherOf(evidence);
  const left = model.move?.(lost.call, lost.result).leaves;
  if (left === undefined) return undefined;
  if (sourcesOf(model, all, shrunk.culprit).some(({ invokedAt }) => invokedAt > lost.invokedAt))
    return undefined;
  const observers = all.filter(
    ({ call, result }) => result !== undefined && model.move?.(call, result).needs,
  );
  const sees = (operation: Operation, state: State): boolean => {
    const needs = model.move?.(operation.call, operation.result).needs;
    return needs !== undefined && model.key(needs.state) === model.key(state);
  };
  const old = model.move?.(shrunk.culprit.call, shrunk.culprit.result).needs;
  if (old === undefined || observers.some((observer) => sees(observer, left.state))) return undefined;
  const stale = observers.filter(
    (observer) => observer.invokedAt > lost.completedAt && sees(observer, old.state),
  );
  if (stale.length < 2 || isSeenSuperseded(evidence, lost, stale)) return undefined;
  const others = stale.filter(({ id }) => id !== shrunk.culprit.id).map(({ id }) => id);
  return {
    shape: 'lost-write',
    sentence:
      `lost write: ${noun(lost)} by ${who(lost)} was acknowledged at ${completion(evidence, lost)}, ` +
      `but nobody ever saw it, and ${clause(shrunk.culprit)} at ${completion(evidence, shrunk.culprit)}`,
    observed: [],
    because: [
      ...becauseOver(evidence, lost),
      `${seenValue(evidence)} was seen again later by ${list(numbered(others))}`,
    ],
  };
}

/**
 * Somebody had seen what came after the write before one of the stale observers began: then the write was not lost, it
 * was overwritten, and the observers are behind.
 */
function isSeenSuperseded<State>(
  { model, all }: Evidence<State>,
  lost: Operation,
  stale: readonly Operation[],
): boolean {
  const lastStale = stale.reduce((last, { invokedAt }) => Math.max(last, invokedAt), 0);
  const firstSource = new Map<string | number, number>();
  for (const { call, result, invokedAt } of all) {
    const left = model.move?.(call, result).leaves;
    if (left === undefined) continue;
    const key = model.key(left.state);
    firstSource.set(key, Math.min(invokedAt, firstSource.get(key) ?? Infinity));
  }
  return all.some(({ call, result, completedAt }) => {
    const seen = result === undefined ? undefined : model.move?.(call, result).needs;
    if (seen === undefined || completedAt > lastStale) return false;
    return (firstSource.get(model.key(seen.state)) ?? 0) > lost.invokedAt;
  });
}

function readsBackwards<State>(evidence: Evidence<State>): Story {
  const { culprit } = evidence.shrunk;
  const newer = otherOf(evidence);
  return {
    shape: 'reads-backwards',
    sentence:
      `reads going backwards: ${clause(culprit)} at ${completion(evidence, culprit)} ` +
      `after ${clause(newer)}, which is newer, at ${completion(evidence, newer)}`,
    observed: [],
    because: becauseOver(evidence, newer),
  };
}

/** `newer` came before the culprit, and after it the culprit's value could not come back. */
function becauseOver<State>(evidence: Evidence<State>, newer: Operation): string[] {
  const { culprit } = evidence.shrunk;
  return [
    `${noun(newer)} had completed at ${completion(evidence, newer)}, before ${noun(culprit)} began ` +
      `at ${invocation(evidence, culprit)}, so it comes first`,
    `${whyOver(evidence, newer)}, so after it the value cannot be ${seenValue(evidence)} any more`,
  ];
}

function whyOver<State>(evidence: Evidence<State>, newer: Operation): string {
  const { model } = evidence;
  const value = seenValue(evidence);
  const sources = sourcesBefore(evidence);
  const ids = list(numbered(sources.map(({ id }) => id)));
  const needs = model.move?.(newer.call, newer.result).needs;
  if (needs !== undefined && model.describe(needs.state) === value) {
    const once = sources.length === 0 ? wasThere(value) : `${value} came up only once, by ${ids}`;
    return `${once}, and ${noun(newer)} took it away`;
  }
  if (sources.length === 0) return wasThere(value);
  const open = sources.filter(({ completedAt }) => completedAt > newer.invokedAt).map(({ id }) => id);
  const seen =
    open.length === 0 ? '' : ` (${list(numbered(open))} had not completed, but its value had been seen)`;
  return (
    `only ${ids} can have left ${value} behind, and had taken effect${seen} ` +
    `before ${noun(newer)} began at ${invocation(evidence, newer)}`
  );
}

function wasThere(value: string): string {
  const there = value === 'absent' ? 'the key was absent' : `the value was ${value}`;
  return `${there} at the start, and nobody had begun to bring that back`;
}

function sourcesBefore<State>({ model, all, shrunk }: Evidence<State>): Operation[] {
  const { culprit } = shrunk;
  return sourcesOf(model, all, culprit).filter(({ invokedAt }) => invokedAt < culprit.completedAt);
}

/** At most five, since a value of a small domain may have hundreds of writers. */
function numbered(ids: readonly number[]): string[] {
  const shown = ids.slice(0, 5).map((id) => `operation ${id}`);
  return ids.length > shown.length ? [...shown, `${ids.length - shown.length} more`] : shown;
}

function doubleCas<State>(evidence: Evidence<State>): Story {
  const { model, all, shrunk } = evidence;
  const { culprit } = shrunk;
  const rival = otherOf(evidence);
  const value = seenValue(evidence);
  const [source] = sourcesOf(model, all, culprit).filter(({ invokedAt }) => invokedAt < culprit.completedAt);
  return {
    shape: 'double-cas',
    sentence:
      `two successful cas from one value: ${noun(rival)} by ${who(rival)} and ${noun(culprit)} by ${who(culprit)}, ` +
      `acknowledged at ${completion(evidence, rival)} and ${completion(evidence, culprit)}, though ${value} came up once only`,
    observed: [],
    because: [
      source === undefined ? wasThere(value) : `only ${noun(source)} can have left ${value} behind`,
      `whichever of the two came first took ${value} away, so the other could not have found it`,
    ],
  };
}

function impossible<State>(evidence: Evidence<State>): Story {
  const { call, result } = evidence.shrunk.culprit;
  return {
    shape: 'other',
    sentence:
      `impossible answer: ${clause(evidence.shrunk.culprit)} at ${completion(evidence, evidence.shrunk.culprit)}, ` +
      `though that is the very value it asked for (${noun(evidence.shrunk.culprit)})`,
    observed: [],
    because: [`a ${call.f} that finds ${valueText(result?.value)} where it asked for it must succeed`],
  };
}

function noOrder<State>(evidence: Evidence<State>): Story {
  const { operations, culprit } = evidence.shrunk;
  const forced = forcedOrder(evidence.history, operations);
  return {
    shape: 'other',
    sentence:
      `no order of these ${operations.length} operations explains them; ` +
      `the last to complete: ${clause(culprit)} at ${completion(evidence, culprit)} (operation ${culprit.id})`,
    observed: [],
    because:
      forced.length > 0
        ? forced
        : ['all of them were open at the same time, and none of their orders is legal'],
  };
}
