// Judges a history while it is being recorded. What it says of a violation stands: the ops so far have no legal order,
// whatever comes later. The check at the end of a run says so again, with evidence.

import type { Model } from '../model.ts';
import type { Op } from '../op.ts';
import { KeyWatch } from './key-watch.ts';

export interface OnlineVerdict {
  readonly validity: 'valid so far' | 'invalid' | 'unknown';
  /** Of the violation, or one that is not judged any more; absent where the model has no keys. */
  readonly key?: string;
  /** Index of the invocation of the operation with which the violation became certain. */
  readonly operation?: number;
  /** What a stranger understands without the rest. */
  readonly sentence: string;
}

export interface OnlineOptions {
  /** Configurations that one event of one key may visit before that key is given up; 10,000 if not given. */
  readonly configurations?: number;
  /** Ops kept of one key for the case that a value is written twice; 1,000 if not given. */
  readonly keptOfKey?: number;
  /** The same of all keys together; 100,000 if not given. */
  readonly kept?: number;
  /** Look for what can be forgotten at every op, not only when there is much: for tests. */
  readonly sweepAlways?: boolean;
}

/**
 * Fed op by op in the order of the history; ops of the nemesis are passed over. Memory grows with what is open, with
 * operations whose outcome is unknown and with the number of keys, and not with length.
 *
 * A key whose model has moves (registers) is judged at the very op that leaves no order, as long as no value is written
 * again while it still matters. Other keys are judged as soon as all has ended that was invoked before that op. A key that
 * would take too much is unknown from then on; the others are still judged.
 */
export class OnlineChecker<State> {
  readonly #model: Model<State>;
  readonly #options: Required<OnlineOptions>;
  readonly #keys = new Map<string | undefined, KeyWatch<State>>();
  readonly #givenUp = new Map<string | undefined, string>();
  #kept = 0;
  #refusal: string | undefined;
  #violation: OnlineVerdict | undefined;

  constructor(model: Model<State>, options: OnlineOptions = {}) {
    this.#model = model;
    this.#options = {
      configurations: options.configurations ?? 10_000,
      keptOfKey: options.keptOfKey ?? 1_000,
      kept: options.kept ?? 100_000,
      sweepAlways: options.sweepAlways ?? false,
    };
  }

  /** Ops, values and configurations held: what memory goes with. */
  get size(): number {
    let size = 0;
    for (const watch of this.#keys.values()) size += watch.size + 1;
    return size;
  }

  /** After a violation nothing is looked at any more. Throws for a completion without an invocation. */
  append(op: Op): void {
    if (op.process === 'nemesis' || this.#violation !== undefined || this.#refusal !== undefined) return;
    if (op.type === 'invoke') {
      const why = this.#model.refuses?.(op);
      if (why !== undefined) {
        this.#refusal = `cannot be judged: operation ${op.index} is ${op.f}, but ${why}`;
        this.#keys.clear();
        return;
      }
    }
    const key = this.#model.keyed ? op.key : undefined;
    const watch = this.#watch(key);
    const kept = watch.kept;
    watch.append(op);
    this.#kept += watch.kept - kept;
    if (this.#kept > this.#options.kept) this.#forgetKept();
    this.#note(key, watch);
  }

  /** The history is over: what is open will never complete. For those who want the last word of keys that lag. */
  finish(): OnlineVerdict {
    for (const [key, watch] of this.#keys) {
      if (this.#violation !== undefined) break;
      watch.finish();
      this.#note(key, watch);
    }
    return this.verdict();
  }

  /** At any time. */
  verdict(): OnlineVerdict {
    if (this.#violation !== undefined) return this.#violation;
    if (this.#refusal !== undefined) return { validity: 'unknown', sentence: this.#refusal };
    for (const [key, why] of this.#givenUp) {
      const more = this.#givenUp.size > 1 ? ` (and ${this.#givenUp.size - 1} more keys)` : '';
      return {
        validity: 'unknown',
        ...(key === undefined ? {} : { key }),
        sentence: `${keyText(key)} is not judged any more while the run goes on, because ${why}${more}`,
      };
    }
    return { validity: 'valid so far', sentence: 'no violation so far' };
  }

  #watch(key: string | undefined): KeyWatch<State> {
    let watch = this.#keys.get(key);
    if (watch === undefined) {
      const { configurations, keptOfKey, sweepAlways } = this.#options;
      watch = new KeyWatch(this.#model, { configurations, kept: keptOfKey, sweepAlways });
      this.#keys.set(key, watch);
    }
    return watch;
  }

  #note(key: string | undefined, { violation, unknown }: KeyWatch<State>): void {
    if (unknown !== undefined) this.#givenUp.set(key, unknown);
    if (violation === undefined) return;
    const { operation, why } = violation;
    this.#violation = {
      validity: 'invalid',
      ...(key === undefined ? {} : { key }),
      operation,
      sentence: `${keyText(key)} has no legal order with operation ${operation}, because ${why}`,
    };
    this.#keys.clear();
  }

  /** Keys on which nothing is open go first: most of them were left for good. */
  #forgetKept(): void {
    for (const onlyIdle of [true, false]) {
      for (const watch of this.#keys.values()) {
        if (onlyIdle && !watch.isIdle) continue;
        this.#kept -= watch.kept;
        watch.forgetKept();
      }
      if (this.#kept * 2 <= this.#options.kept) return;
    }
  }
}

function keyText(key: string | undefined): string {
  return key === undefined ? 'the history' : `key ${key}`;
}
