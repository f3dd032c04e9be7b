// Where every op of a run goes: into memory for judging, onto disk against a crash, and to whoever watches.

import { type History, HistoryBuilder, type NewOp } from '../checkers/history.ts';
import type { Op } from '../checkers/op.ts';
import type { RunFolder } from './store.ts';
import type { RunObserver } from './test-plan.ts';

export class Recorder {
  readonly #builder = new HistoryBuilder();
  readonly #folder: RunFolder;
  readonly #observer: RunObserver;
  readonly #watch: ((op: Op) => void) | undefined;

  /** `watch`: told of each op when it is safe. */
  constructor(folder: RunFolder, observer: RunObserver, watch?: (op: Op) => void) {
    this.#folder = folder;
    this.#observer = observer;
    this.#watch = watch;
  }

  record(op: NewOp): void {
    const index = this.#builder.append(op);
    const recorded = { ...op, index };
    this.#folder.record(recorded);
    this.#observer.op?.(recorded);
    this.#watch?.(recorded);
  }

  history(): History {
    return this.#builder.build();
  }
}
