// Mistakes made on purpose, to be caught. Each replaces named rules of Raft (raft/rules.ts) or duties of the server
// (server/duties.ts) and nothing else; the program takes one by `--mutant`, says so loudly, and refuses it unless the
// environment allows it. A mutant that needs more than one replacement also takes away what would mask or stop it:
// a node that ends with an assertion would hide from the clients what they should see. Where a mistake needs requests
// under way to show, its nodes have a slow disk, which is no mistake by itself.

import { paperRules, type Rules } from '../raft/rules.ts';
import { type Duties, properDuties } from '../server/duties.ts';
import { foreseenResult } from './foreseen-result.ts';
import { leaseRules } from './lease.ts';

export interface Mutant {
  readonly name: string;
  /** One sentence for people. */
  readonly about: string;
  /** The rule or duty that is broken, and the paper's section that states it. */
  readonly breaks: string;
  /** Faults under which clients can see it; none: it shows without any. */
  readonly nemesis: readonly string[];
  readonly rules: Rules;
  readonly duties: Duties;
  /** By how much each sync of the disk is slower, to unmask the mistake; 0: not at all. */
  readonly syncDelayMs: number;
}

interface Replacement {
  readonly about: string;
  readonly breaks: string;
  readonly nemesis: readonly string[];
  readonly rules?: Partial<Rules>;
  readonly duties?: Partial<Duties>;
  readonly syncDelayMs?: number;
}

const replacements = {
  'stale-read': {
    about: 'a leader answers reads at once, without making sure that it still leads',
    breaks: 'rule isReadConfirmed (§8)',
    nemesis: ['partition', 'pause'],
    rules: { isReadConfirmed: () => true },
  },
  'local-read': {
    about: 'every node answers reads from its own state, however old that is',
    breaks: 'duty mayReadOwnState (§8)',
    nemesis: [],
    duties: { mayReadOwnState: () => true },
  },
  'wall-clock-lease': {
    about: 'a leader answers reads by itself while its lease runs, and measures the lease by the wall clock',
    breaks: 'duty leaseTimeMs (dissertation, §6.4.1)',
    nemesis: ['partition', 'clock'],
    rules: leaseRules,
    duties: { leaseTimeMs: (host) => host.wall() },
  },
  'early-ack': {
    about: 'a leader acknowledges a command as soon as its own disk has it, before a majority has',
    breaks: 'rule mayAcknowledge (§5.3)',
    nemesis: ['partition', 'kill'],
    rules: { mayAcknowledge: () => true },
    duties: { resultOf: foreseenResult },
  },
  'vote-without-log-check': {
    about: 'a node votes for candidates whose log lacks what is committed',
    breaks: 'rule isLogUpToDate (§5.4.1)',
    nemesis: ['partition', 'pause'],
    rules: { isLogUpToDate: () => true, mayTruncate: () => true },
    duties: { resultOf: foreseenResult },
  },
  'false-failure': {
    about: 'a deposed leader answers that pending commands have failed, though they may still commit',
    breaks: 'rule mayStillCommit (§5.4.2, §8) and duty lostForward',
    nemesis: ['partition', 'pause', 'kill'],
    rules: { mayStillCommit: () => false },
    duties: { lostForward: () => 'not-leader' },
    syncDelayMs: 30,
  },
  'minority-quorum': {
    about: 'half of the members, rounded down, count as a majority',
    breaks: 'rule isQuorum (§5.2)',
    nemesis: ['partition'],
    rules: {
      isQuorum: (count, members) => count >= Math.floor(members / 2),
      mayFollow: () => true,
      mayTruncate: () => true,
    },
    duties: { resultOf: foreseenResult },
  },
} satisfies Readonly<Record<string, Replacement>>;

export const mutants: readonly Mutant[] = Object.entries<Replacement>(replacements).map(
  ([name, { about, breaks, nemesis, rules, duties, syncDelayMs = 0 }]) => ({
    name,
    about,
    breaks,
    nemesis,
    rules: { ...paperRules, ...rules },
    duties: { ...properDuties, ...duties },
    syncDelayMs,
  }),
);

export function mutantNamed(name: string): Mutant | undefined {
  return mutants.find((mutant) => mutant.name === name);
}
