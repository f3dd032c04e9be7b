// Ctrl-C. The first one asks for an orderly end; the second one, a second later or more, leaves at once: npm may hand on
// one key press twice.

import { constants } from 'node:os';

const SAME_KEY_PRESS_MS = 1000;

export interface Interruption {
  readonly signal: AbortSignal;
  /** What interrupted, if anything did. */
  by(): NodeJS.Signals | undefined;
  /** Gives the signals back to their default. */
  release(): void;
}

/** `leave` must end everything at once and synchronously; the process ends after it. */
export function onInterrupt(say: (text: string) => void, leave: () => void): Interruption {
  const controller = new AbortController();
  let first: { signal: NodeJS.Signals; at: number } | undefined;
  const handle = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = { signal, at: performance.now() };
      say('Stopping: healing, then judging what was recorded. Ctrl-C again to quit at once.');
      controller.abort(new Error('interrupted'));
      return;
    }
    if (performance.now() - first.at < SAME_KEY_PRESS_MS) return;
    say('Quitting at once.');
    leave();
    process.exit(128 + constants.signals[signal]);
  };
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handle);
  return {
    signal: controller.signal,
    by: () => first?.signal,
    release: () => {
      for (const signal of signals) process.off(signal, handle);
    },
  };
}
