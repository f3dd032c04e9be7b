// Linearizable reads without a log entry (§8): a read notes what is committed when it arrives, and may be answered
// once its leader is known to have been the leader after that. No clock has a say in it, unless a rule gives it one.

import type { Answer, Index, NodeId, Term, Ticket } from './messages.ts';
import type { Lease, Rules } from './rules.ts';

interface ArrivedRead {
  readonly ticket: Ticket;
  readonly roundAtArrival: number;
}

interface IndexedRead extends ArrivedRead {
  readonly index: Index;
}

/** What the leader knows at this moment. */
export interface ReadView {
  readonly term: Term;
  readonly commit: Index;
  readonly termAtCommit: Term | undefined;
  readonly confirmedRound: number;
  readonly lease: Lease;
}

/** Reads that wait for an answer, in the order of arrival; so those that are confirmed are always the first. */
export class PendingReads {
  readonly #rules: Rules;
  /** Without an index as long as this leader does not know what is committed. */
  #arrived: ArrivedRead[] = [];
  #indexed: IndexedRead[] = [];

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  add(ticket: Ticket, round: number): void {
    this.#arrived.push({ ticket, roundAtArrival: round });
  }

  get isEmpty(): boolean {
    return this.#arrived.length === 0 && this.#indexed.length === 0;
  }

  /** Takes the read index for those that arrived, and answers those that are confirmed. */
  answer(view: ReadView): readonly Answer[] {
    if (!this.#rules.knowsCommit(view.termAtCommit, view.term)) return [];
    for (const read of this.#arrived) this.#indexed.push({ ...read, index: view.commit });
    this.#arrived = [];
    const firstHeld = this.#indexed.findIndex((read) => !this.#isConfirmed(read, view));
    const count = firstHeld === -1 ? this.#indexed.length : firstHeld;
    return this.#indexed
      .splice(0, count)
      .map(({ ticket, index }): Answer => ({ kind: 'readable', ticket, index }));
  }

  /** Whether some read waits for a round later than the confirmed one. */
  needsRound(view: ReadView): boolean {
    const latest = this.#arrived.at(-1) ?? this.#indexed.at(-1);
    return latest !== undefined && !this.#isConfirmed(latest, view);
  }

  /** A read that was not answered had no effect: that is definite. */
  rejectAll(leader: NodeId | null): readonly Answer[] {
    const waiting = [...this.#indexed.splice(0), ...this.#arrived.splice(0)];
    return waiting.map(({ ticket }): Answer => ({ kind: 'rejected', ticket, leader }));
  }

  #isConfirmed(read: ArrivedRead, { confirmedRound, lease }: ReadView): boolean {
    return this.#rules.isReadConfirmed(read.roundAtArrival, confirmedRound, lease);
  }
}
