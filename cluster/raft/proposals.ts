// Proposals that are in this leader's log and not answered yet. They belong to one leadership and end with it, so an
// index means this leader's entry and no other's.

import type { Answer, Index, NodeId, Ticket } from './messages.ts';
import type { Rules } from './rules.ts';

export class PendingProposals {
  readonly #rules: Rules;
  #waiting: { readonly ticket: Ticket; readonly index: Index }[] = [];

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  add(ticket: Ticket, index: Index): void {
    this.#waiting.push({ ticket, index });
  }

  /** In the order of the log. */
  answer(commit: Index): readonly Answer[] {
    const firstHeld = this.#waiting.findIndex(({ index }) => !this.#rules.mayAcknowledge(index, commit));
    const count = firstHeld === -1 ? this.#waiting.length : firstHeld;
    return this.#waiting
      .splice(0, count)
      .map(({ ticket, index }): Answer => ({ kind: 'committed', ticket, index }));
  }

  /** This node no longer leads. Nobody here knows what becomes of these entries. */
  abandonAll(leader: NodeId | null): readonly Answer[] {
    return this.#waiting
      .splice(0)
      .map(
        ({ ticket }): Answer =>
          this.#rules.mayStillCommit() ? { kind: 'abandoned', ticket } : { kind: 'rejected', ticket, leader },
      );
  }
}
