// Log replication as a leader sees it (§5.3): how far each follower is, what to send it next, which rounds it has
// answered. It knows nothing of time; what is lost is found out at the next heartbeat.

import { appendLimits, entriesInFlight } from './append-limits.ts';
import { assert } from './assert.ts';
import type { Log } from './log.ts';
import type { Index, Message, NodeId, Term } from './messages.ts';
import { reachedByQuorum } from './quorum.ts';
import type { Rules } from './rules.ts';

/** What is answered to an append of an older term. Rounds begin at 1, so it confirms nothing. */
export const noRound = 0;

type Append = Extract<Message, { kind: 'append' }>;
type Appended = Extract<Message, { kind: 'appended' }>;
type Refused = Extract<Message, { kind: 'refused' }>;

interface Progress {
  /**
   * `probing`: it is unknown where the logs agree; one append at a time goes out and is answered before the next.
   * `streaming`: appends follow each other without waiting, as if each would arrive.
   */
  mode: 'probing' | 'streaming';
  /** The next index to send. match < next always. */
  next: Index;
  /** The logs are known to be equal up to here. */
  match: Index;
  /** While probing: an append is on its way. */
  awaits: boolean;
  /** Whether anything came since the last heartbeat. */
  heard: boolean;
  /** The latest round it has answered in this term. */
  answeredRound: number;
}

export class Replication {
  readonly #log: Log;
  readonly #rules: Rules;
  readonly #followers: ReadonlyMap<NodeId, Progress>;
  #round: number;

  /** At the beginning of a leadership, before its no-op. Rounds go on from `round`: no number is used twice. */
  constructor(log: Log, followers: readonly NodeId[], round: number, rules: Rules) {
    this.#log = log;
    this.#rules = rules;
    this.#round = round;
    const next = log.lastIndex + 1;
    this.#followers = new Map(
      followers.map((id) => [
        id,
        { mode: 'probing', next, match: 0, awaits: false, heard: false, answeredRound: 0 },
      ]),
    );
  }

  get round(): number {
    return this.#round;
  }

  /** The latest round that a majority has answered; the leader answers its own at once. */
  get confirmedRound(): number {
    return this.#reached(this.#round, (progress) => progress.answeredRound);
  }

  /** The last index that a majority has; the leader counts its own log (see effects.ts for why it may). */
  get replicated(): Index {
    return this.#reached(this.#log.lastIndex, (progress) => progress.match);
  }

  /** From now on appends carry a new round. The caller sends one to every follower. */
  startRound(): void {
    this.#round += 1;
  }

  /** What went out a heartbeat ago and was not answered is taken for lost and sent again. */
  forgetUnanswered(): void {
    for (const progress of this.#followers.values()) {
      progress.awaits = false;
      if (!progress.heard && progress.mode === 'streaming' && progress.next > progress.match + 1) {
        probeFrom(progress, progress.match + 1);
      }
      progress.heard = false;
    }
  }

  /** Whether there are entries that this follower should be sent now. */
  hasNews(follower: NodeId): boolean {
    const progress = this.#progress(follower);
    return progress.next <= this.#log.lastIndex && maySendEntries(progress);
  }

  /** The append that this follower is to be sent next, taken as sent; without entries while it must not have more. */
  nextAppend(follower: NodeId, term: Term, commit: Index): Append {
    const progress = this.#progress(follower);
    const prevIndex = progress.next - 1;
    const prevTerm = this.#log.termAt(prevIndex);
    assert(prevTerm !== undefined, 'a leader sends what it has', {
      prevIndex,
      lastIndex: this.#log.lastIndex,
    });
    const entries = maySendEntries(progress) ? this.#log.sliceWithin(progress.next, appendLimits) : [];
    if (progress.mode === 'streaming') progress.next += entries.length;
    else progress.awaits = true;
    return { kind: 'append', term, prevIndex, prevTerm, entries, commit, round: this.#round };
  }

  /** Answers that are late or come twice change nothing: neither match nor a round ever goes back. */
  acceptAppended(follower: NodeId, { match, round }: Appended): void {
    const progress = this.#answered(follower, round);
    assert(match <= this.#log.lastIndex, 'a follower has no more of this log than its leader', {
      follower,
      match,
      lastIndex: this.#log.lastIndex,
    });
    progress.match = Math.max(progress.match, match);
    progress.next = Math.max(progress.next, progress.match + 1);
    if (progress.mode === 'probing') {
      progress.mode = 'streaming';
      progress.next = progress.match + 1;
    }
  }

  acceptRefused(follower: NodeId, refused: Refused): void {
    // It may name a term that the old leader leads by now, having forgotten in a crash which rounds it had used.
    if (refused.round === noRound) return;
    const progress = this.#answered(follower, refused.round);
    // A refusal is news only of the append it answers; any other is late, and acting on it would undo what came since.
    const isNews =
      progress.mode === 'probing'
        ? refused.prevIndex === progress.next - 1
        : refused.prevIndex > progress.match && refused.prevIndex < progress.next;
    if (isNews) probeFrom(progress, Math.max(progress.match + 1, this.#nextAfter(refused)));
  }

  // §5.3 at the end: one refusal skips a whole term, of the follower's log or of ours. Terms rise along a log, so below
  // the refused index nothing fits where ours is later than the conflicting one, and nothing of the follower's
  // conflicting term fits where we have none of it.
  #nextAfter({ prevIndex, conflictTerm, firstIndex }: Refused): Index {
    if (conflictTerm === undefined) return Math.min(prevIndex, firstIndex);
    let index = prevIndex - 1;
    while ((this.#log.termAt(index) ?? 0) > conflictTerm) index -= 1;
    return this.#log.termAt(index) === conflictTerm ? index + 1 : Math.min(index + 1, firstIndex);
  }

  #answered(follower: NodeId, round: number): Progress {
    assert(round <= this.#round, 'only rounds that were started are answered', {
      round,
      started: this.#round,
    });
    const progress = this.#progress(follower);
    progress.heard = true;
    progress.answeredRound = Math.max(progress.answeredRound, round);
    return progress;
  }

  #reached(own: number, of: (progress: Progress) => number): number {
    return reachedByQuorum([own, ...[...this.#followers.values()].map(of)], this.#rules.isQuorum);
  }

  #progress(follower: NodeId): Progress {
    const progress = this.#followers.get(follower);
    assert(progress !== undefined, 'a leader knows its followers', { follower });
    return progress;
  }
}

function probeFrom(progress: Progress, next: Index): void {
  progress.mode = 'probing';
  progress.next = next;
  progress.awaits = false;
}

function maySendEntries({ mode, awaits, next, match }: Progress): boolean {
  return mode === 'probing' ? !awaits : next - match <= entriesInFlight;
}
