// The tokens that came, by nonce, and who waits for them. They may come before anybody asks.

import type { Arrival } from './protocol.ts';

/** Those of old probes are forgotten, first come, first gone. */
const keptAtMost = 5_000;

export class Arrivals {
  readonly #byNonce = new Map<string, Arrival[]>();
  readonly #waiting = new Set<() => void>();

  add(nonce: string, arrival: Arrival): void {
    const known = this.#byNonce.get(nonce);
    if (known !== undefined) known.push(arrival);
    else {
      this.#byNonce.set(nonce, [arrival]);
      const [oldest] = this.#byNonce.keys();
      if (oldest !== undefined && this.#byNonce.size > keptAtMost) this.#byNonce.delete(oldest);
    }
    for (const look of this.#waiting) look();
  }

  of(nonce: string): readonly Arrival[] {
    return this.#byNonce.get(nonce) ?? [];
  }

  forget(nonce: string): void {
    this.#byNonce.delete(nonce);
  }

  /** Resolves when so many have come under each nonce, or at the end of `patience`. */
  async when(
    expected: readonly { readonly nonce: string; readonly count: number }[],
    patience: Promise<unknown>,
  ): Promise<void> {
    const complete = () => expected.every(({ nonce, count }) => this.of(nonce).length >= count);
    if (expected.length > 0 && complete()) return;
    let look: (() => void) | undefined;
    const all = new Promise<void>((resolve) => {
      look = () => {
        if (expected.length > 0 && complete()) resolve();
      };
      this.#waiting.add(look);
    });
    try {
      await Promise.race([all, patience]);
    } finally {
      if (look !== undefined) this.#waiting.delete(look);
    }
  }
}
