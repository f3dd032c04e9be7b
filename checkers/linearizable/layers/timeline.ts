// The columns of a part, made ready for a search that walks along its events: what kind each operation is, when it ends,
// and a slot for it while it is open. Observers, blind writes and cas have slots of their own, so that one word of bits
// holds 32 open operations of a kind.

import type { Moves } from '../moves.ts';
import { NONE } from '../problem.ts';

/** What an operation is to the search. `free`: legal in every state and without effect. */
export const CAS = 0;
export const WRITE = 1;
export const OBSERVER = 2;
export const FREE = 3;
export const CRASHED = 4;

/** Later than every event. */
export const NEVER = 0x7fffffff;

/** Crashed operations that do the same: only their number matters. */
export interface CrashedClass {
  /** NONE for a blind write. */
  readonly needs: number;
  readonly leaves: number;
  /** Events of their invocations. */
  readonly starts: readonly number[];
  readonly rows: readonly number[];
}

export interface Timeline {
  readonly moves: Moves;
  /** By row; the same for the columns below. */
  readonly kind: Uint8Array;
  /** The event of its invocation. */
  readonly start: Int32Array;
  /** The event of its completion; NEVER for a crashed one. */
  readonly end: Int32Array;
  /** Of a completed one: its slot among those of its kind. Of a crashed one: its class, NONE when it is left out. */
  readonly slot: Int32Array;
  /** By kind: how many slots. */
  readonly slots: readonly [cas: number, write: number, observer: number];
  readonly classes: readonly CrashedClass[];
}

export function timelineOf(moves: Moves): Timeline {
  const { needs, leaves, events } = moves;
  const rows = needs.length;
  const kind = new Uint8Array(rows).fill(FREE);
  const start = new Int32Array(rows);
  const end = new Int32Array(rows).fill(NEVER);
  const slot = new Int32Array(rows).fill(NONE);
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as number;
    if ((event & 1) === 0) start[event >> 1] = at;
    else end[event >> 1] = at;
  }
  const free: [number[], number[], number[]] = [[], [], []];
  const slots: [number, number, number] = [0, 0, 0];
  const crashed: number[] = [];
  for (let at = 0; at < events.length; at++) {
    const row = (events[at] as number) >> 1;
    if (end[row] === at) {
      const of = kind[row] as number;
      if (of < FREE) free[of as 0 | 1 | 2].push(slot[row] as number);
    } else if (end[row] === NEVER) {
      kind[row] = CRASHED;
      crashed.push(row);
    } else {
      const of =
        leaves[row] === NONE ? (needs[row] === NONE ? FREE : OBSERVER) : needs[row] === NONE ? WRITE : CAS;
      kind[row] = of;
      if (of !== FREE) slot[row] = free[of].pop() ?? slots[of]++;
    }
  }
  const classes = crashedClasses(moves, crashed, start, end);
  for (const [index, { rows }] of classes.entries()) {
    for (const row of rows) slot[row] = index;
  }
  return { moves, kind, start, end, slot, slots, classes };
}

/**
 * A crashed operation may be left out when the state that it leaves is needed by nobody whom it could serve: by none who
 * completed after it was invoked, and by no crashed one that is itself kept. (Strike such operations out of an order: what
 * followed one of them, up to the next that leaves a state, needed no state, so it is legal in the state before as well.)
 */
function crashedClasses(
  { needs, leaves, states }: Moves,
  crashed: readonly number[],
  start: Int32Array,
  end: Int32Array,
): CrashedClass[] {
  if (crashed.length === 0) return [];
  const neededUntil = new Int32Array(states).fill(-1);
  for (let row = 0; row < needs.length; row++) {
    const need = needs[row] as number;
    const until = end[row] as number;
    if (need !== NONE && until !== NEVER && until > (neededUntil[need] as number)) neededUntil[need] = until;
  }
  const isKept = (row: number): boolean =>
    (start[row] as number) < (neededUntil[leaves[row] as number] as number);
  const keepNeedsOf = crashed.filter((row) => needs[row] !== NONE);
  for (let changed = true; changed; ) {
    changed = false;
    for (const row of keepNeedsOf) {
      const need = needs[row] as number;
      if (neededUntil[need] === NEVER || !isKept(row)) continue;
      neededUntil[need] = NEVER;
      changed = true;
    }
  }
  const classes = new Map<number, { needs: number; leaves: number; starts: number[]; rows: number[] }>();
  for (const row of crashed) {
    if (!isKept(row)) continue;
    const [from, to] = [needs[row] as number, leaves[row] as number];
    const name = (from + 1) * states + to;
    const group = classes.get(name) ?? { needs: from, leaves: to, starts: [], rows: [] };
    classes.set(name, group);
    group.starts.push(start[row] as number);
    group.rows.push(row);
  }
  return [...classes.values()];
}
