// What can be wrong with an append-only list, in words.

import type { Operation } from '../../op.ts';
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { noun, valueText, who } from '../words.ts';
import { beginOf, endOf, happened, holds, isBefore, isDone, isSame, valuesIn } from './story-words.ts';

export function listStory<State>(evidence: Evidence<State>): Story | undefined {
  return neverAppended(evidence) ?? readsDisagree(evidence) ?? lostAppend(evidence) ?? backwards(evidence);
}

/** Those that completed no later than the culprit, the culprit first. */
function reads<State>({ shrunk }: Evidence<State>): Operation[] {
  const { operations, culprit } = shrunk;
  return [culprit, ...operations.filter(({ id }) => id !== culprit.id)].filter(
    (operation) =>
      operation.call.f === 'read' && isDone(operation) && operation.completedAt <= culprit.completedAt,
  );
}

function neverAppended<State>(evidence: Evidence<State>): Story | undefined {
  const { model, all, shrunk } = evidence;
  const { culprit } = shrunk;
  if (model.describe(model.init()) !== '[]') return undefined;
  const value = reads(evidence)
    .flatMap(({ result }) => valuesIn(result?.value))
    .find(
      (one) =>
        !all.some(
          ({ call, invokedAt }) =>
            call.f === 'append' && invokedAt < culprit.completedAt && isSame(call.value, one),
        ),
    );
  if (value === undefined) return undefined;
  return {
    shape: 'never-written',
    sentence: `value never appended: ${happened(evidence, culprit)}, though nobody had begun to append ${valueText(value)}`,
    observed: [],
    because: [
      `no append of ${valueText(value)} had begun by ${endOf(evidence, culprit)}, not even one whose outcome is unknown`,
    ],
  };
}

function readsDisagree<State>(evidence: Evidence<State>): Story | undefined {
  const all = reads(evidence);
  for (const [i, one] of all.entries()) {
    for (const other of all.slice(i + 1)) {
      const [left, right] = [valuesIn(one.result?.value), valuesIn(other.result?.value)];
      const at = left.findIndex((value, place) => place < right.length && !isSame(value, right[place]));
      if (at === -1) continue;
      return {
        shape: 'reads-disagree',
        sentence:
          `reads that contradict each other: ${happened(evidence, other)} and ${happened(evidence, one)}, ` +
          'though of a list that only grows one must be the beginning of the other',
        observed: [],
        because: [
          `at place ${at + 1} ${noun(other)} has ${valueText(right[at])} and ${noun(one)} has ${valueText(left[at])}, and what is appended once stays where it is`,
        ],
      };
    }
  }
  return undefined;
}

function lostAppend<State>(evidence: Evidence<State>): Story | undefined {
  for (const read of reads(evidence)) {
    const lost = evidence.shrunk.operations.find(
      (operation) =>
        operation.call.f === 'append' &&
        isDone(operation) &&
        isBefore(operation, read) &&
        !holds(valuesIn(read.result?.value), operation.call.value),
    );
    if (lost === undefined) continue;
    return {
      shape: 'lost-append',
      sentence:
        `lost append: ${noun(lost)} by ${who(lost)} was acknowledged at ${endOf(evidence, lost)}, ` +
        `but ${happened(evidence, read)}, without it`,
      observed: [],
      because: [
        `${noun(lost)} had completed at ${endOf(evidence, lost)}, before ${noun(read)} began at ${beginOf(evidence, read)}, and what is appended once stays in the list`,
      ],
    };
  }
  return undefined;
}

function backwards<State>(evidence: Evidence<State>): Story | undefined {
  const all = reads(evidence);
  for (const later of all) {
    const longer = all.find(
      (one) =>
        isBefore(one, later) && valuesIn(one.result?.value).length > valuesIn(later.result?.value).length,
    );
    if (longer === undefined) continue;
    return {
      shape: 'reads-backwards',
      sentence: `reads going backwards: ${happened(evidence, later)}, after ${happened(evidence, longer)}`,
      observed: [],
      because: [
        `${noun(longer)} had completed at ${endOf(evidence, longer)}, before ${noun(later)} began at ${beginOf(evidence, later)}, and a list that only grows gets no shorter`,
      ],
    };
  }
  return undefined;
}
