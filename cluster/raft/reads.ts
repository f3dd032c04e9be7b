// Linearizable reads without a log entry (§8): a read notes what is committed when it arrives, and may be answered
// once its leader is known to have been the leader after that. No clock has a say in it.

import type { Answer, Index, NodeId, Term, Ticket } from './messages.ts';
import type { Rules } from './rules.ts';

interface PendingRead {
  readonly ticket: Ticket;
  readonly roundAtArrival: number;
  /** `null` until this leader knows what is committed. */
  index: Index | null;
}

/** What the leader knows at this moment. */
export interface ReadView {
  readonly term: Term;
  readonly commit: Index;
  readonly termAtCommit: Term | undefined;
  readonly confirmedRound: number;
}

/** Reads that wait for an answer, in the order of arrival. */
export class PendingReads {
  readonly #rules: Rules;
  #waiting: PendingRead[] = [];

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  add(ticket: Ticket, round: number): void {
    this.#waiting.push({ ticket, roundAtArrival: round, index: null });
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes the read index for those that arrived, and answers those that are confirmed. */
  answer(view: ReadView): readonly Answer[] {
    if (!this.#rules.knowsCommit(view.termAtCommit, view.term)) return [];
    const answers: Answer[] = [];
    this.#waiting = this.#waiting.filter((read) => {
      read.index ??= view.commit;
      if (!this.#rules.isReadConfirmed(read.roundAtArrival, view.confirmedRound)) return true;
      answers.push({ kind: 'readable', ticket: read.ticket, index: read.index });
      return false;
    });
    return answers;
  }

  /** Whether some read waits for a round that has not been started, or not been confirmed, yet. */
  needsRound(confirmedRound: number): boolean {
    return this.#waiting.some((read) => !this.#rules.isReadConfirmed(read.roundAtArrival, confirmedRound));
  }

  /** A read that was not answered had no effect: that is definite. */
  rejectAll(leader: NodeId | null): readonly Answer[] {
    const answers = this.#waiting.map(({ ticket }): Answer => ({ kind: 'rejected', ticket, leader }));
    this.#waiting = [];
    return answers;
  }
}
