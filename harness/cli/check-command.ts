// `faultline check`: a recorded history, or a whole run folder, judged without any cluster.

import { type Budget, budget, compose } from '../../checkers/checker.ts';
import type { History } from '../../checkers/history.ts';
import {
  HistoryFileError,
  type ReadOptions,
  readHistory,
  readHistoryFile,
} from '../../checkers/history-file.ts';
import { type Json, maxNesting } from '../../checkers/json.ts';
import { bare, findFlaw } from '../../checkers/json-scan.ts';
import { linearizable } from '../../checkers/linearizable/linearizable.ts';
import type { Model } from '../../checkers/model.ts';
import { InitialValueError } from '../../checkers/models/initial.ts';
import { type ModelEntry, modelNamed, models } from '../../checkers/models/registry.ts';
import type { Process } from '../../checkers/op.ts';
import { stats } from '../../checkers/stats.ts';
import { resultsJson } from '../../reports/json.ts';
import { safeLine } from '../../reports/safe-text.ts';
import { verdictText } from '../../reports/words.ts';
import { UsageError } from '../errors.ts';
import { faultProblems } from '../fault-problems.ts';
import { judge } from '../judge.ts';
import { countInvocations } from '../run-log.ts';
import { isRunFolder, readSavedRun } from '../saved-run.ts';
import type { PlanSummary, TestRun } from '../test-run.ts';
import { conclude } from '../verdict.ts';
import { type CheckArguments, standardInput } from './check-arguments.ts';
import { durationMs } from './duration.ts';
import { exitCodeOf, exitCodes, worstExitCode } from './exit-codes.ts';
import { unknownName } from './unknown-name.ts';

export async function checkCommand(args: CheckArguments): Promise<number> {
  const judge = await judgeOf(args);
  if (args.paths.length === 0) throw new UsageError('check: which run folder or history file?');
  const [only, ...others] = args.paths;
  if (only !== undefined && others.length === 0) {
    const run = await judge(only);
    const folder = (await isRunFolder(only)) ? only : undefined;
    process.stdout.write(args.json ? resultsJson(run) : `${verdictText(run, folder)}\n`);
    return exitCodeOf(run.verdict.conclusion);
  }
  return judgeAll(args.paths, args.json, judge);
}

type Judge = (path: string) => Promise<TestRun>;

/** Throws UsageError for what can be known to be wrong before anything is read. */
async function judgeOf(args: CheckArguments): Promise<Judge> {
  const limits = () =>
    budget({
      timeMs: durationMs('check-timeout', args['check-timeout']),
      memoryBytes: args['check-memory'] * 1024 * 1024,
    });
  limits();
  const model = args.model === undefined ? undefined : modelOf(args.model);
  const initial = args.initial === undefined ? undefined : initialOf(args.initial);
  if (model !== undefined && initial !== undefined) startOf(model, initial);
  if (args.paths.filter((path) => path === standardInput).length > 1) {
    throw new UsageError('-: given twice; the standard input can be read once');
  }
  return async (path) => {
    if (!(await isRunFolder(path))) return checkFile(path, model, initial, args, limits);
    const flag = (['format', 'keyed', 'initial'] as const).find((name) => args[name] !== undefined);
    if (flag === undefined) return checkFolder(path, model, limits);
    throw new UsageError(`${path}: a run folder says itself what it holds; --${flag} is for history files`);
  };
}

/** Every file is judged, whatever is wrong with others; a line each, and what could not be judged last. */
async function judgeAll(paths: readonly string[], json: boolean, judge: Judge): Promise<number> {
  const codes: number[] = [];
  const results: object[] = [];
  const refused: Error[] = [];
  for (const path of paths) {
    try {
      const run = await judge(path);
      codes.push(exitCodeOf(run.verdict.conclusion));
      if (json) results.push({ file: path, ...(JSON.parse(resultsJson(run)) as object) });
      else process.stdout.write(`${safeLine(`${path}: ${run.verdict.sentence}`)}\n`);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof HistoryFileError)) throw error;
      codes.push(exitCodes.usage);
      refused.push(error);
      results.push({ file: path, error: error.message });
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  for (const { message } of refused) process.stderr.write(`faultline: ${message}\n`);
  return worstExitCode(codes);
}

function initialOf(text: string): Json {
  const flaw = findFlaw(text, maxNesting);
  if (flaw === undefined) return JSON.parse(text) as Json;
  throw new UsageError(`--initial: ${bare(text)} is not JSON; allowed: a value such as 0, null or '"text"'`);
}

function startOf(model: ModelEntry, initial: Json | undefined): Model<unknown> {
  try {
    return model.make(initial);
  } catch (error) {
    if (error instanceof InitialValueError) throw new UsageError(`--initial: ${error.message}`);
    throw error;
  }
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
  initial: Json | undefined,
  options: ReadOptions,
  limits: () => Budget,
): Promise<TestRun> {
  if (model === undefined) {
    const allowed = models.map(({ name }) => name).join(', ');
    throw new UsageError(`--model: a history file needs one; allowed: ${allowed}`);
  }
  const { history, truncated, notes } = await (path === standardInput
    ? readHistory(process.stdin, 'stdin', options)
    : readHistoryFile(path, options));
  const partial = truncated !== undefined;
  for (const note of notes) process.stderr.write(`${path}: ${note}\n`);
  if (truncated !== undefined) {
    process.stderr.write(`${path}:${truncated.line}: the last line is cut off and was left out\n`);
  }
  const checker = linearizable({ model: startOf(model, initial) });
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
