// What a step wants done, collected while it runs, and several such lists joined into one.
//
// The order of duties, persist → send → apply → answer, is part of the algorithm. A leader counts itself into the
// majority in the step in which it appends, before its disk has the entry; so a commit may be decided in the very step
// (of a cluster of one: always) or in the very batch that appends the entry. It is a promise only because nothing
// leaves the node, no message, no applied result and no answer, before everything decided up to then is on disk.

import { appendLimits } from './append-limits.ts';
import type { Answer, Effects, Entry, Envelope, HardState, Index, Message, NodeId } from './messages.ts';

type Persist = NonNullable<Effects['persist']>;

/** The effects of one step while it runs. */
export class EffectsDraft {
  hardState: HardState | undefined;
  truncateFrom: Index | undefined;
  readonly append: Entry[] = [];
  readonly send: Envelope[] = [];
  readonly apply: Entry[] = [];
  readonly answers: Answer[] = [];

  finish(): Effects {
    const { hardState, truncateFrom, append, send, apply, answers } = this;
    const changes = hardState !== undefined || truncateFrom !== undefined || append.length > 0;
    return { ...(changes && { persist: persistOf(hardState, truncateFrom, append) }), send, apply, answers };
  }
}

/**
 * One list of duties that stands for those of consecutive steps of one node. It is as safe as doing them one by one: a
 * crash before the sync is a crash before the first of the steps, with all that they received lost on the way; after
 * it, the disk is as the last step left it, and to the others the earlier messages are merely late. That holds also
 * when an entry that an early step acknowledged is truncated by a later one: it was overwritten in the order of terms.
 */
export function mergeEffects(list: readonly Effects[]): Effects {
  const only = list.length === 1 ? list[0] : undefined;
  if (only !== undefined) return only;
  const persist = list.flatMap((effects) => effects.persist ?? []).reduce(mergePersist, undefined);
  return {
    ...(persist && { persist }),
    send: joinAppends(list.flatMap((effects) => effects.send)),
    apply: list.flatMap((effects) => effects.apply),
    answers: list.flatMap((effects) => effects.answers),
  };
}

// What truncates also appends, so an emptied `append` is never left behind for the next step to be compared with.
function mergePersist(earlier: Persist | undefined, later: Persist): Persist {
  if (earlier === undefined) return later;
  const hardState = later.hardState ?? earlier.hardState;
  const cut = later.truncateFrom ?? Number.POSITIVE_INFINITY;
  const append = [...earlier.append.filter((entry) => entry.index < cut), ...later.append];
  // A cut inside what has not been written yet costs the disk nothing.
  const isOnDisk = cut < (earlier.append[0]?.index ?? Number.POSITIVE_INFINITY);
  const diskCut = Math.min(earlier.truncateFrom ?? Number.POSITIVE_INFINITY, isOnDisk ? cut : Infinity);
  return persistOf(hardState, Number.isFinite(diskCut) ? diskCut : undefined, append);
}

function persistOf(
  hardState: HardState | undefined,
  truncateFrom: Index | undefined,
  append: readonly Entry[],
): Persist {
  return { ...(hardState && { hardState }), ...(truncateFrom !== undefined && { truncateFrom }), append };
}

/** Appends to the same peer that continue each other become one: many proposals in a batch, one message. */
function joinAppends(envelopes: readonly Envelope[]): readonly Envelope[] {
  const joined: Envelope[] = [];
  const lastTo = new Map<NodeId, number>();
  for (const envelope of envelopes) {
    const position = lastTo.get(envelope.to);
    const previous = position === undefined ? undefined : joined[position];
    const message = previous && joinedAppend(previous.message, envelope.message);
    if (position !== undefined && message !== undefined) {
      joined[position] = { ...envelope, message };
    } else {
      lastTo.set(envelope.to, joined.push(envelope) - 1);
    }
  }
  return joined;
}

function joinedAppend(first: Message, second: Message): Message | undefined {
  if (first.kind !== 'append' || second.kind !== 'append' || first.term !== second.term) return undefined;
  if (second.prevIndex !== first.prevIndex + first.entries.length) return undefined;
  const entries = [...first.entries, ...second.entries];
  const dataLength = entries.reduce((total, entry) => total + entry.data.length, 0);
  if (entries.length > appendLimits.entries || dataLength > appendLimits.dataLength) return undefined;
  // The round may be the later one: nothing of this message has been sent before the later round started.
  return { ...second, prevIndex: first.prevIndex, prevTerm: first.prevTerm, entries };
}
