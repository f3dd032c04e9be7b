// Raft as one pure state machine: an input and the time go in, what is to be done comes out. There is no promise,
// timer, clock, socket or file in here, and randomness is handed in. Every decision on which safety rests is asked of
// `options.rules`; this file says only when it is asked and what follows.
//
// A file for each part of the paper: election.ts (§5.2, §5.4.1), acceptance.ts (§5.3, a follower), replication.ts
// (§5.3, a leader), proposals.ts and reads.ts (§8). Left out so far: snapshots (§7), membership changes (§6), and a
// leader that steps down by itself when it hears from no majority.

import { acceptanceOf } from './acceptance.ts';
import { assert } from './assert.ts';
import { EffectsDraft } from './effects.ts';
import { Ballot, electionTimeoutMs, grantsVote } from './election.ts';
import { Log } from './log.ts';
import type {
  Effects,
  Entry,
  HardState,
  Index,
  Input,
  Message,
  NodeId,
  Role,
  Term,
  Ticket,
} from './messages.ts';
import { PendingProposals } from './proposals.ts';
import { PendingReads, type ReadView } from './reads.ts';
import { noRound, Replication } from './replication.ts';
import { RoundStarts } from './round-starts.ts';
import type { Rules } from './rules.ts';

type Received<Kind extends Message['kind']> = Extract<Message, { kind: Kind }>;

export interface RaftOptions {
  readonly id: NodeId;
  /** All of them, this node included. */
  readonly members: readonly NodeId[];
  readonly heartbeatMs: number;
  /** An election timeout is drawn from electionMs (included) to twice that (excluded). */
  readonly electionMs: number;
  /** From 0 (included) to 1 (excluded), as Math.random gives it. */
  readonly random: () => number;
  readonly rules: Rules;
  /** Milliseconds on the clock that `step` is given too. */
  readonly now: number;
  /** As recovered from disk. */
  readonly hardState: HardState;
  /** The log as recovered from disk, from index 1 on. All of it is applied again as its commit is learnt. */
  readonly entries: readonly Entry[];
}

export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: Term;
  readonly leader: NodeId | null;
  readonly commit: Index;
  readonly lastIndex: Index;
  /** For every other node, how long ago anything came from it; `null`: nothing ever did. */
  readonly lastContactMs: Record<NodeId, number | null>;
}

export class Raft {
  readonly #id: NodeId;
  readonly #members: readonly NodeId[];
  readonly #peers: readonly NodeId[];
  readonly #heartbeatMs: number;
  readonly #electionMs: number;
  readonly #random: () => number;
  readonly #rules: Rules;

  // Persistent state (figure 2): on disk before any message of the step that changes it.
  #term: Term;
  #votedFor: NodeId | null;
  readonly #log: Log;

  // Volatile state: applied = commit between steps.
  #role: Role = 'follower';
  #leader: NodeId | null = null;
  #commit: Index = 0;
  #applied: Index = 0;
  #deadline: number;
  #ballot = new Ballot();
  #replication: Replication;
  readonly #proposals: PendingProposals;
  readonly #reads: PendingReads;
  readonly #roundStarts = new RoundStarts();
  /** By the clock for leases. */
  #leaseNow = 0;
  /** Or, before any leader has spoken, when this node was started: what it promised before a crash it has forgotten. */
  #leaderHeardAt: number;
  readonly #heardAt = new Map<NodeId, number>();
  #out = new EffectsDraft();

