// Clients that nobody needs any more. They are closed in the background; how that goes concerns no operation.

import type { Client } from '../system.ts';
import { attempt } from './attempt.ts';
import type { Timers } from './timers.ts';

export class DiscardedClients {
  /** How many did not close properly. */
  errors = 0;
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  readonly #closing = new Set<Promise<void>>();

  constructor(timers: Timers, timeoutMs: number) {
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
  }

  close(client: Client): void {
    const closed = new Promise<void>((resolve) => {
      attempt({
        timers: this.#timers,
        timeoutMs: this.#timeoutMs,
        act: () => client.close(),
        ended: (end) => {
          if (end.kind !== 'done') this.errors++;
          resolve();
        },
        late: () => {},
      });
    });
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }

  /** When all of them are closed, or have been waited for long enough. */
  async allClosed(): Promise<void> {
    await Promise.all(this.#closing);
  }
}
