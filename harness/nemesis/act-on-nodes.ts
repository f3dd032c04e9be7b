// One action on several nodes at once: only where the state allows it, and believed only when the operating system
// shows the state that was wished.

import type { Json } from '../../checkers/json.ts';
import type { Node, ProgramState } from '../environment.ts';
import { reasonOf } from './fault-context.ts';
import type { FaultOutcome } from './nemesis.ts';
import { type NodeAction, type NodeStates, permission } from './node-states.ts';
import { elapsedMs, type Timer } from './timer.ts';

export interface Action {
  readonly action: NodeAction;
  readonly states: NodeStates;
  readonly timer: Timer;
  /** What it answers goes into the node's evidence. */
  readonly act: (node: Node, signal: AbortSignal) => Promise<{ readonly [what: string]: Json } | undefined>;
}

/** What was seen at one node. */
interface Sight {
  readonly status: FaultOutcome['status'];
  readonly reason?: string;
  readonly was?: ProgramState;
  readonly now?: ProgramState;
  readonly [what: string]: Json | undefined;
}

/** Failed if it failed anywhere, applied if it was seen anywhere, skipped where no node was in a state for it. */
export async function actOnNodes(
  nodes: readonly Node[],
  action: Action,
  signal: AbortSignal,
): Promise<Omit<FaultOutcome, 'evidence'> & { readonly seen: { readonly [node: string]: Json } }> {
  const sights = await Promise.all(
    nodes.map(async (node): Promise<[string, Sight]> => [node.name, await actOnNode(node, action, signal)]),
  );
  const having = (status: FaultOutcome['status']) => sights.filter(([, sight]) => sight.status === status);
  const status =
    having('failed').length > 0 ? 'failed' : having('applied').length > 0 ? 'applied' : 'skipped';
  const seen = Object.fromEntries(sights);
  if (status === 'applied') return { status, seen };
  const reasons = having(status).map(([name, sight]) => `${name}: ${sight.reason ?? status}`);
  return { status, reason: reasons.length > 0 ? reasons.join('; ') : 'no node was chosen', seen };
}

async function actOnNode(
  node: Node,
  { action, states, timer, act }: Action,
  signal: AbortSignal,
): Promise<Sight> {
  const begun = timer.now();
  let was: ProgramState | undefined;
  try {
    was = await node.state();
    const expected = states.observe(node.name, was);
    const surprise = expected === undefined ? {} : { expected };
    const answer = permission(was, action, (condition) => states.has(node.name, condition));
    if (!answer.allowed) return { status: 'skipped', reason: answer.reason, was, ...surprise };
    if (signal.aborted) return { status: 'skipped', reason: 'interrupted', was, ...surprise };
    states.begin(node.name, action);
    const before = node.pid();
    const details = await act(node, signal);
    const now = await node.state();
    states.observe(node.name, now);
    const pid = before ?? node.pid();
    const sight = {
      was,
      now,
      ...(pid === undefined ? {} : { pid }),
      ms: elapsedMs(timer, begun),
      ...surprise,
      ...details,
    };
    if (now !== answer.to && now !== answer.or) {
      return { status: 'failed', reason: `${action} was tried, but it is ${now}`, ...sight };
    }
    states.end(node.name, action);
    return { status: 'applied', ...sight };
  } catch (error) {
    const now = await node.state().catch(() => undefined);
    if (now !== undefined) states.observe(node.name, now);
    if (now === 'dead' && wantsRunning.has(action) && hasBrokenDisk(states, node.name)) {
      return { status: 'skipped', reason: 'it ended by itself before', now };
    }
    return {
      status: 'failed',
      reason: reasonOf(error),
      ...(was === undefined ? {} : { was }),
      ...(now === undefined || now === was ? {} : { now }),
    };
  }
}

/** What wants a running program, and is left without one that ended between the look at it and the act. */
const wantsRunning: ReadonlySet<NodeAction> = new Set(['kill', 'terminate', 'pause', 'freeze']);

function hasBrokenDisk(states: NodeStates, name: string): boolean {
  return states.has(name, 'disk-full') || states.has(name, 'disk-read-only');
}
