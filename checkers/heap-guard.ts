// Whether the heap of this thread is about to be full. A process that runs into the limit of V8 is killed without a word,
// so a check looks before that.

import { getHeapStatistics } from 'node:v8';

/** Objects may fill so much of the heap. The rest is for what is made between two looks, and for the collector's copies. */
const SHARE = 0.8;
/** Between two looks, each of which costs some microseconds. */
const LOOK_MS = 5;

export class HeapGuard {
  #lookedAt = -Infinity;
  #isFull = false;

  /** `now` in milliseconds of `performance.now()`. Once full, it is full until a later look finds room. */
  isFull(now: number): boolean {
    if (now - this.#lookedAt < LOOK_MS) return this.#isFull;
    this.#lookedAt = now;
    this.#isFull = getHeapStatistics().used_heap_size > heapLimitBytes() * SHARE;
    return this.#isFull;
  }
}

/** The spaces for young objects, which V8 adds to what it calls the limit: three times 16 MB, unless a flag says otherwise. */
const YOUNG_BYTES = 48 * 2 ** 20;

/** What V8 allows this thread for what lives long (`--max-old-space-size`), in bytes. */
export function heapLimitBytes(): number {
  const { heap_size_limit: limit } = getHeapStatistics();
  return Math.max(limit / 2, limit - YOUNG_BYTES);
}

/** Whether it was thrown because something got too large for the memory or for a collection of JavaScript. */
export function isTooLarge(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /allocation failed|maximum size exceeded|Invalid (typed )?array (buffer )?length|Invalid string length/u.test(
      error.message,
    )
  );
}
