// results.json: the verdict and what it rests on, for programs. Values are whole; nothing is shortened or renamed.

import type { CheckResult } from '../checkers/checker.ts';
import type { Counterexample } from '../checkers/counterexample.ts';
import type { TestRun } from '../harness/test-run.ts';
import type { Report } from './report.ts';
import { runFacts } from './run-facts.ts';

/** Raised when a member changes its meaning or goes away; new members may appear without. */
export const resultsFormat = 1;

export const jsonReport: Report = {
  name: 'json',
  render: (run) => [{ path: 'results.json', content: resultsJson(run) }],
};

/** The content of results.json; `--json` prints the same. */
export function resultsJson(run: TestRun): string {
  return `${JSON.stringify(results(run), undefined, 2)}\n`;
}

function results(run: TestRun): object {
  const { operations, outcomes } = runFacts(run.history);
  return {
    format: resultsFormat,
    verdict: run.verdict.conclusion,
    sentence: run.verdict.sentence,
    partial: run.verdict.partial,
    startedAt: run.startedAt,
    operations: { total: operations, ...outcomes },
    plan: run.plan,
    result: checkResult(run.result),
    problems: run.problems,
    stages: run.stages,
    measures: run.measures,
    versions: run.versions,
  };
}

/** Counterexamples stand with the part that found them; a whole that merely repeats those of its parts does not. */
function checkResult(result: CheckResult): object {
  const inParts = new Set(Object.values(result.parts ?? {}).flatMap((part) => part.counterexamples ?? []));
  const own = (result.counterexamples ?? []).filter((counterexample) => !inParts.has(counterexample));
  return {
    validity: result.validity,
    summary: result.summary,
    details: result.details,
    counterexamples: own.length > 0 ? own.map(counterexampleObject) : undefined,
    parts:
      result.parts &&
      Object.fromEntries(Object.entries(result.parts).map(([name, part]) => [name, checkResult(part)])),
  };
}

/** JSON has no Infinity: the position of a completion that never came is left out. */
function counterexampleObject(counterexample: Counterexample): object {
  return {
    ...counterexample,
    operations: counterexample.operations.map((operation) => ({
      ...operation,
      completedAt: Number.isFinite(operation.completedAt) ? operation.completedAt : undefined,
    })),
  };
}
