// One asynchronous act with a deadline. It ends exactly once: what comes later reaches nobody but the ear for late results.

import type { Cancel, Timers } from './timers.ts';

export type AttemptEnd<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** Its signal is aborted. */
  | { readonly kind: 'timeout' };

export interface AttemptOptions<T> {
  readonly timers: Timers;
  readonly timeoutMs: number;
  /** Begins at once. What it throws while it is called counts as a rejection. */
  readonly act: (signal: AbortSignal) => Promise<T>;
  /** Called once and never while `attempt` itself runs. */
  readonly ended: (end: AttemptEnd<T>) => void;
  /** A result after the end. */
  readonly late: (value: T) => void;
}

export interface Attempt {
  /** Ends it as a timeout, unless it has ended. */
  giveUp(): void;
}

export function attempt<T>(options: AttemptOptions<T>): Attempt {
  const { timers, timeoutMs, act, ended, late } = options;
  const abort = new AbortController();
  let over = false;
  let cancel: Cancel | undefined;

  const end = (how: AttemptEnd<T>) => {
    over = true;
    cancel?.();
    ended(how);
  };
  const giveUp = () => {
    if (over) return;
    // Recorded first: what the aborted client does at once must come after.
    end({ kind: 'timeout' });
    abort.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
  };
  begin(() => act(abort.signal)).then(
    (value) => (over ? late(value) : end({ kind: 'done', value })),
    (error: unknown) => {
      if (!over) end({ kind: 'threw', error });
    },
  );
  cancel = timers.after(timeoutMs, giveUp);
  return { giveUp };
}

function begin<T>(act: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(act());
  } catch (error) {
    return Promise.reject(error);
  }
}
