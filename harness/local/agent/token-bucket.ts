// Bytes per second, in the usual way: tokens flow in at the rate, and a small store of them lets short bursts pass.

/** The store holds as much as flows in during this time: coarse timers then do not lower the rate. */
const storeMs = 50;

/** How long a sender should wait for more when the store is empty: rather a few larger pieces than many bytes. */
const pieceMs = 10;

export class TokenBucket {
  readonly #bytesPerMs: number;
  readonly #capacity: number;
  #tokens: number;
  #at: number;

  /** Times are milliseconds on any one monotonic clock. */
  constructor(bytesPerSecond: number, now: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#capacity = Math.max(1, this.#bytesPerMs * storeMs);
    this.#tokens = this.#capacity;
    this.#at = now;
  }

  /** How many of `wanted` bytes may go now; they are taken from the store. */
  take(wanted: number, now: number): number {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) * this.#bytesPerMs);
    this.#at = now;
    const granted = Math.min(wanted, Math.floor(this.#tokens));
    this.#tokens -= granted;
    return granted;
  }

  /** Milliseconds after which asking again is worth it. */
  waitMs(): number {
    const piece = Math.max(1, Math.min(this.#capacity, this.#bytesPerMs * pieceMs));
    return Math.max(0, piece - this.#tokens) / this.#bytesPerMs;
  }
}
