// What a run gathers beside its history: stages, problems, exits; kept in run.json from the first moment on.

import type { CheckResult } from '../checkers/checker.ts';
import type { History } from '../checkers/history.ts';
import type { Environment, UnexpectedExit } from './environment.ts';
import { EnvironmentError } from './errors.ts';
import { FailFast } from './fail-fast.ts';
import { provenance } from './provenance.ts';
import { Recorder } from './recorder.ts';
import { RunFolder } from './store.ts';
import type { RunObserver, TestPlan } from './test-plan.ts';
import type { HarnessMeasures, HarnessProblem, StageTiming, TestRun } from './test-run.ts';
import { conclude } from './verdict.ts';

export interface RunOptions {
  readonly observer?: RunObserver;
  /** Aborting heals, stops, judges what was recorded, and concludes "interrupted" unless a violation was found. */
  readonly signal?: AbortSignal;
  /** Told as soon as there is something that a hasty end must tear down. */
  readonly onEnvironment?: (environment: Environment) => void;
}

export class RunLog {
  readonly folder: RunFolder;
  readonly recorder: Recorder;
  readonly problems: HarnessProblem[] = [];
  readonly unexpectedExits: UnexpectedExit[] = [];
  readonly observer: RunObserver;
  /** The user's wish to stop. */
  readonly signal: AbortSignal;
  /** That, the end of the environment, or a violation that is enough: operations make no sense any more. */
  readonly ending: AbortSignal;
  readonly onEnvironment: (environment: Environment) => void;
  currentStage = 'start';
  /** The first one that threw. */
  failedStage: string | undefined;
  readonly #plan: TestPlan;
  readonly #loss = new AbortController();
  readonly #failFast: FailFast | undefined;
  readonly #startedAt = new Date();
  readonly #stages: StageTiming[] = [];
  #versions: Readonly<Record<string, string>> = {};

  constructor(plan: TestPlan, options: RunOptions) {
    this.#plan = plan;
    this.observer = options.observer ?? {};
    this.signal = options.signal ?? new AbortController().signal;
    if (plan.failFast !== undefined) {
      this.#failFast = new FailFast(plan.failFast, (text) => this.observer.note?.(text));
    }
    const enough = this.#failFast === undefined ? [] : [this.#failFast.signal];
    this.ending = AbortSignal.any([this.signal, this.#loss.signal, ...enough]);
    this.onEnvironment = options.onEnvironment ?? (() => {});
    this.folder = RunFolder.create(plan.directory, plan.summary.name, this.#startedAt, (error) =>
      this.abort(error),
    );
    this.recorder = new Recorder(this.folder, this.observer, (op) => this.#failFast?.watch(op));
  }

  async open(): Promise<void> {
    this.observer.folder?.(this.folder.path);
    this.#versions = await provenance();
    this.#write({ completed: false });
  }

  /** What is known only when the environment is up. */
  addVersions(more: Readonly<Record<string, string>>): void {
    this.#versions = { ...this.#versions, ...more };
    this.#write({ completed: false });
  }

  async stage<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.currentStage = name;
    this.observer.stage?.(name);
    const begun = performance.now();
    try {
      return await work();
    } catch (error) {
      this.failedStage ??= name;
      throw error;
    } finally {
      this.#stages.push({ stage: name, ms: Math.round(performance.now() - begun) });
    }
  }

  problem(stage: string, error: unknown): void {
    const node = error instanceof EnvironmentError ? error.node : undefined;
    const message = error instanceof Error ? error.message : String(error);
    this.problems.push({ stage, message, ...(node === undefined ? {} : { node }) });
    this.observer.note?.(`${stage}: ${message}`);
  }

  /** Something that the run cannot go on without is gone: operations end, and what was recorded is judged. */
  abort(error: EnvironmentError): void {
    if (this.#loss.signal.aborted) return;
    this.problem('environment', error);
    for (const { node, lastWords } of this.unexpectedExits) {
      this.problems.push({
        stage: 'environment',
        node,
        message: `${node} ended by itself: ${lastWords.split('\n').at(-1) ?? ''}`,
      });
    }
    this.#loss.abort();
  }

  /** Ends of programs that speak against the system: not those of a run whose environment failed it. */
  get findings(): readonly UnexpectedExit[] {
    return this.isAborted ? [] : this.unexpectedExits;
  }

  get isAborted(): boolean {
    return this.#loss.signal.aborted;
  }

  /** The user stopped it, or it lost its environment: nobody will want to look at the cluster. */
  get isCutOff(): boolean {
    return this.signal.aborted || this.isAborted;
  }

  unexpectedExit(exit: UnexpectedExit): void {
    this.unexpectedExits.push(exit);
    this.observer.note?.(`${exit.node} ended by itself (${exit.signal ?? `exit code ${exit.code}`})`);
  }

  finish(history: History, result: CheckResult, measures: HarnessMeasures | undefined): TestRun {
    const interrupted = this.signal.aborted;
    const partial = this.ending.aborted || measures === undefined;
    const verdict = conclude({
      result,
      problems: this.problems,
      interrupted,
      partial,
      ...(this.#failFast?.found === undefined ? {} : { endedEarly: this.#failFast.found }),
      operations: countInvocations(history),
      plan: this.#plan.summary,
    });
    this.#write({ completed: !partial, verdict, stages: this.#stages, problems: this.problems });
    return {
      plan: this.#plan.summary,
      history,
      result,
      verdict,
      problems: this.problems,
      stages: this.#stages,
      ...(measures === undefined ? {} : { measures }),
      startedAt: this.#startedAt.toISOString(),
      versions: this.#versions,
    };
  }

  #write(more: object): void {
    try {
      this.#writeRun(more);
    } catch (error) {
      this.abort(
        new EnvironmentError(`run.json cannot be written: ${(error as Error).message}`, { cause: error }),
      );
    }
  }

  #writeRun(more: object): void {
    this.folder.writeRun({
      format: 1,
      plan: this.#plan.summary,
      startedAt: this.#startedAt.toISOString(),
      versions: this.#versions,
      unexpectedExits: this.findings,
      ...more,
    });
  }
}

/** Calls that clients made. */
export function countInvocations(history: History): number {
  let count = 0;
  for (let index = 0; index < history.length; index++) {
    if (history.type(index) === 'invoke' && !history.isNemesis(index)) count++;
  }
  return count;
}
