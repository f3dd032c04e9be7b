// A run read back from its folder: what `faultline check` judges again without any cluster.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { History } from '../checkers/history.ts';
import { readHistoryFile } from '../checkers/history-file.ts';
import type { UnexpectedExit } from './environment.ts';
import { UsageError } from './errors.ts';
import type { PlanSummary } from './test-run.ts';

const bandSchema = v.object({
  name: v.string(),
  from: v.array(v.string()),
  to: v.array(v.string()),
  colour: v.string(),
});

const planSchema = v.looseObject({
  name: v.string(),
  workload: v.string(),
  model: v.string(),
  required: v.array(v.string()),
  environment: v.string(),
  system: v.looseObject({ name: v.string() }),
  nodes: v.array(v.string()),
  concurrency: v.number(),
  rate: v.number(),
  timeLimitMs: v.number(),
  opTimeoutMs: v.number(),
  seed: v.number(),
  faults: v.array(bandSchema),
  command: v.string(),
  mutant: v.optional(v.string()),
});

const exitSchema = v.object({
  node: v.string(),
  code: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  lastWords: v.string(),
});

const runSchema = v.looseObject({
  format: v.literal(1),
  plan: planSchema,
  startedAt: v.string(),
  versions: v.record(v.string(), v.string()),
  /** Written when the run has come to its end by itself; a run that was cut off has none. */
  completed: v.optional(v.boolean()),
  unexpectedExits: v.optional(v.array(exitSchema)),
});

export interface SavedRun {
  readonly plan: PlanSummary;
  readonly history: History;
  readonly startedAt: string;
  readonly versions: { readonly [what: string]: string };
  readonly unexpectedExits: readonly UnexpectedExit[];
  /** The run did not come to its end, or the last line of its history is cut off. */
  readonly partial: boolean;
}

export async function isRunFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Throws UsageError for a folder that is none of ours, HistoryFileError for a history that is malformed. */
export async function readSavedRun(path: string): Promise<SavedRun> {
  const file = join(path, 'run.json');
  const run = parseRun(file, await readText(file, path));
  const { history, truncated } = await readHistoryFile(join(path, 'history.jsonl'));
  return {
    plan: run.plan as unknown as PlanSummary,
    history,
    startedAt: run.startedAt,
    versions: run.versions,
    unexpectedExits: run.unexpectedExits ?? [],
    partial: run.completed !== true || truncated !== undefined,
  };
}

async function readText(file: string, folder: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(
      `${folder}: not a run folder, its run.json cannot be read (${code}); give a run folder or a history file`,
    );
  }
}

function parseRun(file: string, text: string): v.InferOutput<typeof runSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
  const parsed = v.safeParse(runSchema, json);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new UsageError(`${file}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
}
