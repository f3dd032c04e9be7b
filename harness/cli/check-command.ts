// `faultline check`: a recorded history, or a whole run folder, judged without any cluster.

import { type Budget, budget, compose } from '../../checkers/checker.ts';
import type { History } from '../../checkers/history.ts';
import { readHistoryFile } from '../../checkers/history-file.ts';
import { linearizable } from '../../checkers/linearizable/linearizable.ts';
import { type ModelEntry, modelNamed, models } from '../../checkers/models/registry.ts';
import type { Process } from '../../checkers/op.ts';
import { stats } from '../../checkers/stats.ts';
import { resultsJson } from '../../reports/json.ts';
import { verdictText } from '../../reports/words.ts';
import { UsageError } from '../errors.ts';
import { faultProblems } from '../fault-problems.ts';
import { judge } from '../judge.ts';
import { countInvocations } from '../run-log.ts';
import { isRunFolder, readSavedRun } from '../saved-run.ts';
import type { PlanSummary, TestRun } from '../test-run.ts';
import { conclude } from '../verdict.ts';
import { durationMs } from './duration.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { CheckArguments } from './options.ts';
import { unknownName } from './unknown-name.ts';

export async function checkCommand(args: CheckArguments): Promise<number> {
  const limits = () =>
    budget({
      timeMs: durationMs('check-timeout', args['check-timeout']),
      memoryBytes: args['check-memory'] * 1024 * 1024,
    });
  limits();
  const model = args.model === undefined ? undefined : modelOf(args.model);
  const isFolder = await isRunFolder(args.path);
  const run = isFolder
    ? await checkFolder(args.path, model, limits)
    : await checkFile(args.path, model, limits);
  process.stdout.write(
    args.json ? resultsJson(run) : `${verdictText(run, isFolder ? args.path : undefined)}\n`,
  );
  return exitCodeOf(run.verdict.conclusion);
}

function modelOf(name: string): ModelEntry {
  const model = modelNamed(name);
  if (model === undefined)
    throw unknownName(
      '--model',
      name,
      models.map((entry) => entry.name),
    );
  return model;
}

/** A run folder is judged by everything a run has to pass. */
async function checkFolder(
  path: string,
  model: ModelEntry | undefined,
  limits: () => Budget,
): Promise<TestRun> {
  const saved = await readSavedRun(path);
  const { plan, history } = saved;
  const checker = linearizable({ model: (model ?? modelOf(plan.model)).make() });
  const result = await judge(
    history,
    {
      checker,
      required: plan.required,
      faults: plan.faults,
      exits: saved.unexpectedExits,
      nodes: plan.nodes.length,
    },
    limits(),
  );
  const problems = faultProblems(history);
  const operations = countInvocations(history);
  const { partial } = saved;
  return {
    plan,
    history,
    result,
    verdict: conclude({ result, problems, interrupted: false, partial, operations, plan }),
    problems,
    stages: [],
    startedAt: saved.startedAt,
    versions: saved.versions,
  };
}

/** A bare history is judged by the model alone; nobody knows what it had to cover. */
async function checkFile(
  path: string,
  model: ModelEntry | undefined,
  limits: () => Budget,
): Promise<TestRun> {
  if (model === undefined) {
    const allowed = models.map(({ name }) => name).join(', ');
    throw new UsageError(`--model: a history file needs one; allowed: ${allowed}`);
  }
  const { history, truncated } = await readHistoryFile(path);
  const partial = truncated !== undefined;
  if (truncated !== undefined) {
    process.stderr.write(`${path}:${truncated.line}: the last line is cut off and was left out\n`);
  }
  const checker = linearizable({ model: model.make() });
  const result = await compose({ [checker.name]: checker, stats: stats() }).check(history, limits());
  const operations = countInvocations(history);
  return {
    plan: foreignPlan(path, model.name, history),
    history,
    result,
    verdict: conclude({ result, problems: [], interrupted: false, partial, operations }),
    problems: [],
    stages: [],
    startedAt: '',
    versions: {},
  };
}

/** What reports need to know of a history that no run of ours made. */
function foreignPlan(path: string, model: string, history: History): PlanSummary {
  const nodes = new Set<string>();
  const processes = new Set<Process>();
  for (let index = 0; index < history.length; index++) {
    const node = history.node(index);
    if (node !== undefined) nodes.add(node);
    if (!history.isNemesis(index)) processes.add(history.process(index));
  }
  return {
    name: path,
    workload: 'recorded',
    model,
    required: [],
    environment: 'none',
    system: { name: 'unknown' },
    nodes: [...nodes].sort(),
    concurrency: processes.size,
    rate: 0,
    timeLimitMs: 0,
    opTimeoutMs: 0,
    seed: 0,
    faults: [],
    command: `faultline check ${path} --model ${model}`,
  };
}
