// The life of a run, top to bottom: environment up, system up, operations under faults, everything healed and down,
// judged. Whatever goes wrong on the way is kept as a problem, and what was recorded is judged all the same.

import { budget, type CheckResult } from '../checkers/checker.ts';
import type { History } from '../checkers/history.ts';
import { UsageError } from './errors.ts';
import { faultProblems } from './fault-problems.ts';
import { judge } from './judge.ts';
import { recordHistory } from './record-history.ts';
import { RunLog, type RunOptions } from './run-log.ts';
import type { RunFolder } from './store.ts';
import type { TestPlan } from './test-plan.ts';
import type { HarnessMeasures, TestRun } from './test-run.ts';

/** For judging a run that was interrupted. */
const INTERRUPTED_CHECK_MS = 30_000;

export interface FinishedRun {
  readonly run: TestRun;
  readonly folder: RunFolder;
}

/** Throws UsageError for a plan that cannot be run, EnvironmentError when not even the run folder can be made. */
export async function runTest(plan: TestPlan, options: RunOptions = {}): Promise<FinishedRun> {
  const log = new RunLog(plan, options);
  await log.open();
  let measures: HarnessMeasures | undefined;
  try {
    measures = await recordHistory(plan, log);
  } catch (error) {
    const usage = usageErrorOf(error);
    if (usage !== undefined) throw usage;
    log.problem(log.failedStage ?? log.currentStage, error);
  } finally {
    log.folder.closeHistory();
  }
  const history = log.recorder.history();
  for (const problem of faultProblems(history)) log.problems.push(problem);
  const result = await log.stage('check', () => judgeRun(plan, history, log));
  const run = log.finish(history, result, measures);
  return { run, folder: log.folder };
}

function judgeRun(plan: TestPlan, history: History, log: RunLog): Promise<CheckResult> {
  return judge(
    history,
    {
      checker: plan.workload.checker,
      required: plan.workload.required,
      faults: plan.summary.faults,
      exits: log.findings,
      nodes: plan.summary.nodes.length,
    },
    budget({
      // Whoever interrupts a run waits for its end.
      timeMs: log.signal.aborted ? Math.min(INTERRUPTED_CHECK_MS, plan.checkTimeoutMs) : plan.checkTimeoutMs,
      memoryBytes: plan.checkMemoryBytes,
    }),
  );
}

/** A plan that cannot be run may show only when it is first asked; the interpreter tells that as a cause. */
function usageErrorOf(error: unknown): UsageError | undefined {
  if (error instanceof UsageError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof UsageError ? cause : undefined;
}
