// Elections (§5.2, §5.4.1): the timeout, the votes a candidate has, and the answer to one who asks for a vote.

import type { Log } from './log.ts';
import type { Message, NodeId, Term } from './messages.ts';
import type { Rules } from './rules.ts';

/** Randomised, drawn anew each time, so that split votes are rare and do not repeat (§5.2). */
export function electionTimeoutMs(electionMs: number, random: () => number): number {
  return electionMs * (1 + random());
}

/** The votes for one candidate in one term. */
export class Ballot {
  readonly #voters = new Set<NodeId>();

  /** A vote that comes twice counts once. */
  count(voter: NodeId): void {
    this.#voters.add(voter);
  }

  isWon(members: number, rules: Rules): boolean {
    return rules.isQuorum(this.#voters.size, members);
  }
}

export interface Voter {
  readonly term: Term;
  readonly votedFor: NodeId | null;
  readonly log: Log;
}

export function grantsVote(
  voter: Voter,
  candidate: NodeId,
  request: Extract<Message, { kind: 'request-vote' }>,
  rules: Rules,
): boolean {
  if (rules.isStaleRequest(request.term, voter.term)) return false;
  return rules.mayGrantVote(voter.votedFor, candidate, rules.isLogUpToDate(request, voter.log));
}
