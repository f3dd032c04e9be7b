// From the steps of a trail to an order of everything: which crashed operations were used, and where the observers go. The
// search does not keep these places, because they follow from the steps and their times.

import { Guests } from './guests.ts';
import { CRASHED, type ModelTimeline, OBSERVER } from './model-timeline.ts';
import { ILLEGAL, type Transitions } from './transitions.ts';

/** Steps as the trail has them: twice the row, or twice the class of crashed calls plus one; and events. */
interface Path {
  readonly items: Int32Array;
  readonly times: Int32Array;
}

/** Rows in an order: all that completed before the event `until`, and what was placed besides. */
export function modelOrderOf<State>(
  timeline: ModelTimeline,
  transitions: Transitions<State>,
  path: Path,
  until: number,
): Int32Array {
  const { kind, call, end, events } = timeline;
  const rows = rowsOf(timeline, path.items);
  const count = rows.length;
  /** Place i is before the step i; there holds what the one before it left. */
  const stateAt = new Int32Array(count + 1);
  stateAt[0] = transitions.initial;
  for (let i = 0; i < count; i++) {
    stateAt[i + 1] = transitions.after(stateAt[i] as number, call[rows[i] as number] as number);
  }
  const guests = new Guests(count + 1, kind.length);
  // Each observer goes to the first place that is not over when it is invoked and where it is legal.
  let passed = 0;
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as number;
    const row = event >> 1;
    if ((event & 1) === 1 || kind[row] !== OBSERVER || (end[row] as number) >= until) continue;
    while (passed < count && (path.times[passed] as number) <= at) passed++;
    let place = passed;
    while (place <= count && transitions.after(stateAt[place] as number, call[row] as number) === ILLEGAL)
      place++;
    if (place > count) throw new Error(`the observer of row ${row} was given no place`);
    guests.add(place, row);
  }
  return guests.among(rows);
}

/** In order of time, each use of a class of crashed calls gets the earliest invoked that is left. */
function rowsOf({ crashed, kind }: ModelTimeline, items: Int32Array): Int32Array {
  const used = new Int32Array(crashed.length);
  return items.map((item) => {
    const id = item >> 1;
    if ((item & 1) === 0) return id;
    const index = used[id] as number;
    used[id] = index + 1;
    const row = crashed[id]?.rows[index] as number;
    if (kind[row] !== CRASHED) throw new Error(`row ${row} did not crash`);
    return row;
  });
}
