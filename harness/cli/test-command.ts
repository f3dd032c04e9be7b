// `faultline test`: from a command line to a run, its reports and its exit code.

import { existsSync } from 'node:fs';
import { sweep, undoers } from '../../docker/sweep.ts';
import { resultsJson } from '../../reports/json.ts';
import { verdictText } from '../../reports/words.ts';
import { clean } from '../clean.ts';
import type { Environment } from '../environment.ts';
import { UsageError } from '../errors.ts';
import { runTest } from '../run-test.ts';
import { cleanedLines } from './clean-command.ts';
import { durationMs } from './duration.ts';
import { exitCodeOf } from './exit-codes.ts';
import { onInterrupt } from './interrupt.ts';
import type { TestArguments } from './options.ts';
import { planTest, type TestConfig } from './plan.ts';
import { progress } from './progress.ts';
import { writeReports } from './write-reports.ts';

export async function testCommand(args: TestArguments): Promise<number> {
  const plan = planTest(testConfig(args), process.argv.slice(2));
  await cleanUp(plan.directory, plan.environment.name);
  const display = progress(plan.summary, process.stderr);
  let environment: Environment | undefined;
  const interruption = onInterrupt(
    (text) => display.say(text),
    () => environment?.abandon(),
  );
  try {
    const { run, folder } = await runTest(plan, {
      observer: display,
      signal: interruption.signal,
      onEnvironment: (up) => {
        environment = up;
      },
    });
    display.end();
    await writeReports(run, folder, (text) => process.stderr.write(`${text}\n`));
    process.stdout.write(args.json ? resultsJson(run) : `${verdictText(run, folder.path)}\n`);
    process.stderr.write(`Seed: ${run.plan.seed}\n`);
    return exitCodeOf(run.verdict.conclusion, interruption.by());
  } finally {
    display.end();
    interruption.release();
  }
}

/** What an earlier controller that was killed has left here would be in the way. */
async function cleanUp(directory: string, environment: string): Promise<void> {
  const lines = existsSync(directory) ? cleanedLines(await clean(directory, undoers)) : [];
  const swept = environment === 'docker' ? await sweep({ kept: false, images: false }) : undefined;
  for (const what of swept?.removed ?? []) lines.push(`removed ${what}`);
  for (const line of lines) process.stderr.write(`${line}\n`);
}

function testConfig(args: TestArguments): TestConfig {
  return {
    workload: args.workload,
    environment: args.env,
    ...(args.nodes === undefined ? {} : { nodes: nodesOf(args.nodes) }),
    nemesis: args.nemesis.split(',').map((name) => name.trim()),
    timeLimitMs: durationMs('time-limit', args['time-limit']),
    rate: args.rate,
    concurrency: args.concurrency,
    values: args.values,
    opsPerKey: args['ops-per-key'],
    opTimeoutMs: durationMs('op-timeout', args['op-timeout']),
    checkTimeoutMs: durationMs('time-budget', args['time-budget']),
    checkMemoryMiB: args['memory-budget'],
    out: args.out,
    ...(args['nemesis-interval'] === undefined
      ? {}
      : { nemesisIntervalMs: durationMs('nemesis-interval', args['nemesis-interval']) }),
    ...(args['warm-up'] === undefined ? {} : { warmUpMs: durationMs('warm-up', args['warm-up']) }),
    ...(args.seed === undefined ? {} : { seed: seedOf(args.seed) }),
    ...(args.system === undefined ? {} : { system: args.system }),
    keep: args.keep,
    cutClients: args['cut-clients'],
    failFast: args['fail-fast'],
    ...(args['base-image'] === undefined ? {} : { baseImage: args['base-image'] }),
    ...(args['node-memory'] === undefined ? {} : { nodeMemoryMiB: args['node-memory'] }),
    ...(args.mutant === undefined ? {} : { mutant: args.mutant }),
  };
}

function nodesOf(text: string): number | readonly string[] {
  return /^\d+$/.test(text) ? Number(text) : text.split(',').map((name) => name.trim());
}

function seedOf(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(seed)) {
    throw new UsageError(`--seed: "${text}"; allowed: an integer from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  return seed;
}
