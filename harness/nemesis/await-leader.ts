// Harms nothing: waits after the last repair until the cluster agrees on who leads, so that what comes then is asked of
// a cluster that could answer.

import type { Json } from '../../checkers/json.ts';
import type { Environment } from '../environment.ts';
import type { LeaderClaim, System } from '../system.ts';
import type { NamedNemesis } from './compose.ts';
import { findLeaders } from './leaders.ts';
import type { FaultOutcome } from './nemesis.ts';
import { elapsedMs, type Timer } from './timer.ts';

const POLL_MS = 200;
const LIMIT_MS = 60_000;

export interface AwaitLeaderOptions {
  readonly environment: Environment;
  readonly system: System;
  readonly timer: Timer;
  /** A minute, unless told. */
  readonly limitMs?: number;
}

/**
 * Call: `{f: 'await-leader'}`. Applied when two polls in a row find the same single node at the highest term that any
 * node claims; old claims of lower terms do not matter.
 */
export function awaitLeader({
  environment,
  system,
  timer,
  limitMs = LIMIT_MS,
}: AwaitLeaderOptions): NamedNemesis {
  return {
    name: 'await-leader',
    nemesis: {
      fs: ['await-leader'],
      // The limit is kept here, so that the last claims are told; a poll that is under way then may take longer.
      timeoutMs: limitMs + 10_000,
      invoke: (_call, signal) => poll(signal),
      restore: async () => ({ status: 'skipped', reason: 'waiting has no effect', evidence: {} }),
    },
  };

  async function poll(signal: AbortSignal): Promise<FaultOutcome> {
    if (system.leaders === undefined) {
      return { status: 'skipped', reason: `${system.name} does not tell who leads`, evidence: {} };
    }
    const begun = timer.now();
    let before: LeaderClaim | undefined;
    for (;;) {
      const claims = await findLeaders(system, environment.nodes, timer, signal);
      const leader = onlyLeader(claims);
      if (leader !== undefined && leader.node === before?.node && leader.term === before.term) {
        const evidence = { leader: leader.node, term: leader.term, ms: elapsedMs(timer, begun) };
        return { status: 'applied', evidence };
      }
      const ms = elapsedMs(timer, begun);
      if (signal.aborted || ms >= limitMs) {
        const evidence = { claims: claims.map(claimJson), ms };
        if (signal.aborted) return { status: 'skipped', reason: 'interrupted', evidence };
        return { status: 'failed', reason: `no single leader within ${limitMs} ms`, evidence };
      }
      before = leader;
      await timer.sleep(POLL_MS, signal);
    }
  }
}

/** Claims come with the highest term first. */
function onlyLeader(claims: readonly LeaderClaim[]): LeaderClaim | undefined {
  const [first, second] = claims;
  return first !== undefined && first.term !== second?.term ? first : undefined;
}

function claimJson({ node, term }: LeaderClaim): Json {
  return { node, term };
}
