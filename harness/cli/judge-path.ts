// One path judged: a run folder, or a history file against a model. What is wished for is plain data, so that a worker
// thread can be told.

import { type Budget, budget, compose } from '../../checkers/checker.ts';
import type { History } from '../../checkers/history.ts';
import { type ReadOptions, readHistory, readHistoryFile } from '../../checkers/history-file.ts';
import type { Json } from '../../checkers/json.ts';
import { linearizable } from '../../checkers/linearizable/linearizable.ts';
import type { Model } from '../../checkers/model.ts';
import { InitialValueError } from '../../checkers/models/initial.ts';
import { type ModelEntry, modelNamed, models } from '../../checkers/models/registry.ts';
import type { Process } from '../../checkers/op.ts';
import { stats } from '../../checkers/stats.ts';
import { UsageError } from '../errors.ts';
import { faultProblems } from '../fault-problems.ts';
import { judge } from '../judge.ts';
import { countInvocations } from '../run-log.ts';
import { isRunFolder, readSavedRun } from '../saved-run.ts';
import type { PlanSummary, TestRun } from '../test-run.ts';
import { conclude } from '../verdict.ts';
import { standardInput } from './check-arguments.ts';
import { unknownName } from './unknown-name.ts';

export interface Wishes {
  readonly model?: string;
  readonly initial?: { readonly value: Json };
  readonly algorithm?: string;
  readonly read: ReadOptions;
  readonly timeMs: number;
  readonly memoryBytes: number;
}

/** What whoever asked is told besides the verdict. */
export interface Listener {
  note(text: string, line?: number): void;
  readonly orders?: OnOrder | undefined;
}

/** Gets each key's linearization as ids of operations. */
export type OnOrder = (key: string | undefined, order: Int32Array) => void;

/** Throws UsageError and HistoryFileError. */
export async function judgePath(path: string, wishes: Wishes, listener: Listener): Promise<TestRun> {
  if (!(await isRunFolder(path))) return judgeFile(path, wishes, listener);
  const { read, initial } = wishes;
  const flag =
    (['format', 'keyed'] as const).find((name) => read[name] !== undefined) ?? (initial && 'initial');
  if (flag === undefined) return judgeFolder(path, wishes, listener);
  throw new UsageError(`${path}: a run folder says itself what it holds; --${flag} is for history files`);
}

export function modelOf(name: string): ModelEntry {
  const model = modelNamed(name);
  if (model === undefined)
    throw unknownName(
      '--model',
      name,
      models.map((entry) => entry.name),
    );
  return model;
}

/** The model, from the initial value that is wished for. Throws a UsageError where it cannot start from it. */
export function startOf(model: ModelEntry, initial: Wishes['initial']): Model<unknown> {
  try {
    return model.make(initial?.value);
  } catch (error) {
    if (error instanceof InitialValueError) throw new UsageError(`--initial: ${error.message}`);
    throw error;
  }
}

function limits({ timeMs, memoryBytes }: Wishes): Budget {
  return budget({ timeMs, memoryBytes });
}

/** A run folder is judged by everything a run has to pass. */
async function judgeFolder(path: string, wishes: Wishes, { orders }: Listener): Promise<TestRun> {
  const saved = await readSavedRun(path);
  const { plan, history } = saved;
  const { algorithm } = wishes;
  const model = modelOf(wishes.model ?? plan.model).make();
  const checker = linearizable({ model, algorithm, orders });
  const result = await judge(
    history,
    {
      checker,
      required: plan.required,
      faults: plan.faults,
      exits: saved.unexpectedExits,
      nodes: plan.nodes.length,
    },
    limits(wishes),
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
async function judgeFile(path: string, wishes: Wishes, listener: Listener): Promise<TestRun> {
  if (wishes.model === undefined) {
    const allowed = models.map(({ name }) => name).join(', ');
    throw new UsageError(`--model: a history file needs one; allowed: ${allowed}`);
  }
  const model = modelOf(wishes.model);
  const { history, truncated, notes } = await (path === standardInput
    ? readHistory(process.stdin, 'stdin', wishes.read)
    : readHistoryFile(path, wishes.read));
  const partial = truncated !== undefined;
  for (const note of notes) listener.note(note);
  if (truncated !== undefined) {
    listener.note('the last line is cut off and was left out', truncated.line);
  }
  const { algorithm } = wishes;
  const { orders } = listener;
  const checker = linearizable({ model: startOf(model, wishes.initial), algorithm, orders });
  const result = await compose({ [checker.name]: checker, stats: stats() }).check(history, limits(wishes));
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