  constructor(options: RaftOptions) {
    assert(options.members.includes(options.id), 'a node is a member of its cluster', {
      id: options.id,
      members: options.members,
    });
    this.#id = options.id;
    this.#members = options.members;
    this.#peers = options.members.filter((member) => member !== options.id);
    this.#heartbeatMs = options.heartbeatMs;
    this.#electionMs = options.electionMs;
    this.#random = options.random;
    this.#rules = options.rules;
    this.#term = options.hardState.term;
    this.#votedFor = options.hardState.votedFor;
    this.#log = new Log(options.entries);
    assert(this.#log.lastTerm <= this.#term, 'no entry is of a later term than the node has seen', {
      lastTerm: this.#log.lastTerm,
      term: this.#term,
    });
    this.#replication = new Replication(this.#log, this.#peers, 0, this.#rules);
    this.#proposals = new PendingProposals(this.#rules);
    this.#reads = new PendingReads(this.#rules);
    this.#leaderHeardAt = options.now;
    this.#deadline = this.#electionDeadline(options.now);
  }

  /** When the next tick is due, in ms; ticks before that do nothing. */
  get deadline(): number {
    return this.#deadline;
  }

  /**
   * `now` is in ms on a clock that does not go back. The effects of one step, or of several consecutive ones joined by
   * `mergeEffects`, are to be carried out in order and before those of later steps. `leaseNow` is the time by which a
   * leader's lease runs, for rules that know one.
   */
  step(now: number, input: Input, leaseNow = now): Effects {
    const before = { term: this.#term, votedFor: this.#votedFor, commit: this.#commit };
    this.#out = new EffectsDraft();
    this.#leaseNow = leaseNow;
    switch (input.kind) {
      case 'tick':
        if (now >= this.#deadline) this.#timeOut(now);
        break;
      case 'receive':
        this.#receive(now, input.from, input.message);
        break;
      case 'propose':
        this.#propose(input.ticket, input.data);
        break;
      case 'read':
        this.#read(input.ticket);
        break;
    }
    this.#settle();
    if (this.#term !== before.term || this.#votedFor !== before.votedFor) {
      this.#out.hardState = { term: this.#term, votedFor: this.#votedFor };
    }
    this.#assertInvariants(before);
    return this.#out.finish();
  }

  status(now: number): RaftStatus {
    const lastContactMs = Object.fromEntries(
      this.#peers.map((peer) => {
        const heardAt = this.#heardAt.get(peer);
        return [peer, heardAt === undefined ? null : now - heardAt];
      }),
    );
    return {
      id: this.#id,
      role: this.#role,
      term: this.#term,
      leader: this.#leader,
      commit: this.#commit,
      lastIndex: this.#log.lastIndex,
      lastContactMs,
    };
  }

  #timeOut(now: number): void {
    if (this.#role === 'leader') {
      this.#deadline = now + this.#heartbeatMs;
      this.#replication.forgetUnanswered();
      this.#startRound();
    } else {
      this.#campaign(now);
    }
  }

  #receive(now: number, from: NodeId, message: Message): void {
    if (!this.#peers.includes(from)) return;
    this.#heardAt.set(from, now);
    const sinceLeaderMs = now - this.#leaderHeardAt;
    if (message.kind === 'request-vote' && !this.#rules.mayHearCandidate(sinceLeaderMs, this.#electionMs))
      return;
    if (this.#rules.isNewerTerm(message.term, this.#term)) {
      this.#becomeFollower(now, message.term, message.kind === 'append' ? from : null);
    }
    switch (message.kind) {
      case 'request-vote':
        this.#answerVoteRequest(now, from, message);
        break;
      case 'vote':
        this.#countVote(now, from, message);
        break;
      case 'append':
        this.#answerAppend(now, from, message);
        break;
      case 'appended':
        if (this.#isAnswerToLeader(message)) this.#replication.acceptAppended(from, message);
        break;
      case 'refused':
        if (this.#isAnswerToLeader(message)) this.#replication.acceptRefused(from, message);
        break;
    }
  }

  #propose(ticket: Ticket, data: string): void {
    assert(data !== '', 'an empty entry is a no-op and not for clients', { ticket });
    if (this.#role !== 'leader') {
      this.#out.answers.push({ kind: 'rejected', ticket, leader: this.#leader });
      return;
    }
    this.#proposals.add(ticket, this.#appendOwn(data));
  }

  #read(ticket: Ticket): void {
    if (this.#rules.mayTakeRead(this.#role)) this.#reads.add(ticket, this.#replication.round);
    else this.#out.answers.push({ kind: 'rejected', ticket, leader: this.#leader });
  }

  // §5.2.

  #campaign(now: number): void {
    this.#term += 1;
    this.#votedFor = this.#id;
    this.#role = 'candidate';
    this.#leader = null;
    this.#deadline = this.#electionDeadline(now);
    this.#ballot = new Ballot();
    this.#ballot.count(this.#id);
    const { lastIndex, lastTerm } = this.#log;
    for (const peer of this.#peers) {
      this.#sendTo(peer, { kind: 'request-vote', term: this.#term, lastIndex, lastTerm });
    }
    this.#leadWhenElected(now);
  }

  #answerVoteRequest(now: number, candidate: NodeId, request: Received<'request-vote'>): void {
    const voter = { term: this.#term, votedFor: this.#votedFor, log: this.#log };
    const granted = grantsVote(voter, candidate, request, this.#rules);
    if (granted) {
      this.#votedFor = candidate;
      this.#deadline = this.#electionDeadline(now);
    }
    this.#sendTo(candidate, { kind: 'vote', term: this.#term, granted });
  }

  #countVote(now: number, voter: NodeId, vote: Received<'vote'>): void {
    if (this.#role !== 'candidate' || !this.#rules.mayCountVote(vote.term, this.#term)) return;
    if (vote.granted) this.#ballot.count(voter);
    this.#leadWhenElected(now);
  }

  #leadWhenElected(now: number): void {
    if (!this.#ballot.isWon(this.#members.length, this.#rules)) return;
    this.#role = 'leader';
    this.#leader = this.#id;
    this.#deadline = now + this.#heartbeatMs;
    this.#replication = new Replication(this.#log, this.#peers, this.#replication.round, this.#rules);
    this.#roundStarts.clear();
    if (this.#rules.needsNoop()) this.#appendOwn('');
    this.#startRound();
  }

  /** A vote is forgotten only with its term. */
  #becomeFollower(now: number, term: Term, leader: NodeId | null): void {
    const hasLed = this.#role === 'leader';
    if (term !== this.#term) this.#votedFor = null;
    this.#term = term;
    this.#role = 'follower';
    this.#leader = leader;
    if (!hasLed) return;
    this.#deadline = this.#electionDeadline(now);
    this.#out.answers.push(...this.#proposals.abandonAll(leader), ...this.#reads.rejectAll(leader));
  }

  // §5.3.

  #answerAppend(now: number, from: NodeId, append: Received<'append'>): void {
    const { round, prevIndex } = append;
    if (this.#rules.isStaleRequest(append.term, this.#term)) {
      const firstIndex = this.#log.lastIndex + 1;
      this.#sendTo(from, { kind: 'refused', term: this.#term, round: noRound, prevIndex, firstIndex });
      return;
    }
    assert(this.#rules.mayFollow(this.#leader, from), 'a term has one leader', {
      term: this.#term,
      known: this.#leader,
      sender: from,
    });
    this.#becomeFollower(now, append.term, from);
    this.#leaderHeardAt = now;
    this.#deadline = this.#electionDeadline(now);
    const acceptance = acceptanceOf(append, this.#log, this.#commit, this.#rules);
    if (acceptance.fits) {
      const { match, commit, change } = acceptance;
      if (change?.truncateFrom !== undefined) this.#truncateFrom(change.truncateFrom);
      if (change !== undefined) this.#append(change.append);
      this.#commit = commit;
      this.#sendTo(from, { kind: 'appended', term: this.#term, round, match });
    } else {
      const { fits: _, ...hint } = acceptance;
      this.#sendTo(from, { kind: 'refused', term: this.#term, round, prevIndex, ...hint });
    }
  }

  #isAnswerToLeader({ term }: Message): boolean {
    return this.#role === 'leader' && this.#rules.mayCountAnswer(term, this.#term);
  }

  /** Whatever the input was: what is now committed is applied, what may now be answered is, what is new is sent. */
  #settle(): void {
    if (this.#role === 'leader') this.#commitByCounting();
    this.#applyCommitted();
    this.#out.answers.push(...this.#proposals.answer(this.#commit));
    this.#answerReads();
    if (this.#role !== 'leader') return;
    // One round at a time for all reads: those that come meanwhile share the next.
    const { confirmedRound, round } = this.#replication;
    if (confirmedRound === round && this.#reads.needsRound(this.#readView())) {
      this.#startRound();
      this.#answerReads();
    }
    for (const peer of this.#peers) {
      while (this.#replication.hasNews(peer)) this.#sendAppend(peer);
    }
  }

  // §5.4.2.
  #commitByCounting(): void {
    const { replicated } = this.#replication;
    if (replicated <= this.#commit) return;
    if (this.#rules.mayCommitByCounting(this.#log.termAt(replicated), this.#term)) this.#commit = replicated;
  }

  #applyCommitted(): void {
    this.#out.apply.push(...this.#log.slice(this.#applied + 1, this.#commit));
    this.#applied = this.#commit;
  }

  // §8.
  #answerReads(): void {
    if (this.#reads.isEmpty) return;
    this.#out.answers.push(...this.#reads.answer(this.#readView()));
  }

  #readView(): ReadView {
    const { confirmedRound } = this.#replication;
    const startedAt = this.#roundStarts.ofConfirmed(confirmedRound) ?? Number.NEGATIVE_INFINITY;
    return {
      term: this.#term,
      commit: this.#commit,
      termAtCommit: this.#log.termAt(this.#commit),
      confirmedRound,
      lease: { ageMs: this.#leaseNow - startedAt, electionMs: this.#electionMs },
    };
  }

  #startRound(): void {
    this.#replication.startRound();
    this.#roundStarts.started(this.#replication.round, this.#leaseNow);
    for (const peer of this.#peers) this.#sendAppend(peer);
  }

  #sendAppend(peer: NodeId): void {
    this.#sendTo(peer, this.#replication.nextAppend(peer, this.#term, this.#commit));
  }

  #sendTo(to: NodeId, message: Message): void {
    this.#out.send.push({ from: this.#id, to, message });
  }

  #appendOwn(data: string): Index {
    const index = this.#log.lastIndex + 1;
    this.#append([{ index, term: this.#term, data }]);
    return index;
  }

  #append(entries: readonly Entry[]): void {
    this.#log.append(entries);
    this.#out.append.push(...entries);
  }

  #truncateFrom(index: Index): void {
    this.#log.truncateFrom(index);
    this.#out.truncateFrom = index;
  }

  #electionDeadline(now: number): number {
    return now + electionTimeoutMs(this.#electionMs, this.#random);
  }

  #assertInvariants(before: { readonly term: Term; readonly commit: Index }): void {
    const [term, commit, applied, lastIndex] = [this.#term, this.#commit, this.#applied, this.#log.lastIndex];
    assert(term >= before.term, 'a term never goes back', { term, before: before.term });
    assert(commit >= before.commit, 'a commit never goes back', { commit, before: before.commit });
    assert(applied <= commit, 'only what is committed is applied', { applied, commit });
    // Under the paper's rule this says commit ≤ lastIndex; whoever may truncate what is committed may also end there.
    assert(this.#rules.mayTruncate(lastIndex + 1, commit), 'the log reaches as far as the commit', {
      commit,
      lastIndex,
    });
  }
}
