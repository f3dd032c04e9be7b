// The promises to clients that the server keeps by itself, beside the rules of Raft (raft/rules.ts): small functions
// with a name, so that a mutant is one of them replaced.

import type { ServerErrorCode } from '../client/errors.ts';
import type { Role } from '../raft/messages.ts';
import type { Command } from '../register/command.ts';
import type { CommandResult, RegisterMap } from '../register/register.ts';
import type { Host } from './host.ts';

export interface Duties {
  /**
   * The time by which a leader's lease runs, in milliseconds, for rules that know one (dissertation, §6.4.1): of a clock
   * that nobody sets.
   */
  leaseTimeMs(host: Pick<Host, 'clock' | 'wall'>): number;
  /** §8: whether a node in this role may answer a read from its own state, without asking Raft. */
  mayReadOwnState(role: Role): boolean;
  /**
   * §8: what a client is told of its command: what the state machine said when the entry was applied. `applied` is
   * undefined when that has not happened yet.
   */
  resultOf(command: Command, applied: CommandResult | undefined, register: RegisterMap): CommandResult;
  /** What is told of a request that was forwarded to a leader which leads no longer: it may be in its log. */
  lostForward(): ServerErrorCode;
}

export const properDuties: Duties = {
  leaseTimeMs: (host) => host.clock.now(),
  mayReadOwnState: () => false,
  resultOf(command, applied) {
    if (applied === undefined)
      throw new Error(`answered before it was applied: ${command.op} of ${command.key}`);
    return applied;
  },
  lostForward: () => 'forward-lost',
};
