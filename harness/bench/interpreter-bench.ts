// How fast the interpreter is with clients that answer at once: what a run could reach if the system under test cost
// nothing. Prints the median of several runs. Run it compiled: node dist/harness/bench/interpreter-bench.js

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HistoryBuilder } from '../../checkers/history.ts';
import type { Outcome } from '../../checkers/op.ts';
import { monotonicClock } from '../clock.ts';
import { mix } from '../generator/choice.ts';
import { type OpGenerator, pipe } from '../generator/generator.ts';
import { concurrentKeys } from '../generator/keys.ts';
import { limit } from '../generator/order.ts';
import { fromFunction, repeat } from '../generator/sources.ts';
import { onClients, reserve } from '../generator/threads.ts';
import { stagger } from '../generator/timing.ts';
import { interpret } from '../interpreter.ts';
import { Stream } from '../random.ts';

const THREADS = 10;
const OPERATIONS = 60_000;
const RUNS = 7;

interface Measures {
  readonly opsPerSecond: number;
  /** Time on the processor, all threads of this program together. */
  readonly microsPerOp: number;
  /** From invocation to completion as recorded: what the interpreter adds to every latency. */
  readonly latencyMicros: { readonly p50: number; readonly p99: number };
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** As in a real run: keys that rotate, reserved readers, random writes, an overall rate that is never reached. */
function busyPlan(stream: Stream): OpGenerator {
  const writes = fromFunction((n) => ({ f: 'write', value: n }));
  const cas = fromFunction((n) => ({ f: 'cas', value: [n, n + 1] }));
  const keys = concurrentKeys({
    keys: (n) => `k${n}`,
    threadsPerKey: THREADS,
    stream: stream.fork('keys'),
    plan: (_, own) =>
      pipe(reserve([[5, repeat({ f: 'read' })]], mix(own, writes, { weight: 2, plan: cas })), limit(200)),
  });
  return pipe(keys, stagger(0.0005, stream.fork('stagger')), limit(OPERATIONS), onClients);
}

async function measure(plan: OpGenerator): Promise<Measures> {
  const history = new HistoryBuilder();
  const ok: Outcome = { type: 'ok' };
  const client = { invoke: () => Promise.resolve(ok), close: () => Promise.resolve() };
  const before = process.cpuUsage();
  const report = await interpret({
    generator: plan,
    threads: THREADS,
    nodeOf: (thread) => `n${(thread % 5) + 1}`,
    openClient: () => Promise.resolve(client),
    nemesis: {
      fs: [],
      invoke: () => Promise.resolve({ status: 'applied', evidence: {} }),
      restore: () => Promise.resolve({ status: 'applied', evidence: {} }),
    },
    clock: monotonicClock(),
    opTimeoutMs: 5000,
    record: (op) => history.append(op),
    signal: new AbortController().signal,
  });
  const { user, system } = process.cpuUsage(before);
  return {
    opsPerSecond: report.achievedRate,
    microsPerOp: (user + system) / report.completed,
    latencyMicros: latencies(history),
    lagMs: report.eventLoopLagMs,
  };
}

function latencies(builder: HistoryBuilder): Measures['latencyMicros'] {
  const history = builder.build();
  const nanos: number[] = [];
  for (let index = 0; index < history.length; index++) {
    if (history.type(index) === 'invoke') {
      nanos.push(history.time(history.partner(index)) - history.time(index));
    }
  }
  return { p50: quantile(nanos, 0.5) / 1000, p99: quantile(nanos, 0.99) / 1000 };
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function line(name: string, runs: readonly Measures[]): string {
  const median = (of: (run: Measures) => number, digits: number) =>
    quantile(runs.map(of), 0.5).toFixed(digits);
  return [
    name.padEnd(12),
    `${median((run) => run.opsPerSecond, 0).padStart(7)} ops/s`,
    `${median((run) => run.microsPerOp, 1)} µs of processor per op`,
    `recorded latency p50 ${median((run) => run.latencyMicros.p50, 1)} µs, p99 ${median((run) => run.latencyMicros.p99, 1)} µs`,
    `event-loop lag p50 ${median((run) => run.lagMs.p50, 1)} ms, p99 ${median((run) => run.lagMs.p99, 1)} ms, max ${median((run) => run.lagMs.max, 1)} ms`,
  ].join('  ');
}

export async function main(): Promise<void> {
  const plans: Record<string, (seed: number) => OpGenerator> = {
    'simple plan': () => pipe(repeat({ f: 'write', key: 'x', value: 1 }, OPERATIONS), onClients),
    'busy plan': (seed) => busyPlan(Stream.of(seed)),
  };
  process.stdout.write(
    `interpreter with no-op clients: ${THREADS} threads, ${OPERATIONS} operations, median of ${RUNS} runs\n`,
  );
  for (const [name, plan] of Object.entries(plans)) {
    const runs: Measures[] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await measure(plan(run)));
    process.stdout.write(`${line(name, runs)}\n`);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}
