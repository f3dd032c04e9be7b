// Who leads, as the nodes themselves claim. There may be several, an old leader among them, or none.

import type { Node } from '../environment.ts';
import type { LeaderClaim, System } from '../system.ts';
import { inTime, type Timer } from './timer.ts';

const ASKING_MS = 2_000;

/** Highest term first. Nobody, when the system cannot tell or does not answer in time: never an error. */
export async function findLeaders(
  system: System,
  nodes: readonly Node[],
  timer: Timer,
  signal?: AbortSignal,
): Promise<readonly LeaderClaim[]> {
  if (nodes.length === 0) return [];
  try {
    const ask = async (late: AbortSignal) => (await system.leaders?.(nodes, late)) ?? [];
    const claims = await inTime(timer, ASKING_MS, ask, signal);
    return [...(claims ?? [])].sort((a, b) => b.term - a.term || (a.node < b.node ? -1 : 1));
  } catch {
    return [];
  }
}
