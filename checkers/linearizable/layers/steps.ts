// A step of a trail as a number: what was placed and how.

/** A blind write, placed now. */
export const BLIND = 0;
/** A cas, placed now. */
export const MOVE = 1;
/** Placed just before the last blind write. */
export const EARLIER = 2;

const CRASHED = 4;

/** `id` is the row of a completed operation or the class of a crashed one. */
export function stepItem(how: number, id: number, crashed: boolean): number {
  return (id << 3) | (crashed ? CRASHED : 0) | how;
}

export function howOf(item: number): number {
  return item & 3;
}

export function isCrashed(item: number): boolean {
  return (item & CRASHED) !== 0;
}

export function idOf(item: number): number {
  return item >> 3;
}
