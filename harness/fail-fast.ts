// Ends a run at the first violation that shows while it goes on, where that was asked for. What it finds is no verdict:
// the check at the end makes that, from the same history.

import type { Model } from '../checkers/model.ts';
import { OnlineChecker } from '../checkers/online/online-checker.ts';
import type { Op } from '../checkers/op.ts';

export class FailFast {
  readonly #checker: OnlineChecker<unknown>;
  readonly #note: (text: string) => void;
  readonly #end = new AbortController();
  #found: string | undefined;
  #isBroken = false;
  #isUnknown = false;

  constructor(model: Model<unknown>, note: (text: string) => void) {
    this.#checker = new OnlineChecker(model);
    this.#note = note;
  }

  /** Aborts at the first violation. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** The violation in a sentence; undefined where there was none. */
  get found(): string | undefined {
    return this.#found;
  }

  /** Never throws: a checker that breaks watches no more, and the run goes on to its end. */
  watch(op: Op): void {
    if (this.#isBroken || this.#found !== undefined) return;
    try {
      this.#checker.append(op);
      this.#read();
    } catch (error) {
      this.#isBroken = true;
      this.#note(`--fail-fast watches no more: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #read(): void {
    const { validity, sentence } = this.#checker.verdict();
    if (validity === 'unknown' && !this.#isUnknown) {
      this.#isUnknown = true;
      this.#note(`--fail-fast: ${sentence}`);
    }
    if (validity !== 'invalid') return;
    this.#found = sentence;
    this.#note(`--fail-fast ends the run: ${sentence}`);
    this.#end.abort();
  }
}
