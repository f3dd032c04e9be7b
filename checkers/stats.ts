// How the clients' operations ended, by f and in all: counts, latencies, errors. It judges one thing only, that
// something succeeded; the nemesis is not counted.

import type { Checker, CheckResult } from './checker.ts';
import type { History } from './history.ts';
import type { Json } from './json.ts';
import type { OpType } from './op.ts';

interface Tally {
  ok: number;
  fail: number;
  info: number;
  /** Of those that succeeded, in milliseconds. The others tell of time limits more than of the store. */
  latenciesMs: number[];
}

interface ErrorTally {
  readonly code: string;
  count: number;
  /** The index of the first completion with it. */
  readonly first: number;
}

/** An operation without a completion counts as `info`. */
export function stats(): Checker {
  return {
    name: 'stats',
    async check(history) {
      return describe(tallies(history), errorTable(history));
    },
  };
}

function tallies(history: History): Map<string, Tally> {
  const byF = new Map<string, Tally>();
  for (let index = 0; index < history.length; index++) {
    if (history.isNemesis(index) || history.type(index) !== 'invoke') continue;
    const f = history.f(index);
    let tally = byF.get(f);
    if (tally === undefined) byF.set(f, (tally = emptyTally()));
    const completion = history.partner(index);
    tally[completion === -1 ? 'info' : outcomeOf(history.type(completion))]++;
    if (completion !== -1 && history.type(completion) === 'ok') {
      tally.latenciesMs.push((history.time(completion) - history.time(index)) / 1e6);
    }
  }
  return byF;
}

function emptyTally(): Tally {
  return { ok: 0, fail: 0, info: 0, latenciesMs: [] };
}

function outcomeOf(type: OpType): 'ok' | 'fail' | 'info' {
  return type === 'invoke' ? 'info' : type;
}

/** The most frequent first. */
function errorTable(history: History): ErrorTally[] {
  const byCode = new Map<string, ErrorTally>();
  for (let index = 0; index < history.length; index++) {
    const error = history.isNemesis(index) ? undefined : history.error(index);
    if (error === undefined) continue;
    const tally = byCode.get(error.code);
    if (tally === undefined) byCode.set(error.code, { code: error.code, count: 1, first: index });
    else tally.count++;
  }
  return [...byCode.values()].sort((a, b) => b.count - a.count || a.first - b.first);
}

function describe(byF: ReadonlyMap<string, Tally>, errors: readonly ErrorTally[]): CheckResult {
  const all = emptyTally();
  for (const tally of byF.values()) {
    all.ok += tally.ok;
    all.fail += tally.fail;
    all.info += tally.info;
  }
  const count = all.ok + all.fail + all.info;
  const counts = `${count} operations: ${all.ok} ok, ${all.fail} fail, ${all.info} info`;
  return {
    validity: all.ok > 0 ? 'valid' : 'unknown',
    summary: all.ok > 0 ? counts : `no operation succeeded (${counts})`,
    details: {
      ...countsOf(all),
      byF: Object.fromEntries([...byF].map(([f, tally]) => [f, detailsOf(tally)])),
      errors: errors.map((error) => ({ ...error })),
    },
  };
}

function countsOf({ ok, fail, info }: Tally): { readonly [name: string]: Json } {
  return { count: ok + fail + info, ok, fail, info };
}

function detailsOf(tally: Tally): Json {
  if (tally.latenciesMs.length === 0) return countsOf(tally);
  const sorted = Float64Array.from(tally.latenciesMs).sort();
  const quantile = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return {
    ...countsOf(tally),
    latencyMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: quantile(1) },
  };
}
