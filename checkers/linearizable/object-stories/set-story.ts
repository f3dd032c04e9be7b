// What can be wrong with a set, in words.

import type { Json } from '../../json.ts';
import type { Operation } from '../../op.ts';
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { noun, valueText, who } from '../words.ts';
import { beginOf, endOf, happened, holds, isBefore, isDone, isSame, valuesIn } from './story-words.ts';

export function setStory<State>(evidence: Evidence<State>): Story | undefined {
  return lostElement(evidence) ?? resurrected(evidence) ?? notInOneOrder(evidence);
}

/** Whether an observer saw the element in the set; undefined: it told nothing of it. */
function sees(operation: Operation, element: Json | undefined): boolean | undefined {
  const { call, result } = operation;
  if (!isDone(operation)) return undefined;
  if (call.f === 'read') return holds(valuesIn(result?.value), element);
  return call.f === 'contains' && isSame(call.value, element) ? result?.value === true : undefined;
}

/** Adds or removes of the element which may have taken effect by the end of this operation. */
function changesOf<State>(
  { all }: Evidence<State>,
  f: string,
  element: Json | undefined,
  by: Operation,
): Operation[] {
  return all.filter(
    ({ call, result, invokedAt }) =>
      call.f === f &&
      isSame(call.value, element) &&
      result?.value !== false &&
      result?.mismatch !== true &&
      invokedAt < by.completedAt,
  );
}

function lostElement<State>(evidence: Evidence<State>): Story | undefined {
  const { operations } = evidence.shrunk;
  for (const added of operations.filter((operation) => operation.call.f === 'add' && isDone(operation))) {
    const element = added.call.value;
    const missed = operations.find((other) => isBefore(added, other) && sees(other, element) === false);
    if (missed === undefined || changesOf(evidence, 'remove', element, missed).length > 0) continue;
    return {
      shape: 'lost-element',
      sentence:
        `lost element: ${noun(added)} by ${who(added)} was acknowledged at ${endOf(evidence, added)}, ` +
        `but ${happened(evidence, missed)}, and nobody had begun to remove it`,
      observed: [],
      because: [
        `${noun(added)} had completed at ${endOf(evidence, added)}, before ${noun(missed)} began at ${beginOf(evidence, missed)}, so it comes first`,
        `no remove of ${valueText(element)} had begun by ${endOf(evidence, missed)}, so it was still in the set`,
      ],
    };
  }
  return undefined;
}

function resurrected<State>(evidence: Evidence<State>): Story | undefined {
  const { operations } = evidence.shrunk;
  for (const removed of operations.filter(
    (operation) => operation.call.f === 'remove' && isDone(operation),
  )) {
    const element = removed.call.value;
    const seen = operations.find((other) => isBefore(removed, other) && sees(other, element) === true);
    if (seen === undefined) continue;
    const adds = changesOf(evidence, 'add', element, seen);
    if (adds.some((add) => !isBefore(add, removed))) continue;
    return {
      shape: 'resurrected-element',
      sentence:
        `resurrected element: ${noun(removed)} by ${who(removed)} was acknowledged at ${endOf(evidence, removed)}, ` +
        `but ${happened(evidence, seen)}, and nobody had begun to add it again`,
      observed: [],
      because: [
        `${noun(removed)} had completed at ${endOf(evidence, removed)}, before ${noun(seen)} began at ${beginOf(evidence, seen)}, so it comes first`,
        `every add of ${valueText(element)} had completed before ${beginOf(evidence, removed)}, when it began to be removed`,
      ],
    };
  }
  return undefined;
}

function notInOneOrder<State>(evidence: Evidence<State>): Story | undefined {
  const { operations, culprit } = evidence.shrunk;
  const reads = operations.filter((operation) => operation.call.f === 'read' && isDone(operation));
  for (const [i, one] of reads.entries()) {
    for (const other of reads.slice(i + 1)) {
      const [left, right] = [valuesIn(one.result?.value), valuesIn(other.result?.value)];
      const a = left.find((value) => !holds(right, value));
      const b = right.find((value) => !holds(left, value));
      if (a === undefined || b === undefined) continue;
      if ([a, b].some((value) => changesOf(evidence, 'remove', value, culprit).length > 0)) continue;
      const [first, second] = [valueText(a), valueText(b)];
      return {
        shape: 'reads-disagree',
        sentence:
          `reads not in one order: ${who(one)} saw ${first} without ${second} by ${endOf(evidence, one)}, ` +
          `and ${who(other)} saw ${second} without ${first} by ${endOf(evidence, other)}, though neither was ever removed`,
        observed: [],
        because: [
          `${noun(one)} needs ${first} to be added before ${second}`,
          `${noun(other)} needs ${second} to be added before ${first}`,
        ],
      };
    }
  }
  return undefined;
}
