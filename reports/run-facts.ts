// What a report counts in a history: operations by function, outcome, error and key. One pass, no judgement.

import type { History } from '../checkers/history.ts';
import type { OpType } from '../checkers/op.ts';

/** How operations ended. `info` counts those without any completion too: their outcome is as unknown. */
export interface OutcomeCounts {
  ok: number;
  fail: number;
  info: number;
}

export interface ErrorCount {
  readonly f: string;
  readonly outcome: 'fail' | 'info';
  readonly code: string;
  count: number;
  /** The first message seen with this code. */
  readonly example?: string;
}

export interface KeyCounts extends OutcomeCounts {
  readonly key: string;
  /** Nanoseconds since the start of the run. */
  readonly from: number;
  to: number;
}

export interface RunFacts {
  readonly operations: number;
  readonly outcomes: OutcomeCounts;
  readonly byFunction: ReadonlyMap<string, OutcomeCounts>;
  readonly byKey: readonly KeyCounts[];
  /** Most frequent first. */
  readonly errors: readonly ErrorCount[];
  /** Invocations of clients, by index in the history. */
  readonly invocations: Int32Array;
  /** The last recorded moment, nanoseconds since the start of the run. */
  readonly end: number;
}

export function runFacts(history: History): RunFacts {
  const outcomes = noOutcomes();
  const byFunction = new Map<string, OutcomeCounts>();
  const byKey = new Map<string, KeyCounts>();
  const errors = new Map<string, ErrorCount>();
  const invocations: number[] = [];
  for (let index = 0; index < history.length; index++) {
    if (history.isNemesis(index) || history.type(index) !== 'invoke') continue;
    invocations.push(index);
    const completion = history.partner(index);
    const outcome = outcomeAt(history, completion);
    const f = history.f(index);
    outcomes[outcome]++;
    entry(byFunction, f, noOutcomes)[outcome]++;
    const key = history.key(index);
    if (key !== undefined) {
      const from = history.time(index);
      const counts = entry(byKey, key, () => ({ key, from, to: from, ...noOutcomes() }));
      counts[outcome]++;
      counts.to = completion === -1 ? from : history.time(completion);
    }
    if (outcome !== 'ok') countError(errors, history, completion, f, outcome);
  }
  return {
    operations: invocations.length,
    outcomes,
    byFunction,
    byKey: [...byKey.values()],
    errors: [...errors.values()].sort((a, b) => b.count - a.count),
    invocations: Int32Array.from(invocations),
    end: history.length === 0 ? 0 : history.time(history.length - 1),
  };
}

function noOutcomes(): OutcomeCounts {
  return { ok: 0, fail: 0, info: 0 };
}

/** The outcome of an operation by its completion's index; -1 is no completion. */
export function outcomeAt(history: History, completion: number): Exclude<OpType, 'invoke'> {
  if (completion === -1) return 'info';
  const type = history.type(completion);
  return type === 'invoke' ? 'info' : type;
}

function entry<Value>(map: Map<string, Value>, key: string, initial: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = initial();
    map.set(key, value);
  }
  return value;
}

function countError(
  errors: Map<string, ErrorCount>,
  history: History,
  completion: number,
  f: string,
  outcome: 'fail' | 'info',
): void {
  const error = completion === -1 ? undefined : history.error(completion);
  const code = completion === -1 ? 'no completion recorded' : (error?.code ?? 'no code');
  const message = error?.message;
  entry(errors, `${outcome} ${f} ${code}`, () => ({
    f,
    outcome,
    code,
    count: 0,
    ...(message === undefined ? {} : { example: message }),
  })).count++;
}

export interface OperationTotals {
  readonly all: number;
  /** Share of ok operations, e.g. `97 %`; never rounded up to all of them. */
  readonly okShare: string;
  /** Median number of operations a key. */
  readonly perKey: number;
}

export function operationTotals(facts: RunFacts): OperationTotals {
  const counts = facts.byKey.map(({ ok, fail, info }) => ok + fail + info).sort((a, b) => a - b);
  return {
    all: facts.operations,
    okShare: shareText(facts.outcomes.ok, facts.operations),
    perKey: counts[Math.floor(counts.length / 2)] ?? 0,
  };
}

/** `97.3 %`; `100 %` and `0 %` only of all and of none. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return '–';
  if (part === whole) return '100 %';
  if (part === 0) return '0 %';
  const share = (100 * part) / whole;
  return `${Math.min(99.9, Math.max(0.1, Math.round(share * 10) / 10))} %`;
}
