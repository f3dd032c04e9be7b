// What can be wrong with a lock, in words.

import type { Operation } from '../../op.ts';
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { noun, valueText, who } from '../words.ts';
import { beginOf, endOf, happened, isBefore, isDone, isSame } from './story-words.ts';

export function lockStory<State>(evidence: Evidence<State>): Story | undefined {
  return tokenBack(evidence) ?? twoHolders(evidence) ?? notHolder(evidence);
}

function acquires(operation: Operation): boolean {
  return operation.call.f === 'acquire' && isDone(operation);
}

function twoHolders<State>(evidence: Evidence<State>): Story | undefined {
  const { all, shrunk } = evidence;
  const both = shrunk.operations.filter(acquires).sort((a, b) => a.completedAt - b.completedAt);
  for (const [i, second] of both.entries()) {
    const first = both
      .slice(0, i)
      .findLast((one) =>
        all.every(
          ({ call, result, invokedAt, completedAt }) =>
            call.f !== 'release' ||
            result?.mismatch === true ||
            invokedAt > second.completedAt ||
            completedAt < Math.min(one.invokedAt, second.invokedAt),
        ),
      );
    if (first === undefined) continue;
    return {
      shape: 'two-holders',
      sentence:
        `two holders: ${happened(evidence, first)} and ${happened(evidence, second)}, ` +
        'and nobody had begun to release it in between',
      observed: [],
      because: [
        'whichever of the two came first held it when the other acquired it, and only a release could have freed it',
      ],
    };
  }
  return undefined;
}

/** Released by who had not acquired it since he last released it. */
function notHolder<State>(evidence: Evidence<State>): Story | undefined {
  const { all, shrunk } = evidence;
  const { culprit } = shrunk;
  if (culprit.call.f !== 'release' || !isDone(culprit)) return undefined;
  const owner = culprit.call.value;
  const isOwn = ({ call }: Operation): boolean => owner === undefined || isSame(call.value, owner);
  const began = all.filter((operation) => isOwn(operation) && operation.invokedAt < culprit.completedAt);
  const acquired = began.filter(({ call, result }) => call.f === 'acquire' && result?.mismatch !== true);
  const released = began.filter(
    (operation) =>
      operation.call.f === 'release' && isDone(operation) && operation.completedAt <= culprit.completedAt,
  );
  if (acquired.length >= released.length) return undefined;
  const holder = all.findLast(
    (operation) =>
      owner !== undefined &&
      acquires(operation) &&
      !isSame(operation.call.value, owner) &&
      isBefore(operation, culprit) &&
      !all.some(
        ({ call, invokedAt }) =>
          call.f === 'release' &&
          isSame(call.value, operation.call.value) &&
          invokedAt > operation.invokedAt &&
          invokedAt < culprit.completedAt,
      ),
  );
  const name = owner === undefined ? 'nobody' : valueText(owner);
  const had =
    acquired.length === 0
      ? `${name} had ${owner === undefined ? '' : 'never '}acquired it`
      : `${name} had ${owner === undefined ? '' : 'not '}acquired it again`;
  const held = holder === undefined ? '' : ` and ${who(holder)} held it since ${endOf(evidence, holder)}`;
  return {
    shape: 'released-by-another',
    sentence: `released by one who did not hold it: ${happened(evidence, culprit)}, though ${had}${held}`,
    observed: [],
    because: [
      `${acquired.length} acquires and ${released.length} releases of ${owner === undefined ? 'the lock' : name} had begun by ${endOf(evidence, culprit)}, and each release needs an acquire before it`,
    ],
  };
}

function tokenBack<State>(evidence: Evidence<State>): Story | undefined {
  const withToken = evidence.shrunk.operations.filter(
    (operation) => acquires(operation) && typeof operation.result?.value === 'number',
  );
  for (const later of withToken) {
    const earlier = withToken.find(
      (one) => isBefore(one, later) && (one.result?.value as number) >= (later.result?.value as number),
    );
    if (earlier === undefined) continue;
    return {
      shape: 'token-went-back',
      sentence: `token went back: ${happened(evidence, later)}, after ${happened(evidence, earlier)}`,
      observed: [],
      because: [
        `${noun(earlier)} had completed at ${endOf(evidence, earlier)}, before ${noun(later)} began at ${beginOf(evidence, later)}`,
        `each token has to be larger than all before it, but ${valueText(later.result?.value)} is not larger than ${valueText(earlier.result?.value)}`,
      ],
    };
  }
  return undefined;
}
