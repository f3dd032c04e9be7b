// What several sections need of a run, each made once and only when asked for: what throws here breaks the sections
// that asked, not the page.

import type { TestRun } from '../../harness/test-run.ts';
import { type FaultAction, faultActions, type ShadedSpan, shadedSpans } from '../fault-schedule.ts';
import { type RunFacts, runFacts } from '../run-facts.ts';

export class RunView {
  readonly run: TestRun;
  #facts: RunFacts | undefined;
  #actions: readonly FaultAction[] | undefined;
  #spans: readonly ShadedSpan[] | undefined;

  constructor(run: TestRun) {
    this.run = run;
  }

  get facts(): RunFacts {
    this.#facts ??= runFacts(this.run.history);
    return this.#facts;
  }

  get actions(): readonly FaultAction[] {
    this.#actions ??= faultActions(this.run.history, this.run.plan.faults);
    return this.#actions;
  }

  get spans(): readonly ShadedSpan[] {
    this.#spans ??= shadedSpans(this.run.history, this.run.plan.faults);
    return this.#spans;
  }
}
