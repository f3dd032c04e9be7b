// What can be wrong with a queue or a stack, in words.

import type { Json } from '../../json.ts';
import type { Operation } from '../../op.ts';
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { list, noun, valueText, who } from '../words.ts';
import { beginOf, endOf, happened, isBefore, isDone, isSame } from './story-words.ts';

interface Names {
  readonly object: string;
  readonly into: string;
  readonly out: string;
  readonly put: string;
  readonly taken: string;
}

const queueNames: Names = {
  object: 'queue',
  into: 'enqueue',
  out: 'dequeue',
  put: 'enqueued',
  taken: 'dequeued',
};
const stackNames: Names = { object: 'stack', into: 'push', out: 'pop', put: 'pushed', taken: 'popped' };

export function queueStory<State>(evidence: Evidence<State>): Story | undefined {
  return commonStory(evidence, queueNames) ?? queueOrder(evidence);
}

export function stackStory<State>(evidence: Evidence<State>): Story | undefined {
  return commonStory(evidence, stackNames) ?? stackOrder(evidence);
}

function commonStory<State>(evidence: Evidence<State>, names: Names): Story | undefined {
  // What was there at the start was put in by nobody.
  const wasEmpty = evidence.model.describe(evidence.model.init()) === '[]';
  const counted = wasEmpty ? (neverPut(evidence, names) ?? takenTwice(evidence, names)) : undefined;
  return counted ?? wronglyEmpty(evidence, names);
}

/** Whoever may have put the value in before the culprit completed. */
function putsOf<State>(
  { all, shrunk }: Evidence<State>,
  { into }: Names,
  value: Json | undefined,
): Operation[] {
  return all.filter(
    ({ call, invokedAt, result }) =>
      call.f === into &&
      result?.mismatch !== true &&
      isSame(call.value, value) &&
      invokedAt < shrunk.culprit.completedAt,
  );
}

function neverPut<State>(evidence: Evidence<State>, names: Names): Story | undefined {
  const { all, shrunk } = evidence;
  const { culprit } = shrunk;
  const value = culprit.result?.value;
  if (culprit.call.f !== names.out || value === undefined) return undefined;
  if (putsOf(evidence, names, value).length > 0) return undefined;
  const later = all.find(({ call }) => call.f === names.into && isSame(call.value, value));
  const yet =
    later === undefined
      ? ''
      : ` yet: ${noun(later)} by ${who(later)} began only at ${beginOf(evidence, later)}`;
  return {
    shape: 'never-written',
    sentence: `value never ${names.put}: ${happened(evidence, culprit)}, which nobody had ${names.put}${yet}`,
    observed: [],
    because: [
      `no ${names.into} of ${valueText(value)} had begun by ${endOf(evidence, culprit)}, not even one whose outcome is unknown`,
    ],
  };
}

function takenTwice<State>(evidence: Evidence<State>, names: Names): Story | undefined {
  const { operations, culprit } = evidence.shrunk;
  const value = culprit.result?.value;
  if (culprit.call.f !== names.out || value === undefined) return undefined;
  const puts = putsOf(evidence, names, value);
  const takes = operations.filter(
    ({ call, result, completedAt }) =>
      call.f === names.out && isSame(result?.value, value) && completedAt <= culprit.completedAt,
  );
  const [first] = takes.filter(({ id }) => id !== culprit.id).sort((a, b) => a.completedAt - b.completedAt);
  if (first === undefined || takes.length <= puts.length) return undefined;
  const times = puts.length === 1 ? 'once only' : `${puts.length} times only`;
  return {
    shape: 'taken-twice',
    sentence:
      `${names.taken} twice: ${valueText(value)} was ${names.taken} by ${who(first)} at ${endOf(evidence, first)} ` +
      `and again by ${who(culprit)} at ${endOf(evidence, culprit)}, though it had been ${names.put} ${times}`,
    observed: [],
    because: [
      `only ${list(puts.slice(0, 5).map(noun))} can have put ${valueText(value)} into the ${names.object}, and whoever took it first left none`,
    ],
  };
}

