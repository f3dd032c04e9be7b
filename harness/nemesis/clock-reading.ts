// How far a node's clock is ahead of the controller's, as the program under test itself sees it.

import { nanosPerMs } from '../clock.ts';
import type { Node } from '../environment.ts';
import type { FaultContext } from './fault-context.ts';
import { inTime } from './timer.ts';
import { wanted } from './wanted-ability.ts';

export interface ClockReading {
  readonly offsetMs: number;
  /** How long the reading took: what it is uncertain by. */
  readonly roundTripMs: number;
  /** Whose clock it is: the program's own, or that of a fresh program beside it. */
  readonly by: 'program' | 'node';
  /** When, by the harness's own clock, in nanoseconds. */
  readonly at: number;
}

const ASKING_MS = 2_000;

/**
 * Asks the program, if it runs and can tell, and otherwise a fresh program on the node. Throws when neither answers:
 * nothing can be read within a frozen machine or one that is off.
 */
export async function readClock(
  context: FaultContext,
  node: Node,
  signal: AbortSignal,
): Promise<ClockReading> {
  const outOfReach = context.nodeStates.outOfReach(node.name);
  if (outOfReach !== undefined) throw new Error(outOfReach);
  return (await ofProgram(context, node, signal)) ?? ofNode(context, node, signal);
}

async function ofProgram(
  { hostClockMs = Date.now, nodeStates, system, timer }: FaultContext,
  node: Node,
  signal: AbortSignal,
): Promise<ClockReading | undefined> {
  if (nodeStates.state(node.name) !== 'running') return undefined;
  const ask = async (late: AbortSignal) => {
    const begun = timer.now();
    const beganMs = hostClockMs();
    const shownMs = await system.wallClockMs?.(node, late);
    const roundTripMs = (timer.now() - begun) / nanosPerMs;
    const offsetMs = (shownMs ?? Number.NaN) - (beganMs + roundTripMs / 2);
    return { offsetMs, roundTripMs, by: 'program' as const, at: begun + (roundTripMs / 2) * nanosPerMs };
  };
  const reading = await inTime(timer, ASKING_MS, ask, signal).catch(() => undefined);
  return reading !== undefined && Number.isFinite(reading.offsetMs) ? reading : undefined;
}

/** Takes its own round trip into account; the time it takes is uncertain all the same. */
async function ofNode({ timer }: FaultContext, node: Node, signal: AbortSignal): Promise<ClockReading> {
  const clock = wanted(node, 'clock');
  const begun = timer.now();
  const answer = await inTime(
    timer,
    2 * ASKING_MS,
    async () => ({ offsetMs: await clock.offsetMs() }),
    signal,
  );
  if (answer === undefined) throw new Error('its clock could not be read in time');
  const at = timer.now();
  return {
    offsetMs: answer.offsetMs,
    roundTripMs: (at - begun) / nanosPerMs,
    by: 'node',
    at: (begun + at) / 2,
  };
}
