// A link: the rule for what one node says to another. Every connection between the two obeys the same object, whoever
// opened it and to whichever port, so that one change of the rule reaches them all.

import type { NodeName } from '../../environment.ts';
import type { Random } from '../../random.ts';
import type { ProxyRule } from '../protocol.ts';
import { TokenBucket } from './token-bucket.ts';

export class Link {
  readonly from: NodeName;
  readonly to: NodeName;
  readonly #random: Random;
  readonly #listeners = new Set<() => void>();
  #rule: ProxyRule | undefined;
  #bucket: TokenBucket | undefined;

  constructor(from: NodeName, to: NodeName, random: Random) {
    this.from = from;
    this.to = to;
    this.#random = random;
  }

  get rule(): ProxyRule | undefined {
    return this.#rule;
  }

  set rule(rule: ProxyRule | undefined) {
    this.#rule = rule;
    this.#bucket =
      rule?.kind === 'limit' ? new TokenBucket(rule.bytesPerSecond, performance.now()) : undefined;
    for (const listener of this.#listeners) listener();
  }

  /** `listener` hears of every change of the rule, after it. */
  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Milliseconds that what is said now takes on its way. */
  delayMs(): number {
    if (this.#rule?.kind !== 'delay') return 0;
    const { delayMs, jitterMs = 0 } = this.#rule;
    return Math.max(0, delayMs + jitterMs * (2 * this.#random.next() - 1));
  }

  /** How many of `bytes` may pass now. */
  take(bytes: number): number {
    return this.#bucket === undefined ? bytes : this.#bucket.take(bytes, performance.now());
  }

  /** Milliseconds until more may pass. */
  waitMs(): number {
    return this.#bucket?.waitMs() ?? 0;
  }
}
