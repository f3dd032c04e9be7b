// One thread's client: opened when it is first needed, one call at a time, one attempt each. Tells how a call ended;
// what that means for the history is not decided here.

import type { Call } from '../../checkers/op.ts';
import type { Client } from '../system.ts';
import { type Attempt, type AttemptEnd, attempt } from './attempt.ts';
import type { DiscardedClients } from './discarded-clients.ts';
import type { Timers } from './timers.ts';

export type CallEnd =
  /** Nothing was sent. */
  | { readonly kind: 'no-client'; readonly reason: string }
  /** What the client returned, not looked at yet. */
  | { readonly kind: 'returned'; readonly outcome: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'timeout' };

export interface ClientWorkerOptions {
  readonly timers: Timers;
  readonly opTimeoutMs: number;
  readonly openTimeoutMs: number;
  readonly open: (process: number, signal: AbortSignal) => Promise<Client>;
  readonly discarded: DiscardedClients;
  /** The client answered a call that had already ended. */
  readonly lateReply: (outcome: unknown) => void;
}

export class ClientWorker {
  readonly #options: ClientWorkerOptions;
  #client: Client | undefined;
  #opening: Attempt | undefined;

  constructor(options: ClientWorkerOptions) {
    this.#options = options;
  }

  /** `ended` is called once, after this has returned. */
  invoke(process: number, call: Call, ended: (end: CallEnd) => void): void {
    if (this.#client !== undefined) this.#call(this.#client, call, ended);
    else this.#open(process, call, ended);
  }

  /** The next call gets a fresh client: whatever still arrives for this one reaches nobody. */
  discardClient(): void {
    if (this.#client !== undefined) this.#options.discarded.close(this.#client);
    this.#client = undefined;
  }

  /** Ends a call for which nothing has been sent yet. */
  giveUpOpening(): void {
    this.#opening?.giveUp();
  }

  #open(process: number, call: Call, ended: (end: CallEnd) => void): void {
    const { timers, openTimeoutMs, open, discarded } = this.#options;
    this.#opening = attempt({
      timers,
      timeoutMs: openTimeoutMs,
      act: (signal) => open(process, signal),
      ended: (end) => {
        this.#opening = undefined;
        if (end.kind === 'done') {
          this.#client = end.value;
          this.#call(end.value, call, ended);
        } else {
          ended({ kind: 'no-client', reason: whyNotOpen(end) });
        }
      },
      late: (client) => discarded.close(client),
    });
  }

  #call(client: Client, call: Call, ended: (end: CallEnd) => void): void {
    const { timers, opTimeoutMs, lateReply } = this.#options;
    attempt<unknown>({
      timers,
      timeoutMs: opTimeoutMs,
      act: (signal) => client.invoke(call, signal),
      ended: (end) => ended(end.kind === 'done' ? { kind: 'returned', outcome: end.value } : end),
      late: lateReply,
    });
  }
}

function whyNotOpen(end: Exclude<AttemptEnd<Client>, { kind: 'done' }>): string {
  if (end.kind === 'timeout') return 'not connected in time';
  return end.error instanceof Error ? end.error.message : String(end.error);
}
