// What can be wrong with a counter, in words.

import type { Operation } from '../../op.ts';
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { beginOf, endOf, happened, isBefore, isDone } from './story-words.ts';

/** A value that no choice of the adds that were open then can make. */
export function counterStory<State>(evidence: Evidence<State>): Story | undefined {
  const { model, all, shrunk } = evidence;
  const { culprit } = shrunk;
  const seen = culprit.result?.value;
  const start: unknown = model.init();
  if (
    culprit.call.f !== 'read' ||
    !isDone(culprit) ||
    typeof seen !== 'number' ||
    typeof start !== 'number'
  ) {
    return undefined;
  }
  const adds = all.filter(
    (operation) =>
      operation.call.f === 'add' &&
      operation.result?.mismatch !== true &&
      operation.invokedAt < culprit.completedAt,
  );
  const sum = (some: readonly Operation[]): number =>
    some.reduce((total, { call }) => total + (typeof call.value === 'number' ? call.value : 0), 0);
  const surely = start + sum(adds.filter((add) => isBefore(add, culprit)));
  const open = adds.filter((add) => !isBefore(add, culprit));
  const least = surely + sum(open.filter(({ call }) => (call.value as number) < 0));
  const most = surely + sum(open.filter(({ call }) => (call.value as number) > 0));
  if (seen >= least && seen <= most) return undefined;
  const allowed = least === most ? `it was ${least}` : `it was from ${least} to ${most}`;
  return {
    shape: 'impossible-count',
    sentence: `impossible count: ${happened(evidence, culprit)}, though ${allowed} all the while`,
    observed: [],
    because: [
      `what had been added before ${beginOf(evidence, culprit)} makes ${surely}`,
      open.length === 0
        ? `nothing else had begun to be added by ${endOf(evidence, culprit)}`
        : `what was being added then, or has an unknown outcome, makes it ${least} at least and ${most} at most`,
    ],
  };
}
