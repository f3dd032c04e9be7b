// Operations of any model as columns, made ready for a search that walks along their events: what kind each is, its class of
// equal calls, and a slot for it while it is open. What changes the state and what observes it have slots of their own.

import type { Model } from '../../model.ts';
import type { Operation } from '../../op.ts';
import { NONE } from '../problem.ts';
import { Calls } from './calls.ts';
import { NEVER } from './timeline.ts';

export const MUTATOR = 0;
export const OBSERVER = 1;
export const CRASHED = 2;
/** A crashed observer: it has no events. */
export const NOTHING = 3;

/** Crashed operations of one class of equal calls: only their number matters. */
export interface CrashedCalls {
  readonly call: number;
  /** By invocation. */
  readonly rows: number[];
}

export interface ModelTimeline {
  readonly calls: Calls;
  /** Both ends of the operations by position: twice the row, plus one for a completion. */
  readonly events: Int32Array;
  /** By row; the same for the columns below. */
  readonly kind: Uint8Array;
  /** The class of equal calls. */
  readonly call: Int32Array;
  /** The event of its completion; NEVER for a crashed one. */
  readonly end: Int32Array;
  /** Of a completed one: its slot among those of its kind. Of a crashed one: its class among `crashed`. */
  readonly slot: Int32Array;
  /** How many slots. */
  readonly slots: readonly [mutators: number, observers: number];
  readonly crashed: readonly CrashedCalls[];
}

export function modelTimelineOf<State>(model: Model<State>, operations: readonly Operation[]): ModelTimeline {
  const calls = new Calls();
  const size = operations.length;
  const kind = new Uint8Array(size);
  const call = new Int32Array(size);
  /** By class of calls: what it is to the search. */
  const kinds: number[] = [];
  for (let row = 0; row < size; row++) {
    const operation = operations[row] as Operation;
    const number = calls.classOf(operation);
    kinds[number] ??= kindOf(model, operation);
    call[row] = number;
    kind[row] = kinds[number];
  }
  const events = eventsOf(operations, kind);
  const end = new Int32Array(size).fill(NEVER);
  const slot = new Int32Array(size).fill(NONE);
  const slots: [number, number] = [0, 0];
  const free: [number[], number[]] = [[], []];
  const crashed: CrashedCalls[] = [];
  const crashedOf = new Map<number, number>();
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as number;
    const row = event >> 1;
    const of = kind[row] as number;
    if (of === CRASHED) {
      const number = call[row] as number;
      let index = crashedOf.get(number);
      if (index === undefined) {
        index = crashed.push({ call: number, rows: [] }) - 1;
        crashedOf.set(number, index);
      }
      crashed[index]?.rows.push(row);
      slot[row] = index;
    } else if ((event & 1) === 0) {
      slot[row] = free[of as 0 | 1].pop() ?? slots[of as 0 | 1]++;
    } else {
      free[of as 0 | 1].push(slot[row] as number);
      end[row] = at;
    }
  }
  return { calls, events, kind, call, end, slot, slots, crashed };
}

function kindOf<State>(model: Model<State>, { call, result }: Operation): number {
  const isObserver = model.isObserver(call, result);
  if (result === undefined) return isObserver ? NOTHING : CRASHED;
  return isObserver ? OBSERVER : MUTATOR;
}

/** Sorted as one number each, which is fast: the position, then the event. */
function eventsOf(operations: readonly Operation[], kind: Uint8Array): Int32Array {
  const size = operations.length;
  const numbers = new Float64Array(size * 2);
  let length = 0;
  for (let row = 0; row < size; row++) {
    if (kind[row] === NOTHING) continue;
    const { invokedAt, completedAt } = operations[row] as Operation;
    numbers[length++] = invokedAt * size * 2 + row * 2;
    if (kind[row] !== CRASHED) numbers[length++] = completedAt * size * 2 + row * 2 + 1;
  }
  const sorted = numbers.subarray(0, length).sort();
  return Int32Array.from(sorted, (number) => number % (size * 2));
}
