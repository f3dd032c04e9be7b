// A strobe while it lasts: the program's clock is read again and again, and must be seen on both sides.

import type { Json } from '../../checkers/json.ts';
import type { Node } from '../environment.ts';
import type { Random } from '../random.ts';
import type { Strobe } from './clock-amounts.ts';
import { TOO_SMALL } from './clock-amounts.ts';
import { type ClockReading, readClock } from './clock-reading.ts';
import type { FaultContext } from './fault-context.ts';
import { wanted } from './wanted-ability.ts';

/** Not evenly, so that looking never keeps step with the strobe. */
const LEAST_PAUSE_MS = 20;
const MOST_PAUSE_MS = 80;

interface Expectations {
  /** What the clock would be ahead by without the strobe, at a time of the harness's own clock. */
  readonly expectedMs: (at: number) => number;
  readonly toleranceMs: (reading: ClockReading) => number;
}

export async function strobeSeen(
  context: FaultContext,
  node: Node,
  how: Strobe,
  random: Random,
  signal: AbortSignal,
  { expectedMs, toleranceMs }: Expectations,
): Promise<{ readonly counts: { readonly [what: string]: Json }; readonly reason?: string }> {
  const clock = wanted(node, 'clock');
  const end = new AbortController();
  const endEarly = () => void clock.reset().catch(() => {});
  signal.addEventListener('abort', endEarly);
  let [atHome, away, elsewhere] = [0, 0, 0];
  let smallestMs = Infinity;
  const strobing = clock.strobe(how).finally(() => end.abort());
  try {
    while (!end.signal.aborted && !signal.aborted) {
      const reading = await readClock(context, node, AbortSignal.any([signal, end.signal])).catch(
        () => undefined,
      );
      if (reading !== undefined && !end.signal.aborted) {
        const off = Math.abs(reading.offsetMs - expectedMs(reading.at));
        const tolerance = toleranceMs(reading);
        smallestMs = Math.min(smallestMs, tolerance);
        if (off <= tolerance) atHome++;
        else if (Math.abs(off - how.deltaMs) <= tolerance) away++;
        else elsewhere++;
      }
      const pauseMs = LEAST_PAUSE_MS + random.integer(MOST_PAUSE_MS - LEAST_PAUSE_MS);
      await context.timer.sleep(pauseMs, AbortSignal.any([signal, end.signal]));
    }
    await (signal.aborted ? strobing.catch(() => {}) : strobing);
  } finally {
    signal.removeEventListener('abort', endEarly);
    strobing.catch(() => {});
  }
  const counts = {
    'looks at the right time': atHome,
    'looks away from it': away,
    ...(elsewhere === 0 ? {} : { 'looks elsewhere': elsewhere }),
  };
  if (away > 0) return { counts };
  // A small one cannot be told from no strobe at all.
  if (atHome > 0 && how.deltaMs <= 2 * smallestMs) return { counts: { ...counts, note: TOO_SMALL } };
  return { counts, reason: `the clock was never seen ${how.deltaMs} ms away from where it should be` };
}
