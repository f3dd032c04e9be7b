// How late the controller's own event loop ran. Its stalls widen recorded intervals, which can hide bugs but never
// invents one; so they are measured and shown.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { nanosPerMs } from './clock.ts';

/** In milliseconds. */
export interface EventLoopLag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How often the loop is asked to be on time. Its histogram holds this much and the delay. */
const RESOLUTION_MS = 10;

/** Measures until it is stopped. */
export function measureEventLoopLag(): { stop(): EventLoopLag } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const lag = (nanos: number) => Math.max(0, nanos / nanosPerMs - RESOLUTION_MS);
  return {
    stop() {
      histogram.disable();
      if (histogram.count === 0) return { p50: 0, p99: 0, max: 0 };
      return {
        p50: lag(histogram.percentile(50)),
        p99: lag(histogram.percentile(99)),
        max: lag(histogram.max),
      };
    },
  };
}
