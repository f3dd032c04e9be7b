// What a step wants done, collected while it runs, and several such lists joined into one.
//
// The order of duties, persist → send → apply → answer, is part of the algorithm. A leader counts itself into the
// majority in the step in which it appends, before its disk has the entry; so a commit may be decided in the very step
// (of a cluster of one: always) or in the very batch that appends the entry. It is a promise only because nothing
// leaves the node, no message, no applied result and no answer, before everything decided up to then is on disk.

import { appendLimits } from './append-limits.ts';
import type { Answer, Effects, Entry, Envelope, HardState, Index, Message, NodeId } from './messages.ts';

type Persist = NonNullable<Effects['persist']>;
type Append = Extract<Message, { kind: 'append' }>;

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
  const persist = mergePersists(list.flatMap((effects) => effects.persist ?? []));
  return {
    ...(persist && { persist }),
    send: joinAppends(list.flatMap((effects) => effects.send)),
    apply: list.flatMap((effects) => effects.apply),
    answers: list.flatMap((effects) => effects.answers),
  };
}

// What truncates also appends, so `append` is never empty where something was cut out of it.
function mergePersists(list: readonly Persist[]): Persist | undefined {
  if (list.length === 0) return undefined;
  let hardState: HardState | undefined;
  let truncateFrom: Index | undefined;
  const append: Entry[] = [];
  for (const next of list) {
    hardState = next.hardState ?? hardState;
    if (next.truncateFrom !== undefined) {
      // A cut inside what has not been written yet costs the disk nothing.
      const first = append[0]?.index ?? Number.POSITIVE_INFINITY;
      if (next.truncateFrom < first) truncateFrom = Math.min(truncateFrom ?? first, next.truncateFrom);
      append.length = Math.max(0, Math.min(append.length, next.truncateFrom - first));
    }
    append.push(...next.append);
  }
  return persistOf(hardState, truncateFrom, append);
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
  const open = new Map<NodeId, { readonly position: number; readonly run: AppendRun }>();
  for (const envelope of envelopes) {
    const { to, message } = envelope;
    const last = open.get(to);
    if (message.kind !== 'append') {
      open.delete(to);
      joined.push(envelope);
    } else if (last?.run.continueWith(message)) {
      joined[last.position] = { ...envelope, message: last.run.joined };
    } else {
      open.set(to, { position: joined.push(envelope) - 1, run: new AppendRun(message) });
    }
  }
  return joined;
}

/** Appends that continue each other, as one. */
class AppendRun {
  readonly #first: Append;
  readonly #entries: Entry[];
  #last: Append;
  #dataLength = 0;

  constructor(first: Append) {
    this.#first = first;
    this.#last = first;
    this.#entries = [...first.entries];
    this.#dataLength = dataLengthOf(first.entries);
  }

  /** Whether it does continue, within what one append may carry; then it is taken in. */
  continueWith(next: Append): boolean {
    const count = this.#entries.length + next.entries.length;
    const dataLength = this.#dataLength + dataLengthOf(next.entries);
    if (next.term !== this.#first.term) return false;
    if (next.prevIndex !== this.#first.prevIndex + this.#entries.length) return false;
    if (count > appendLimits.entries || dataLength > appendLimits.dataLength) return false;
    this.#entries.push(...next.entries);
    this.#dataLength = dataLength;
    this.#last = next;
    return true;
  }

  /** The round is that of the last: nothing of this message has been sent before that round started. */
  get joined(): Append {
    const { prevIndex, prevTerm } = this.#first;
    return { ...this.#last, prevIndex, prevTerm, entries: this.#entries };
  }
}

function dataLengthOf(entries: readonly Entry[]): number {
  return entries.reduce((total, { data }) => total + data.length, 0);
}
