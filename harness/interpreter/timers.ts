// The interpreter's way to wait. A simulated world brings its own and drives the same interpreter in virtual time.

export type Cancel = () => void;

export interface Timers {
  /** Calls back after so long. Real ones are up to a few milliseconds late; plans make up for it (see stagger). */
  after(delayMs: number, callback: () => void): Cancel;
  /** Calls back soon, but after what has arrived meanwhile has been delivered. */
  soon(callback: () => void): Cancel;
}

const LONGEST_MS = 2 ** 31 - 1;

export const realTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.ceil(delayMs), LONGEST_MS));
    return () => clearTimeout(timer);
  },
  soon(callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};
