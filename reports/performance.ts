// Latency and rate over time, in windows of equal length.

import type { History } from '../checkers/history.ts';
import { outcomeAt, type RunFacts } from './run-facts.ts';

export interface Quantiles {
  /** Nanoseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Window {
  /** Nanoseconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  /** Operations that ended here, by outcome; those without any completion count nowhere. */
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Of the ok operations that ended here; absent where there are none. */
  readonly latency?: Quantiles;
}

/** At most `count` windows over the whole run, of a round length. */
export function performanceWindows(history: History, facts: RunFacts, count: number): readonly Window[] {
  if (facts.end <= 0) return [];
  const length = roundUp(facts.end / count);
  const number = Math.max(1, Math.ceil(facts.end / length));
  const outcomes = Array.from({ length: number }, () => ({ ok: 0, fail: 0, info: 0 }));
  const latencies: number[][] = Array.from({ length: number }, () => []);
  for (const index of facts.invocations) {
    const completion = history.partner(index);
    if (completion === -1) continue;
    const end = history.time(completion);
    const at = Math.min(number - 1, Math.floor(end / length));
    const outcome = outcomeAt(history, completion);
    const counts = outcomes[at];
    if (counts !== undefined) counts[outcome]++;
    if (outcome === 'ok') latencies[at]?.push(end - history.time(index));
  }
  return outcomes.map((counts, i) => {
    const latency = quantiles(latencies[i] ?? []);
    const from = i * length;
    return { from, to: from + length, ...counts, ...(latency === undefined ? {} : { latency }) };
  });
}

function roundUp(nanos: number): number {
  const power = 10 ** Math.floor(Math.log10(nanos));
  return Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= nanos) ?? 10) * power);
}

/** By nearest rank; undefined of nothing. */
export function quantiles(values: readonly number[]): Quantiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