function wronglyEmpty<State>(evidence: Evidence<State>, names: Names): Story | undefined {
  const { all, shrunk } = evidence;
  const { operations, culprit } = shrunk;
  const empty = [culprit, ...operations].find(
    (operation) =>
      operation.call.f === names.out && isDone(operation) && operation.result?.value === undefined,
  );
  if (empty === undefined) return undefined;
  const there = operations.find((operation) => {
    const { call } = operation;
    if (call.f !== names.into || !isBefore(operation, empty)) return false;
    const puts = putsOf(evidence, names, call.value);
    return (
      puts.length === 1 &&
      !all.some(
        (other) =>
          other.call.f === names.out &&
          other.invokedAt < empty.completedAt &&
          (other.result === undefined || isSame(other.result.value, call.value)),
      )
    );
  });
  if (there === undefined) return undefined;
  const taker = all.find(
    ({ call, result }) => call.f === names.out && isSame(result?.value, there.call.value),
  );
  const until =
    taker === undefined
      ? `nobody ever ${names.taken} it`
      : `nobody began to ${names.out} it before ${beginOf(evidence, taker)}`;
  return {
    shape: 'wrongly-empty',
    sentence:
      `lost value: ${happened(evidence, empty)}, ` +
      `though ${noun(there)} by ${who(there)} had been acknowledged at ${endOf(evidence, there)} and ${until}`,
    observed: [],
    because: [
      `from ${endOf(evidence, there)} on the ${names.object} held ${valueText(there.call.value)}, so it was not empty`,
    ],
  };
}

function queueOrder<State>(evidence: Evidence<State>): Story | undefined {
  const { pairs, takeOf } = pairsOf(evidence, queueNames);
  for (const [first, second] of pairs) {
    const late = takeOf(first);
    const early = takeOf(second);
    if (early === undefined || (late !== undefined && !isBefore(early, late))) continue;
    if (late === undefined && hasUnknownTake(evidence, queueNames)) continue;
    const [a, b] = [valueText(first.call.value), valueText(second.call.value)];
    const when =
      late === undefined ? 'had not come out' : `came out only after that, at ${endOf(evidence, late)}`;
    return {
      shape: 'out-of-order',
      sentence: `out of order: ${happened(evidence, early)}, though ${a} had been enqueued before it and ${when}`,
      observed: [],
      because: [
        `${noun(first)} had completed at ${endOf(evidence, first)}, before ${noun(second)} began at ${beginOf(evidence, second)}, so ${a} was ahead of ${b}`,
        `what is ahead comes out first, but ${b} was dequeued ${late === undefined ? `and ${a} was not` : `before the dequeue of ${a} had begun`}`,
      ],
    };
  }
  return undefined;
}

function stackOrder<State>(evidence: Evidence<State>): Story | undefined {
  const { pairs, takeOf } = pairsOf(evidence, stackNames);
  for (const [below, above] of pairs) {
    const early = takeOf(below);
    const late = takeOf(above);
    if (early === undefined || !isBefore(above, early)) continue;
    if (late !== undefined && !isBefore(early, late)) continue;
    if (late === undefined && hasUnknownTake(evidence, stackNames)) continue;
    const [a, b] = [valueText(below.call.value), valueText(above.call.value)];
    const when =
      late === undefined ? 'had not come off' : `came off only after that, at ${endOf(evidence, late)}`;
    return {
      shape: 'out-of-order',
      sentence: `out of order: ${happened(evidence, early)}, though ${b} lay on top of it and ${when}`,
      observed: [],
      because: [
        `${noun(below)} had completed at ${endOf(evidence, below)}, before ${noun(above)} began at ${beginOf(evidence, above)}, so ${b} came on top of ${a}`,
        `${noun(above)} had completed at ${endOf(evidence, above)}, before ${noun(early)} began at ${beginOf(evidence, early)}`,
      ],
    };
  }
  return undefined;
}

/** Pairs of values put in one after the other, each only once, and who took them. */
function pairsOf<State>(
  evidence: Evidence<State>,
  names: Names,
): { pairs: (readonly [Operation, Operation])[]; takeOf: (put: Operation) => Operation | undefined } {
  const { operations } = evidence.shrunk;
  const puts = operations.filter(
    (operation) =>
      operation.call.f === names.into &&
      isDone(operation) &&
      putsOf(evidence, names, operation.call.value).length === 1,
  );
  const pairs = puts.flatMap((a) => puts.filter((b) => isBefore(a, b)).map((b) => [a, b] as const));
  const takeOf = (put: Operation): Operation | undefined =>
    evidence.all.find(
      ({ call, result, completedAt }) =>
        call.f === names.out &&
        isSame(result?.value, put.call.value) &&
        completedAt <= evidence.shrunk.culprit.completedAt,
    );
  return { pairs, takeOf };
}

/** Somebody may have taken a value without being told, or without having been told yet. */
function hasUnknownTake<State>({ all, shrunk }: Evidence<State>, { out }: Names): boolean {
  const end = shrunk.culprit.completedAt;
  return all.some(
    ({ call, invokedAt, completedAt }) => call.f === out && invokedAt < end && completedAt > end,
  );
}
