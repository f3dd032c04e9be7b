// The package's entry: run a test or judge a history from a program of your own.

import { planTest, type TestConfig } from './cli/plan.ts';
import { writeReports } from './cli/write-reports.ts';
import type { RunOptions } from './run-log.ts';
import { runTest } from './run-test.ts';
import type { TestRun } from './test-run.ts';

export {
  type Budget,
  budget,
  type Checker,
  type CheckResult,
  compose,
  type Validity,
} from '../checkers/checker.ts';
export type { Counterexample } from '../checkers/counterexample.ts';
export { History, HistoryBuilder, HistoryError, type NewOp } from '../checkers/history.ts';
export { HistoryFileError, parseHistory, readHistoryFile } from '../checkers/history-file.ts';
export type { Json } from '../checkers/json.ts';
export { check } from '../checkers/linearizable/check.ts';
export { linearizable } from '../checkers/linearizable/linearizable.ts';
export { type Done, illegal, legal, type Model, type Step } from '../checkers/model.ts';
export {
  assertModel,
  checkModel,
  type Finding,
  type ModelTrial,
} from '../checkers/model-kit/check-model.ts';
export { casRegister } from '../checkers/models/cas-register.ts';
export { register } from '../checkers/models/register.ts';
export { OnlineChecker, type OnlineOptions, type OnlineVerdict } from '../checkers/online/online-checker.ts';
export type { Call, Op, Operation, Outcome, Process, Result } from '../checkers/op.ts';
export type { TestConfig } from './cli/plan.ts';
export type { Environment, EnvironmentProvider, Evidence, Grudge, Net, Node } from './environment.ts';
export { EnvironmentError, UsageError } from './errors.ts';
export { filter, map } from './generator/calls.ts';
export { any, during, mix } from './generator/choice.ts';
export { concurrencyLimit, onUpdate, processLimit, untilOk } from './generator/feedback.ts';
export { type OpGenerator, pipe } from './generator/generator.ts';
export { concurrentKeys } from './generator/keys.ts';
export { concat, cycle, flipFlop, limit, once, phases, synchronize } from './generator/order.ts';
export { imperfect, perfect, perfectInfo, quick, simulate } from './generator/simulate.ts';
export { fromFunction, none, repeat, sequence } from './generator/sources.ts';
export { eachThread, onClients, onNemesis, onThreads, reserve } from './generator/threads.ts';
export { delay, sleep, stagger, timeLimit } from './generator/timing.ts';
export { localEnvironment } from './local/provider.ts';
export { Stream } from './random.ts';
export type { Client, LeaderClaim, System } from './system.ts';
export type { TestRun, Verdict } from './test-run.ts';
export type { Workload } from './workload.ts';

/** The configuration as it is, with its types held: for editors and compilers. */
export function defineConfig(config: TestConfig): TestConfig {
  return config;
}

/**
 * Runs a test and writes its run folder. Throws UsageError for a configuration that cannot be run; everything else,
 * also a cluster that did not come up, is in the verdict.
 */
export async function run(
  config: TestConfig,
  options: RunOptions = {},
): Promise<{ readonly run: TestRun; readonly folder: string }> {
  const finished = await runTest(planTest(config, ['test']), options);
  await writeReports(finished.run, finished.folder, (text) => options.observer?.note?.(text));
  return { run: finished.run, folder: finished.folder.path };
}
