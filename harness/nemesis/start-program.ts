// A node's program started again on its data, and what became of that.

import type { Json } from '../../checkers/json.ts';
import type { Node } from '../environment.ts';
import type { FaultContext } from './fault-context.ts';
import { elapsedMs, inTime } from './timer.ts';

const READY_MS = 3_000;

export async function startProgram(
  context: FaultContext,
  node: Node,
  signal: AbortSignal,
): Promise<{ readonly [what: string]: Json }> {
  const begun = context.timer.now();
  await context.system.start(node, context.environment.nodes);
  return awaitServing(context, node, signal, begun);
}

/** A node that is cut off may run without serving: that is told, but it is no failure of the start. */
export async function awaitServing(
  { system, timer, readyTimeoutMs = READY_MS }: FaultContext,
  node: Node,
  signal: AbortSignal,
  begun = timer.now(),
): Promise<{ readonly [what: string]: Json }> {
  const serving = async (late: AbortSignal) => {
    await system.awaitReady(node, late);
    return { ready: true, readyMs: elapsedMs(timer, begun) };
  };
  const ready = await inTime(timer, readyTimeoutMs, serving, signal).catch(() => undefined);
  return ready ?? { ready: false };
}
