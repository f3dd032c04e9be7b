// What a search has cost so far, by its own count, and the one place where it gives up. Memory is a hard limit: whatever
// grows asks before it does, with what would be held while the old is copied into the new.

import type { Budget, GaveUp } from '../../checker.ts';

/** Thrown out of the depth of a search that may not go on; it never leaves the search. */
export class GivingUp extends Error {
  override name = 'GivingUp';
  readonly why: GaveUp | 'limit';
  constructor(why: GaveUp | 'limit') {
    super(why);
    this.why = why;
  }
}

/** Steps between two looks at the budget. */
const STEPS_PER_LOOK = 2048;
/** Beyond so many items an array grows by half, not to the double. */
const LARGE = 1 << 18;

export class Effort {
  /** Configurations so far. */
  configurations = 0;
  readonly #budget: Budget;
  readonly #most: number;
  #bytes = 0;
  #untilLook = STEPS_PER_LOOK;

  /** `most`: give up with `limit` after so many configurations. */
  constructor(budget: Budget, most: number) {
    this.#budget = budget;
    this.#most = most;
  }

  /** What is held; after giving up for memory, what would have been. */
  get bytes(): number {
    return this.#bytes;
  }

  /** To be called before `from` bytes are replaced by a copy of `to` bytes. Throws {@link GivingUp}. */
  grow(from: number, to: number): void {
    const most = this.#bytes + to;
    const why = this.#budget.giveUp(most);
    if (why === 'memory') this.#bytes = most;
    if (why !== undefined) throw new GivingUp(why);
    this.#bytes = most - from;
  }

  /** Something for a moment only: asks, and counts nothing. Throws {@link GivingUp}. */
  borrow(bytes: number): void {
    this.grow(0, bytes);
    this.#bytes -= bytes;
  }

  /** The same as {@link grow} for what can be done without: false, and nothing counted, where it may not. */
  mayGrow(from: number, to: number): boolean {
    if (this.#budget.giveUp(this.#bytes + to) !== undefined) return false;
    this.#bytes += to - from;
    return true;
  }

  /** Counts steps, and looks at the budget now and then. Throws {@link GivingUp}. */
  spend(steps: number): void {
    this.#untilLook -= steps;
    if (this.#untilLook > 0) return;
    this.#untilLook = STEPS_PER_LOOK;
    const why = this.#budget.giveUp(this.#bytes) ?? (this.configurations > this.#most ? 'limit' : undefined);
    if (why !== undefined) throw new GivingUp(why);
  }

  /** A longer copy of an array that is too short, or one of `least` items at least. Throws {@link GivingUp}. */
  grown(old: Int32Array, least = 0): Int32Array<ArrayBuffer> {
    const { length } = old;
    const longer = Math.max(least, length < LARGE ? length * 2 : Math.ceil(length * 1.5));
    this.grow(old.byteLength, longer * 4);
    const copy = new Int32Array(longer);
    copy.set(old);
    return copy;
  }

  /** A new array of zeros. Throws {@link GivingUp}. */
  array(length: number): Int32Array<ArrayBuffer> {
    this.grow(0, length * 4);
    return new Int32Array(length);
  }
}
