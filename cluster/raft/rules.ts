// Every safety decision of Raft, one small pure function each, in the order of the paper's figure 2. The rest of this
// folder asks these rules and never decides by itself, so that a mutant is one of them replaced.

import type { Index, NodeId, Role, Term } from './messages.ts';

/** How far a log reaches, which is all that an election compares. */
export interface LogEnd {
  readonly lastIndex: Index;
  readonly lastTerm: Term;
}

/** What a leader knows of how long ago it was certainly the leader. The paper's rules do without. */
export interface Lease {
  /** Since the latest round that a majority has answered was started, by the clock for leases; none yet: Infinity. */
  readonly ageMs: number;
  /** The least election timeout. */
  readonly electionMs: number;
}

export interface Rules {
  /** §5.1: whoever sees a higher term moves to it and becomes a follower. */
  readonly isNewerTerm: (messageTerm: Term, ownTerm: Term) => boolean;
  /** §5.1: a request of an older term is turned down. */
  readonly isStaleRequest: (messageTerm: Term, ownTerm: Term) => boolean;
  /** §5.1: an answer to an append of another term means nothing. */
  readonly mayCountAnswer: (messageTerm: Term, ownTerm: Term) => boolean;

  /** §5.2: only votes of this very term elect. */
  readonly mayCountVote: (voteTerm: Term, ownTerm: Term) => boolean;
  /** §5.2: a majority of all members, whether they are up or not. */
  readonly isQuorum: (count: number, members: number) => boolean;
  /**
   * §6: whether a node listens to candidates, this long after a leader has spoken to it or after it was started; what it
   * does not listen to does not move its term either. Needed for changes of membership and for leases only.
   */
  readonly mayHearCandidate: (sinceLeaderMs: number, electionMs: number) => boolean;
  /** §5.2: one vote a term, first come, first served; §5.4.1: and only for a log that is up to date. */
  readonly mayGrantVote: (votedFor: NodeId | null, candidate: NodeId, isUpToDate: boolean) => boolean;
  /** §5.2: election safety, as far as one node sees it: at most one leader a term. Not holding is fatal. */
  readonly mayFollow: (knownLeader: NodeId | null, sender: NodeId) => boolean;

  /** §5.3: entries fit only behind an entry that both logs have. `undefined`: the log ends before prevIndex. */
  readonly fitsLog: (termAtPrevIndex: Term | undefined, prevTerm: Term) => boolean;
  /** §5.3: same index and another term. An entry that is already there, or nothing there, is no conflict. */
  readonly conflicts: (termFound: Term | undefined, termSent: Term) => boolean;
  /** §5.3, §5.4.3: what is committed is never removed. Not holding is fatal. */
  readonly mayTruncate: (from: Index, commit: Index) => boolean;
  /** §5.3: the index up to which a follower may call its log equal to the leader's: no further than the message went. */
  readonly knownMatch: (covered: Index, lastIndex: Index) => Index;
  /** §5.3: commit no further than the message went: what lies behind it may be a tail of another leader. */
  readonly followerCommit: (leaderCommit: Index, covered: Index) => Index;

  /** §5.4.1: the later last term wins; with equal terms the longer log does. */
  readonly isLogUpToDate: (candidate: LogEnd, own: LogEnd) => boolean;
  /** §5.4.2: only entries of the leader's own term are committed by counting; figure 8 shows why. */
  readonly mayCommitByCounting: (entryTerm: Term | undefined, ownTerm: Term) => boolean;

  /** §8: a leader begins its term with an empty entry, or it may never learn what is committed. */
  readonly needsNoop: () => boolean;
  /** §8: reads are the leader's to answer. */
  readonly mayTakeRead: (role: Role) => boolean;
  /** §8: a leader knows what is committed only after it has committed an entry of its own term. */
  readonly knowsCommit: (termAtCommit: Term | undefined, ownTerm: Term) => boolean;
  /** §8: a majority has answered a round of messages that started after the read arrived. */
  readonly isReadConfirmed: (roundAtArrival: number, confirmedRound: number, lease: Lease) => boolean;

  /** §5.3, §8: a client is answered once its entry is committed. */
  readonly mayAcknowledge: (entryIndex: Index, commit: Index) => boolean;
  /** §5.4.2, §8: an entry left in a log by a deposed leader may still be committed by a later one. */
  readonly mayStillCommit: () => boolean;
}

export const paperRules: Rules = {
  isNewerTerm: (messageTerm, ownTerm) => messageTerm > ownTerm,
  isStaleRequest: (messageTerm, ownTerm) => messageTerm < ownTerm,
  mayCountAnswer: (messageTerm, ownTerm) => messageTerm === ownTerm,

  mayCountVote: (voteTerm, ownTerm) => voteTerm === ownTerm,
  isQuorum: (count, members) => count > members / 2,
  mayHearCandidate: () => true,
  mayGrantVote: (votedFor, candidate, isUpToDate) =>
    (votedFor === null || votedFor === candidate) && isUpToDate,
  mayFollow: (knownLeader, sender) => knownLeader === null || knownLeader === sender,

  fitsLog: (termAtPrevIndex, prevTerm) => termAtPrevIndex === prevTerm,
  conflicts: (termFound, termSent) => termFound !== undefined && termFound !== termSent,
  mayTruncate: (from, commit) => from > commit,
  knownMatch: (covered) => covered,
  followerCommit: (leaderCommit, covered) => Math.min(leaderCommit, covered),

  isLogUpToDate: (candidate, own) =>
    candidate.lastTerm > own.lastTerm ||
    (candidate.lastTerm === own.lastTerm && candidate.lastIndex >= own.lastIndex),
  mayCommitByCounting: (entryTerm, ownTerm) => entryTerm === ownTerm,

  needsNoop: () => true,
  mayTakeRead: (role) => role === 'leader',
  knowsCommit: (termAtCommit, ownTerm) => termAtCommit === ownTerm,
  isReadConfirmed: (roundAtArrival, confirmedRound) => confirmedRound > roundAtArrival,

  mayAcknowledge: (entryIndex, commit) => entryIndex <= commit,
  mayStillCommit: () => true,
};
