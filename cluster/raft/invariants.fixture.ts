// What must hold of a whole cluster at every moment (figure 3 of the paper, and what its clients are promised). It
// watches from outside: disks, applied entries and answers. For tests.

import type { Answer, Effects, Entry, HardState, Index, NodeId, Term, Ticket } from './messages.ts';

interface DiskView {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

interface Committed {
  readonly entry: Entry;
  /** The term in which it was committed, or a later one. */
  readonly inTerm: Term;
}

/** A promise of the algorithm was broken in front of our eyes. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Tell it what happens; it tells `onBroken` of what must not, which throws {@link InvariantError} unless replaced. */
export class Invariants {
  /** By index, from 1 on: what some node has applied. */
  readonly committed: Committed[] = [];

  readonly #disks: ReadonlyMap<NodeId, DiskView>;
  readonly #leaders = new Map<Term, NodeId>();
  readonly #written = new Map<string, { readonly data: string; readonly termBefore: Term }>();
  readonly #everLogged = new Set<string>();
  readonly #proposals = new Map<Ticket, string>();
  readonly #rejected = new Set<string>();
  readonly #answeredTickets = new Set<Ticket>();
  /** The highest index that some client knows of, from any answer. */
  #known: Index = 0;
  readonly #knownAtBegin = new Map<Ticket, Index>();

  readonly #onBroken: (claim: string) => void;

  constructor(
    disks: ReadonlyMap<NodeId, DiskView>,
    onBroken = (claim: string): void => {
      throw new InvariantError(claim);
    },
  ) {
    this.#disks = disks;
    this.#onBroken = onBroken;
    for (const { entries } of disks.values()) this.#checkLogMatching(entries, 0);
  }

  proposed(ticket: Ticket, data: string): void {
    this.#proposals.set(ticket, data);
  }

  readBegins(ticket: Ticket): void {
    this.#knownAtBegin.set(ticket, this.#known);
  }

  persisted(id: NodeId, change: Effects['persist']): void {
    if (change === undefined) return;
    const entries = this.#disks.get(id)?.entries ?? [];
    this.#checkLogMatching(entries, entries.length - change.append.length);
    if (change.truncateFrom !== undefined) {
      for (const { entry } of this.committed.slice(change.truncateFrom - 1)) this.#checkIsHeld(entry);
    }
  }

  leads(id: NodeId, term: Term): void {
    const known = this.#leaders.get(term);
    if (known === id) return;
    this.#check(known === undefined, `election safety: ${known} and ${id} both lead term ${term}`);
    this.#leaders.set(term, id);
    const log = this.#disks.get(id)?.entries ?? [];
    for (const { entry, inTerm } of this.committed) {
      if (inTerm >= term) continue;
      const own = log[entry.index - 1];
      this.#check(
        own?.term === entry.term,
        `leader completeness: ${id} leads term ${term} without ${say(entry)}, has ${say(own)}`,
      );
    }
  }

  applied(id: NodeId, entry: Entry, term: Term): void {
    const known = this.committed[entry.index - 1]?.entry;
    if (known === undefined) {
      this.#check(
        entry.index === this.committed.length + 1,
        `${id} applies ${say(entry)} after index ${this.committed.length}`,
      );
      this.committed.push({ entry, inTerm: term });
      this.#checkIsHeld(entry);
    } else {
      this.#check(
        known.term === entry.term && known.data === entry.data,
        `state machine safety: ${id} applies ${say(entry)} where ${say(known)} was applied`,
      );
    }
  }

  /** `applied` is the last index that the node had applied when it gave the answer. */
  answered(id: NodeId, answer: Answer, applied: Index): void {
    const { ticket } = answer;
    this.#check(!this.#answeredTickets.has(ticket), `${id} answers ticket ${ticket} twice`);
    this.#answeredTickets.add(ticket);
    const data = this.#proposals.get(ticket);
    switch (answer.kind) {
      case 'committed': {
        const entry = this.committed[answer.index - 1]?.entry;
        this.#check(
          entry?.data === data,
          `honest answers: ${id} says that ${data} is committed at ${answer.index}, where there is ${say(entry)}`,
        );
        this.#known = Math.max(this.#known, answer.index);
        break;
      }
      case 'readable': {
        const floor = this.#knownAtBegin.get(ticket) ?? 0;
        this.#check(
          answer.index >= floor,
          `linearizable reads: ${id} reads at ${answer.index}, but ${floor} was known before the read began`,
        );
        this.#check(
          answer.index <= applied,
          `${id} reads at ${answer.index} having applied up to ${applied}`,
        );
        this.#known = Math.max(this.#known, answer.index);
        break;
      }
      case 'rejected':
        if (data !== undefined) this.#rejected.add(data);
        break;
      case 'abandoned':
        this.#check(data !== undefined, `${id} abandons ticket ${ticket}, which is a read`);
        break;
    }
  }

  /** To be asked at the end: what is definite must have stayed so. */
  checkRejected(): void {
    for (const data of this.#rejected) {
      this.#check(!this.#everLogged.has(data), `honest answers: ${data} was rejected and entered a log`);
    }
  }

  // If the same index and term always mean the same entry and the same term before it, then by induction two logs
  // that share an entry share all that precede it.
  #checkLogMatching(entries: readonly Entry[], from: number): void {
    for (const [position, entry] of entries.slice(from).entries()) {
      const termBefore = entries[from + position - 1]?.term ?? 0;
      const name = `${entry.index}@${entry.term}`;
      const known = this.#written.get(name);
      this.#check(
        entry.index === from + position + 1,
        `${say(entry)} is at position ${from + position} of a log`,
      );
      this.#check(
        known === undefined || (known.data === entry.data && known.termBefore === termBefore),
        `log matching: ${say(entry)} after term ${termBefore}, elsewhere ${known?.data} after term ${known?.termBefore}`,
      );
      this.#written.set(name, { data: entry.data, termBefore });
      this.#everLogged.add(entry.data);
    }
  }

  #check(holds: boolean, claim: string): void {
    if (!holds) this.#onBroken(claim);
  }

  #checkIsHeld(entry: Entry): void {
    const disks = [...this.#disks.values()];
    const holders = disks.filter(({ entries }) => entries[entry.index - 1]?.term === entry.term).length;
    this.#check(
      holders > disks.length / 2,
      `what is committed is kept: ${say(entry)} is on ${holders} of ${disks.length} disks`,
    );
  }
}

function say(entry: Entry | undefined): string {
  return entry === undefined ? 'no entry' : `"${entry.data}" (index ${entry.index}, term ${entry.term})`;
}
