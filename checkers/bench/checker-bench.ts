// How long the linearizability checker takes, and how much memory, for histories of growing length. Each row is measured
// in a process of its own, after a warm-up, and printed: what was decided, by which algorithm, and in which time; and the
// same of a reference checker, where FAULTLINE_REFERENCE_CHECKER names a program (see reference.ts).
//
// Run it compiled: node dist/checkers/bench/checker-bench.js [WORDS OF A ROW …] [--up-to OPERATIONS] [--recorded FOLDER]
// For example `unique 5-clients stale --up-to 100000` measures the rows whose names have all these words, and `load` how
// long files take to read.

import { execFileSync } from 'node:child_process';
import { realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchRow, rowNamed, rows } from './bench-rows.ts';
import { benchLoad } from './load-bench.ts';
import { type Measures, measure, measureSeeds, RUNS, type SeedMeasures } from './measure.ts';
import { benchRecorded } from './recorded-bench.ts';
import { comparison, reference, runReference } from './reference.ts';

/** What the reference may take for one history. */
const REFERENCE_SECONDS = 60;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The slope of time over length, both as logarithms: 1 is linear. */
function exponent(points: readonly (readonly [length: number, ms: number])[]): number {
  const logs = points.map(([length, ms]) => [Math.log(length), Math.log(ms)] as const);
  const mean = (pick: 0 | 1): number => logs.reduce((sum, point) => sum + point[pick], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const across = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return across / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function apart(program: string, args: readonly string[]): unknown {
  try {
    const all = ['--expose-gc', '--max-old-space-size=8192', program, '--measure', ...args];
    return JSON.parse(execFileSync(process.execPath, all, { encoding: 'utf8' }));
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
  }
}

function line(operations: number, measures: Measures): string {
  const { verdict, algorithm, columnsMs, decideMs, verifyMs, checkMs, megabytes, shown } = measures;
  const speed = operations / decideMs / 1000;
  return (
    `  ${operations.toLocaleString('en-US').padStart(9)}  ${verdict} by ${algorithm}: ` +
    `columns ${columnsMs.toFixed(1)} ms, decision ${decideMs.toFixed(1)} ms (${speed.toFixed(1)} M ops/s), ` +
    `verification ${verifyMs.toFixed(1)} ms; whole check ${checkMs.toFixed(1)} ms, ${megabytes.toFixed(0)} MB` +
    (shown === undefined ? '' : `, shown by ${shown} operations`)
  );
}

function benchRow(program: string, { name, model, lengths, seeds }: BenchRow, upTo: number): void {
  print(name);
  const points: [number, number][] = [];
  let isReferenceLost = false;
  const file = join(tmpdir(), `faultline-bench-${process.pid}.jsonl`);
  for (const operations of lengths.filter((length) => length <= upTo)) {
    if (seeds > 1) {
      const measures = apart(program, [name, String(operations)]) as SeedMeasures | string;
      print(typeof measures === 'string' ? `  failed: ${measures}` : seedLine(operations, measures));
      continue;
    }
    const rival = isReferenceLost ? undefined : reference;
    const measures = apart(program, [name, String(operations), ...(rival === undefined ? [] : [file])]) as
      | Measures
      | string;
    if (typeof measures === 'string') {
      print(`  ${operations}: failed: ${measures}`);
      break;
    }
    print(line(operations, measures));
    if (rival !== undefined) {
      const other = runReference(rival, file, model, { seconds: REFERENCE_SECONDS, runs: RUNS });
      print(`             ${comparison(other, measures.checkMs)}`);
      isReferenceLost = other.ms === undefined || other.verdict === 'unknown';
    }
    if (measures.verdict === 'unknown') break;
    points.push([operations, measures.columnsMs + measures.decideMs + measures.verifyMs]);
  }
  rmSync(file, { force: true });
  if (points.length > 1) print(`  time grows with the length to the power of ${exponent(points).toFixed(2)}`);
}

function seedLine(operations: number, measures: SeedMeasures): string {
  const { histories, decided, soon, medianMs, longestMs, algorithms } = measures;
  return (
    `  ${operations.toLocaleString('en-US').padStart(9)}  ${decided} of ${histories} decided, ${soon} within 10 s, ` +
    `median ${medianMs.toFixed(0)} ms, longest ${longestMs.toFixed(0)} ms; by ${algorithms.join(', ')}`
  );
}

async function bench(program: string, args: readonly string[]): Promise<void> {
  const words: string[] = [];
  let upTo = Infinity;
  let recorded: string | undefined;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--up-to') upTo = Number(args[++i]);
    else if (args[i] === '--recorded') recorded = args[++i];
    else words.push(args[i] as string);
  }
  print(
    `node ${process.version}; medians of ${RUNS} runs: steps in processor time of one thread, the whole check by the clock`,
  );
  if (recorded !== undefined) {
    print(`recorded histories`);
    await benchRecorded(recorded, print);
    if (words.length === 0) return;
  }
  for (const row of rows) {
    if (words.every((word) => row.name.split(' ').includes(word))) benchRow(program, row, upTo);
  }
  if (words.length === 0 || words.includes('load')) {
    await benchLoad(
      [10_000, 100_000, 1_000_000].filter((length) => length <= upTo),
      print,
    );
  }
}

async function errand([name = '', operations = '', file]: readonly string[]): Promise<void> {
  const row = rowNamed(name);
  const result =
    row.seeds > 1
      ? await measureSeeds(row, Number(operations))
      : await measure(name, Number(operations), file);
  print(JSON.stringify(result));
}

const program = fileURLToPath(import.meta.url);
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === program) {
  const args = process.argv.slice(2);
  await (args[0] === '--measure' ? errand(args.slice(1)) : bench(program, args));
}
