// Reads by a leader's lease (Ongaro's dissertation, §6.4.1): for as long as no other node can have been elected, a leader
// answers reads without asking anybody. No mistake by itself, as long as clocks run evenly: whoever has answered a round
// listens to no candidate for the least election timeout from then on (§4.2.3), which is after the round was started,
// and the lease is counted from its start and is shorter. Somebody of every majority has answered, and a leader that
// votes for another has stepped down.

import { paperRules, type Rules } from '../raft/rules.ts';

/** The rest is for clocks that do not run quite evenly. */
export const leaseShare = 0.9;

export const leaseRules: Pick<Rules, 'isReadConfirmed' | 'mayHearCandidate'> = {
  isReadConfirmed: (roundAtArrival, confirmedRound, lease) =>
    lease.ageMs < leaseShare * lease.electionMs ||
    paperRules.isReadConfirmed(roundAtArrival, confirmedRound, lease),
  mayHearCandidate: (sinceLeaderMs, electionMs) => sinceLeaderMs >= electionMs,
};
