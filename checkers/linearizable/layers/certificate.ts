// From the steps of a trail to an order of everything: which crashed operations were used, where the writes go that nobody
// observed, and the observers. The search does not keep these places, because they follow from the steps and their times.

import { NONE } from '../problem.ts';
import { Guests } from './guests.ts';
import { BLIND, EARLIER, howOf, idOf, isCrashed } from './steps.ts';
import { FREE, NEVER, OBSERVER, type Timeline, WRITE } from './timeline.ts';

/** Rows in order, and the event just before which each takes effect. */
interface Placed {
  readonly rows: Int32Array;
  readonly times: Int32Array;
}

/** Steps as the trail has them, in the order in which the search took them. */
export interface Path {
  readonly items: Int32Array;
  readonly times: Int32Array;
}

/** Rows in an order: all that completed before the event `until` and what was placed besides. */
export function orderOf(timeline: Timeline, path: Path, until: number): Int32Array {
  return withObservers(timeline, mutatorsOf(timeline, path, until), until);
}

/**
 * All that change the state. A block is a blind write and what follows up to the next; before it go the steps that were
 * placed there later, and the writes that no step placed: each before the first blind write placed after its invocation.
 */
function mutatorsOf(timeline: Timeline, path: Path, until: number): Placed {
  const { items } = path;
  const blindAt = indexesOf(items, (item) => howOf(item) === BLIND);
  const blindTimes = Int32Array.from(blindAt, (i) => path.times[i] as number);
  const silent = unobservedWrites(timeline, items, blindTimes, until);
  const order = new Int32Array(items.length + silent.count);
  const times = new Int32Array(order.length);
  let length = 0;
  const place = (item: number, time: number): void => {
    order[length] = item;
    times[length++] = time;
  };
  // Block -1 is what comes before all blind writes: nothing can be placed before it.
  for (let block = -1; block < blindAt.length; block++) {
    const first = block < 0 ? 0 : (blindAt[block] as number);
    const next = block + 1 < blindAt.length ? (blindAt[block + 1] as number) : items.length;
    if (block >= 0) {
      const time = blindTimes[block] as number;
      for (let row = silent.first[block] as number; row !== NONE; row = silent.next[row] as number) {
        place(row << 3, time);
      }
      for (let i = first; i < next; i++) {
        if (howOf(items[i] as number) === EARLIER) place(items[i] as number, time);
      }
    }
    for (let i = first; i < next; i++) {
      if (howOf(items[i] as number) !== EARLIER) place(items[i] as number, path.times[i] as number);
    }
  }
  return { rows: rowsOf(timeline, order), times };
}

/** In order of time, each use of a class gets the earliest invoked that is left. */
function rowsOf({ classes }: Timeline, items: Int32Array): Int32Array {
  const used = new Int32Array(classes.length);
  return items.map((item) => {
    const id = idOf(item);
    if (!isCrashed(item)) return id;
    const index = used[id] as number;
    used[id] = index + 1;
    return classes[id]?.rows[index] as number;
  });
}

/** Completed writes that no step placed, as a list for each blind write. */
function unobservedWrites(
  { kind, start, end }: Timeline,
  items: Int32Array,
  blindTimes: Int32Array,
  until: number,
): { first: Int32Array; next: Int32Array; count: number } {
  const isPlaced = new Uint8Array(kind.length);
  for (const item of items) if (!isCrashed(item)) isPlaced[idOf(item)] = 1;
  const first = new Int32Array(blindTimes.length).fill(NONE);
  const next = new Int32Array(kind.length);
  let count = 0;
  for (let row = 0; row < kind.length; row++) {
    if (kind[row] !== WRITE || isPlaced[row] === 1 || (end[row] as number) >= until) continue;
    const block = firstAfter(blindTimes, start[row] as number);
    if (block === blindTimes.length || (blindTimes[block] as number) > (end[row] as number)) {
      throw new Error(`the write of row ${row} was given no place`);
    }
    next[row] = first[block] as number;
    first[block] = row;
    count++;
  }
  return { first, next, count };
}

/**
 * Observers by invocation, each at the first place at which its state holds and that is not over when it is invoked. Place i
 * is before the mutator i; there holds what the one before it left.
 */
function withObservers(timeline: Timeline, mutators: Placed, until: number): Int32Array {
  const { kind, end, moves } = timeline;
  const count = mutators.rows.length;
  const stateAt = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) stateAt[i + 1] = moves.leaves[mutators.rows[i] as number] as number;
  const { first, places } = placesByState(stateAt, moves.states);
  const endOf = (place: number): number => (place < count ? (mutators.times[place] as number) : NEVER);
  // Who is invoked later needs no place that was over earlier: by state, the places passed by.
  const passed = first.slice(0, moves.states);
  let passedByFree = 0;
  const guests = new Guests(count + 1, kind.length);
  for (let at = 0; at < moves.events.length; at++) {
    const event = moves.events[at] as number;
    const row = event >> 1;
    const of = kind[row];
    if ((event & 1) === 1 || (of !== OBSERVER && of !== FREE) || (end[row] as number) >= until) continue;
    if (of === FREE) {
      while (endOf(passedByFree) <= at) passedByFree++;
      guests.add(passedByFree, row);
      continue;
    }
    const need = moves.needs[row] as number;
    const last = first[need + 1] as number;
    let index = passed[need] as number;
    while (index < last && endOf(places[index] as number) <= at) index++;
    passed[need] = index;
    if (index === last) throw new Error(`the observer of row ${row} was given no place`);
    guests.add(places[index] as number, row);
  }
  return guests.among(mutators.rows);
}

/** `places` of state s are those from index first[s] to first[s + 1]. */
function placesByState(stateAt: Int32Array, states: number): { first: Int32Array; places: Int32Array } {
  const first = new Int32Array(states + 1);
  for (const state of stateAt) first[state + 1] = (first[state + 1] as number) + 1;
  for (let state = 0; state < states; state++) {
    first[state + 1] = (first[state + 1] as number) + (first[state] as number);
  }
  const filled = first.slice();
  const places = new Int32Array(stateAt.length);
  for (let place = 0; place < stateAt.length; place++) {
    const state = stateAt[place] as number;
    const index = filled[state] as number;
    places[index] = place;
    filled[state] = index + 1;
  }
  return { first, places };
}

function indexesOf(items: Int32Array, test: (item: number) => boolean): number[] {
  const indexes: number[] = [];
  for (let i = 0; i < items.length; i++) if (test(items[i] as number)) indexes.push(i);
  return indexes;
}

/** The index of the first number greater than this one; numbers rise. */
function firstAfter(numbers: Int32Array, limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
