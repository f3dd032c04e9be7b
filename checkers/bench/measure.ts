// One row at one length, measured in this process.

import { writeFileSync } from 'node:fs';
import { type Budget, budget } from '../checker.ts';
import { writeHistory } from '../formats/write-history.ts';
import type { History } from '../history.ts';
import { check } from '../linearizable/check.ts';
import type { Part } from '../linearizable/part.ts';
import { split } from '../linearizable/parts.ts';
import { portfolio } from '../linearizable/portfolio.ts';
import { faultInOrder } from '../linearizable/verify-order.ts';
import type { Model } from '../model.ts';
import { modelNamed } from '../models/registry.ts';
import { type BenchRow, rowNamed } from './bench-rows.ts';
import { median, peakBytes, processorMs, startOfPeak } from './processor.ts';

export const RUNS = 5;
/** What one history may take. */
const TIME_MS = 60_000;
const MEMORY_BYTES = 4 * 2 ** 30;
/** A check that takes longer is not repeated. */
const LONG_MS = 5_000;

export interface Measures {
  readonly verdict: string;
  readonly algorithm: string;
  /**
   * Medians of processor time, all keys together, in one thread: from the history to columns; the decision with its order;
   * the order verified.
   */
  readonly columnsMs: number;
  readonly decideMs: number;
  readonly verifyMs: number;
  /** The whole check by the clock, median: all of these and, of an invalid history, the counterexample. */
  readonly checkMs: number;
  /** The most that the first whole check held beside the history; where it cannot be measured, NaN. */
  readonly megabytes: number;
  /** Operations of the counterexample. */
  readonly shown?: number;
}

/** Of several histories: how long their checks took. */
export interface SeedMeasures {
  readonly histories: number;
  readonly decided: number;
  /** Decided within ten seconds. */
  readonly soon: number;
  readonly medianMs: number;
  readonly longestMs: number;
  readonly algorithms: readonly string[];
}

function limits(): Budget {
  return budget({ timeMs: TIME_MS, memoryBytes: MEMORY_BYTES });
}

export function modelOf(name: string): Model<unknown> {
  const entry = modelNamed(name);
  if (entry === undefined) throw new Error(`no model ${name}`);
  return entry.make();
}

/** `file`: where the history goes for another program. */
export async function measure(name: string, operations: number, file?: string): Promise<Measures> {
  const row = rowNamed(name);
  const model = modelOf(row.model);
  const warmUp = row.history(2, Math.min(operations, 20_000));
  // Once as it is, to see that it ends: what does not is not repeated.
  const history = row.history(1, operations);
  if (file !== undefined) writeFileSync(file, [...writeHistory(history, 'jsonl')].join(''));
  const first = await timed(warmUp, model);
  if (first.verdict !== 'unknown' && first.ms < LONG_MS) {
    for (let i = 1; i < RUNS; i++) steps(warmUp, model);
    for (let i = 1; i < RUNS; i++) await check(warmUp, model, limits());
  }
  globalThis.gc?.();
  const before = startOfPeak();
  const whole = await timed(history, model);
  const megabytes = (peakBytes() - before) / 2 ** 20;
  const repeats = whole.ms < LONG_MS ? RUNS : 1;
  // Without collecting in between: that would throw compiled code away as well.
  const runs = Array.from({ length: repeats }, () => steps(history, model));
  const checks = [whole.ms];
  while (checks.length < repeats) checks.push((await timed(history, model)).ms);
  const { verdict, algorithm, shown } = whole;
  return {
    verdict,
    algorithm,
    columnsMs: median(runs.map((run) => run.columnsMs)),
    decideMs: median(runs.map((run) => run.decideMs)),
    verifyMs: median(runs.map((run) => run.verifyMs)),
    checkMs: median(checks),
    megabytes,
    ...(shown === undefined ? {} : { shown }),
  };
}

export async function measureSeeds(
  { model: name, history, seeds }: BenchRow,
  operations: number,
): Promise<SeedMeasures> {
  const model = modelOf(name);
  const results: Awaited<ReturnType<typeof timed>>[] = [];
  for (let seed = 1; seed <= seeds; seed++) results.push(await timed(history(seed, operations), model));
  const times = results.map(({ ms }) => ms);
  const decided = results.filter(({ verdict }) => verdict !== 'unknown');
  return {
    histories: seeds,
    decided: decided.length,
    soon: decided.filter(({ ms }) => ms <= 10_000).length,
    medianMs: median(times),
    longestMs: Math.max(...times),
    algorithms: [...new Set(results.map(({ algorithm }) => algorithm))].sort(),
  };
}

/** One whole check by the clock. */
export async function timed(
  history: History,
  model: Model<unknown>,
): Promise<{ verdict: string; algorithm: string; ms: number; shown?: number }> {
  const began = performance.now();
  const result = await check(history, model, limits());
  const ms = performance.now() - began;
  const { algorithm } = result.details as { algorithm: string };
  const [shown] = result.counterexamples ?? [];
  return {
    verdict: result.validity,
    algorithm,
    ms,
    ...(shown === undefined ? {} : { shown: shown.operations.length }),
  };
}

/** One time through the checker's steps in this thread, each timed. */
function steps(
  history: History,
  model: Model<unknown>,
): Pick<Measures, 'columnsMs' | 'decideMs' | 'verifyMs'> {
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
    if (decision.validity === 'unknown' && decision.cause === 'limit') continue;
    if (decision.validity !== 'valid') return 0;
    const began = processorMs();
    const fault = faultInOrder(part, decision.order);
    if (fault !== undefined) throw new Error(fault);
    return processorMs() - began;
  }
  throw new Error('no algorithm applies');
}
