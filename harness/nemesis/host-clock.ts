// The controller's own clock must stay as it is while those of nodes are moved: who moved it would damage the machine and
// everything else on it.

import { nanosPerMs } from '../clock.ts';
import type { FaultContext } from './fault-context.ts';

/** More than a clock that is being disciplined drifts meanwhile. */
const TOLERANCE_MS = 50;

export interface HostClockWatch {
  /** By how much the wall clock has gone on more than the monotonic one since the watch began, in milliseconds. */
  movedMs(): number;
}

export function watchHostClock({
  hostClockMs = Date.now,
  timer,
}: Pick<FaultContext, 'hostClockMs' | 'timer'>): HostClockWatch {
  const aheadMs = () => hostClockMs() - timer.now() / nanosPerMs;
  const before = aheadMs();
  return { movedMs: () => Math.round(aheadMs() - before) };
}

/** What is wrong with that, if anything is. */
export function hostClockTrouble(movedMs: number): string | undefined {
  if (Math.abs(movedMs) <= TOLERANCE_MS) return undefined;
  return `the controller's own clock moved by ${movedMs} ms; only the nodes' clocks may be touched`;
}
