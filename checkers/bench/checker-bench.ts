// How long the linearizability checker takes, and how much memory, for histories of growing length. Each row is measured
// in a process of its own, after a warm-up, and printed: what was decided, by which algorithm, and in which time.
//
// Run it compiled: node dist/checkers/bench/checker-bench.js [WORDS OF A ROW …] [--up-to OPERATIONS]
// For example `unique 5-clients stale --up-to 100000` measures the rows whose names have all these words.

import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Budget, budget } from '../checker.ts';
import type { History } from '../history.ts';
import { check } from '../linearizable/check.ts';
import type { Part } from '../linearizable/part.ts';
import { split } from '../linearizable/parts.ts';
import { portfolio } from '../linearizable/portfolio.ts';
import { faultInOrder } from '../linearizable/verify-order.ts';
import { casRegister } from '../models/cas-register.ts';
import { type SimulationShape, simulatedHistory } from './simulated-history.ts';

const LENGTHS = [1_000, 10_000, 100_000, 1_000_000];
const RUNS = 5;
/** What one row may take. */
const TIME_MS = 60_000;
const MEMORY_BYTES = 4 * 2 ** 30;

interface Row {
  readonly name: string;
  readonly shape: Omit<SimulationShape, 'operations'>;
}

interface Measures {
  readonly verdict: string;
  readonly algorithm: string;
  /**
   * Medians of processor time, all keys together: from the history to columns; the decision with its order; the order
   * verified.
   */
  readonly columnsMs: number;
  readonly decideMs: number;
  readonly verifyMs: number;
  /** The whole check, once, by the clock: all of these and, of an invalid history, the counterexample. */
  readonly checkMs: number;
  /** The most that the whole check held beside the history; where it cannot be measured, NaN. */
  readonly megabytes: number;
  /** Operations of the counterexample. */
  readonly shown?: number;
}

function rows(): Row[] {
  const calls = {
    'read-write': { writes: 0.5 },
    'read-write-cas': { writes: 0.25, cas: 0.25 },
    'read-write-refused-cas': { writes: 0.25, cas: 0.15, refusedCas: 0.1 },
    'read-cas': { writes: 0.001, cas: 0.5 },
  };
  const named: Row[] = [];
  for (const [name, mix] of Object.entries(calls)) {
    for (const clients of [5, 100, 1_000]) {
      for (const crashed of [0, 0.01, 0.05]) {
        for (const stale of [false, true]) {
          named.push({
            name: `unique ${name} ${clients}-clients ${crashed * 100}%-crashed ${stale ? 'stale' : 'good'}`,
            shape: { ...mix, clients, crashed, stale },
          });
        }
      }
    }
  }
  named.push({
    name: 'unique read-write-cas 100-clients 1%-crashed good 1000-keys',
    shape: { ...calls['read-write-cas'], clients: 100, crashed: 0.01, keys: 1_000 },
  });
  for (const clients of [5, 10]) {
    named.push({
      name: `five-values read-write-cas ${clients}-clients 0%-crashed good`,
      shape: { ...calls['read-write-cas'], clients, values: 5 },
    });
  }
  return named;
}

function limits(): Budget {
  return budget({ timeMs: TIME_MS, memoryBytes: MEMORY_BYTES });
}

const model = casRegister();

/** One time through the checker's steps, each timed. */
function steps(history: History): Pick<Measures, 'columnsMs' | 'decideMs' | 'verifyMs'> {
  const began = processorMs();
  const whole = split(history, model);
  if ('refusal' in whole) throw new Error(whole.refusal);
  for (const part of whole.parts) part.moves();
  const read = processorMs();
  let verifyMs = 0;
  for (const part of whole.parts) verifyMs += decideOne(part);
  return { columnsMs: read - began, decideMs: processorMs() - read - verifyMs, verifyMs };
}

/** How long the verification of the order took: processor time, ms. */
function decideOne(part: Part<unknown>): number {
  for (const algorithm of portfolio) {
    if (!algorithm.applies(part)) continue;
    const decision = algorithm.decide(part, { budget: limits() });
    if (decision.validity !== 'valid') return 0;
    const began = processorMs();
    const fault = faultInOrder(part, decision.order);
    if (fault !== undefined) throw new Error(fault);
    return processorMs() - began;
  }
  throw new Error('no algorithm applies');
}

async function measure(shape: SimulationShape): Promise<Measures> {
  const warmUp = simulatedHistory(2, { ...shape, operations: 20_000 });
  for (let i = 0; i < RUNS; i++) steps(warmUp);
  const history = simulatedHistory(1, shape);
  // Without collecting in between: that would throw compiled code away as well.
  const runs = Array.from({ length: RUNS }, () => steps(history));
  globalThis.gc?.();
  const before = startOfPeak();
  const began = performance.now();
  const result = await check(history, model, limits());
  const checkMs = performance.now() - began;
  const details = result.details as { algorithm: string };
  const [shown] = result.counterexamples ?? [];
  return {
    verdict: result.validity,
    algorithm: details.algorithm,
    columnsMs: median(runs.map((run) => run.columnsMs)),
    decideMs: median(runs.map((run) => run.decideMs)),
    verifyMs: median(runs.map((run) => run.verifyMs)),
    checkMs,
    megabytes: (peakBytes() - before) / 2 ** 20,
    ...(shown === undefined ? {} : { shown: shown.operations.length }),
  };
}

/** What this process has computed so far: a busy machine does not count. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What this process holds, from where the system counts its peak anew. NaN where the system cannot. */
function startOfPeak(): number {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return Number.NaN;
  }
  return peakBytes();
}

function peakBytes(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/u.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return Number.NaN;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** The slope of time over length, both as logarithms: 1 is linear. */
function exponent(points: readonly (readonly [length: number, ms: number])[]): number {
  const logs = points.map(([length, ms]) => [Math.log(length), Math.log(ms)] as const);
  const mean = (pick: 0 | 1): number => logs.reduce((sum, point) => sum + point[pick], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const across = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return across / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function measureApart(program: string, shape: SimulationShape): Measures | string {
  try {
    const args = ['--expose-gc', '--max-old-space-size=8192', program, '--measure', JSON.stringify(shape)];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measures;
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

function bench(program: string, words: readonly string[], upTo: number): void {
  print(
    `node ${process.version}; medians of ${RUNS} runs in processor time, the whole check once by the clock`,
  );
  for (const { name, shape } of rows()) {
    if (!words.every((word) => name.split(' ').includes(word))) continue;
    print(name);
    const points: [number, number][] = [];
    for (const operations of LENGTHS.filter((length) => length <= upTo)) {
      const measures = measureApart(program, { ...shape, operations });
      if (typeof measures === 'string') print(`  ${operations}: failed: ${measures}`);
      else print(line(operations, measures));
      if (typeof measures === 'string' || measures.verdict === 'unknown') break;
      points.push([operations, measures.columnsMs + measures.decideMs + measures.verifyMs]);
    }
    if (points.length > 1) {
      print(`  time grows with the length to the power of ${exponent(points).toFixed(2)}`);
    }
  }
}

const program = fileURLToPath(import.meta.url);
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === program) {
  const args = process.argv.slice(2);
  if (args[0] === '--measure') {
    print(JSON.stringify(await measure(JSON.parse(args[1] ?? '') as SimulationShape)));
  } else {
    const at = args.indexOf('--up-to');
    const upTo = at === -1 ? Infinity : Number(args[at + 1]);
    bench(program, at === -1 ? args : args.toSpliced(at, 2), upTo);
  }
}
