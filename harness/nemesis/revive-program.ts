// After the repair of a disk: a program that ended because of it is started again, and one that is about to is waited for.

import type { Json } from '../../checkers/json.ts';
import type { Node } from '../environment.ts';
import type { FaultContext } from './fault-context.ts';
import { awaitServing, startProgram } from './start-program.ts';

/** Leaves a paused program as it is. */
export async function reviveProgram(
  context: FaultContext,
  node: Node,
  signal: AbortSignal,
): Promise<{ readonly [what: string]: Json }> {
  if ((await node.state()) === 'dead') return startProgram(context, node, signal);
  if ((await node.state()) === 'paused') return {};
  const serving = await awaitServing(context, node, signal);
  return (await node.state()) === 'dead' ? startProgram(context, node, signal) : serving;
}
