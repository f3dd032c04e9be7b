// What can be wrong with a map whose calls touch several keys at once, in words.

import type { Json } from '../../json.ts';
import type { Operation } from '../../op.ts';
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { noun, valueText } from '../words.ts';
import { beginOf, endOf, happened, isBefore, isDone, isSame, valuesIn } from './story-words.ts';

type Members = { readonly [key: string]: Json | undefined };

function members(value: Json | undefined): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

/** What the call leaves at the key: of a cas the second of the pair. */
function leaves({ call, result }: Operation, key: string): Json | undefined {
  if (result?.mismatch === true) return undefined;
  const value = members(call.value)[key];
  return call.f === 'cas' ? valuesIn(value)[1] : call.f === 'write' ? value : undefined;
}

/** A read that saw a part of a write, and at another key what was there before it. */
export function mapStory<State>(evidence: Evidence<State>): Story | undefined {
  const { model, all, shrunk } = evidence;
  const { culprit, operations } = shrunk;
  if (culprit.call.f !== 'read' || !isDone(culprit)) return undefined;
  const seen = members(culprit.result?.value);
  const keys = valuesIn(culprit.call.value).filter((key) => typeof key === 'string');
  const began = all.filter(({ invokedAt }) => invokedAt < culprit.completedAt);
  for (const write of operations) {
    const touched = keys.filter((key) => leaves(write, key) !== undefined);
    const fresh = touched.find(
      (key) =>
        isSame(seen[key], leaves(write, key)) &&
        began.every((other) => other === write || !isSame(leaves(other, key), seen[key])),
    );
    const old = touched.find((key) => {
      if (fresh === undefined || isSame(seen[key], leaves(write, key))) return false;
      // Absent, or left by nobody who did not finish before this write began.
      if (seen[key] === undefined) return model.describe(model.init()) === '{}';
      return began
        .filter((other) => isSame(leaves(other, key), seen[key]))
        .every((other) => isBefore(other, write));
    });
    if (fresh === undefined || old === undefined) continue;
    const [a, b] = [valueText(fresh), valueText(old)];
    return {
      shape: 'torn-read',
      sentence:
        `torn read: ${happened(evidence, culprit)}, with ${a} as ${noun(write)} left it ` +
        `and ${b} as it had been before, though that ${write.call.f} changes both at once`,
      observed: [],
      because: [
        `only ${noun(write)} can have left ${valueText(seen[fresh])} at ${a}, so it comes before ${noun(culprit)}`,
        `${seen[old] === undefined ? `${b} was absent only at the start` : `whatever left ${valueText(seen[old])} at ${b} had completed before ${beginOf(evidence, write)}`}, ` +
          `and the ${write.call.f} put ${valueText(leaves(write, old))} there by ${endOf(evidence, culprit)}`,
      ],
    };
  }
  return undefined;
}
