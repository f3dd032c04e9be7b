// What a fault needs of a run.

import type { Json } from '../../checkers/json.ts';
import type { Environment, NodeName } from '../environment.ts';
import type { Stream } from '../random.ts';
import type { System } from '../system.ts';
import { findLeaders } from './leaders.ts';
import type { LinkWishes } from './link-wishes.ts';
import type { FaultOutcome } from './nemesis.ts';
import type { NodeStates } from './node-states.ts';
import type { Timer } from './timer.ts';

export interface FaultContext {
  readonly environment: Environment;
  readonly system: System;
  /** One for all faults of a run. */
  readonly nodeStates: NodeStates;
  /** One for all faults of a run. */
  readonly linkWishes: LinkWishes;
  /** The run's; each fault forks its own by name. */
  readonly stream: Stream;
  /** Mean time between two calls of one fault. */
  readonly intervalMs: number;
  readonly timer: Timer;
  /** No harm is planned shorter than this: it must outlast elections and the clients' patience. */
  readonly minimumHarmMs?: number;
  /** How long a started node may take until it serves, before the nemesis goes on without it. */
  readonly readyTimeoutMs?: number;
  /** A partition keeps the clients away as well from nodes that hear fewer than a majority. */
  readonly cutClients?: boolean;
  /** The controller's own wall clock, in milliseconds since 1970; `Date.now` unless told. */
  readonly hostClockMs?: () => number;
  /** Told, and awaited, before any harm, so that what was half done can be undone by somebody else. */
  readonly intend?: (intent: Intent) => Promise<void>;
}

export interface Intent {
  readonly f: string;
  /** The nodes by name, or the grudge. */
  readonly targets: Json;
}

export function nodeNames(environment: Environment): string[] {
  return environment.nodes.map((node) => node.name);
}

/** Tells what is about to be done. Gives a failure if that cannot be kept: nothing may be touched then. */
export async function announced(context: FaultContext, intent: Intent): Promise<FaultOutcome | undefined> {
  try {
    await context.intend?.(intent);
    return undefined;
  } catch (error) {
    return {
      status: 'failed',
      reason: `not begun: ${reasonOf(error)}`,
      evidence: { targets: intent.targets },
    };
  }
}

/** What harm lasts at least: two seconds, unless the interval is shorter than that. */
export function minimumHarmMs({ minimumHarmMs: wished, intervalMs }: FaultContext): number {
  return wished ?? Math.min(2_000, intervalMs);
}

/**
 * Who claims to lead, highest term first. Only nodes that run are asked: a paused one cannot answer, and would use up
 * the time for asking.
 */
export async function runningLeaders(context: FaultContext, signal: AbortSignal): Promise<NodeName[]> {
  const { environment, nodeStates, system, timer } = context;
  const running = environment.nodes.filter((node) => nodeStates.state(node.name) === 'running');
  return (await findLeaders(system, running, timer, signal)).map((claim) => claim.node);
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
