// The verdicts of all keys as one result: the worst of them, a sentence, and the numbers.

import { type Budget, type CheckResult, type GaveUp, type Validity, worst } from '../checker.ts';
import type { Counterexample } from '../counterexample.ts';
import type { Json } from '../json.ts';
import type { Decision } from './decision.ts';
import type { Part } from './part.ts';
import { list } from './words.ts';

export interface KeyVerdict {
  readonly part: Pick<Part<unknown>, 'key' | 'size'>;
  readonly decision: Decision;
  readonly algorithm: string;
  readonly ms: number;
  readonly configurations: number;
  /** The most that the search held, by its own count. */
  readonly bytes: number;
  /** Of an undecided key, where the budget is not the reason: a clause that fits after its name and a colon. */
  readonly why?: string;
}

export interface Judged {
  readonly model: string;
  /** Of keys in which something completed. */
  readonly verdicts: readonly KeyVerdict[];
  /** Operations of all keys. */
  readonly operations: number;
  /** Whether any of them succeeded; a refused cas did not, though it is judged. */
  readonly succeeded: boolean;
  readonly counterexamples: readonly Counterexample[];
  readonly ms: number;
  /** Worker threads that judged; 0: all was judged where the check was called. */
  readonly threads: number;
  readonly budget: Budget;
}

/** Names of keys in a sentence, at most. */
const NAMED = 5;

export function summarize(judged: Judged): CheckResult {
  const { verdicts, counterexamples, succeeded } = judged;
  const decided = worst(verdicts.map(({ decision }) => decision.validity));
  const validity = decided === 'valid' && !succeeded ? 'unknown' : decided;
  return {
    validity,
    summary: sentence(validity, judged),
    details: details(judged),
    ...(counterexamples.length > 0 ? { counterexamples } : {}),
  };
}

function sentence(validity: Validity, judged: Judged): string {
  const { verdicts, operations, counterexamples, succeeded } = judged;
  const bad = verdicts.filter(({ decision }) => decision.validity === 'invalid');
  switch (validity) {
    case 'valid':
      return `linearizable: ${keyCount(verdicts)}${count(operations, 'operation')} judged`;
    case 'unknown':
      return succeeded || verdicts.some(({ decision }) => decision.validity === 'unknown')
        ? undecided(verdicts, judged.budget)
        : 'nothing to judge: no operation succeeded';
    case 'invalid': {
      const [first] = counterexamples;
      const others = bad.length > 1 ? ` (and ${count(bad.length - 1, 'more key')} not linearizable)` : '';
      const subject = first?.key === undefined ? '' : `key ${first.key} is `;
      return `${subject}not linearizable: ${first?.sentence ?? ''}${others}`;
    }
  }
  return validity satisfies never;
}

function keyCount(verdicts: readonly KeyVerdict[]): string {
  return verdicts.every(({ part }) => part.key === undefined) ? '' : `${count(verdicts.length, 'key')}, `;
}

function undecided(verdicts: readonly KeyVerdict[], budget: Budget): string {
  const open = verdicts.filter(({ decision }) => decision.validity === 'unknown');
  const clauses = (['memory', 'time', 'interrupted'] as const).flatMap((cause) => {
    const keys = open.filter(({ decision, why }) => why === undefined && causeOf(decision) === cause);
    return keys.length === 0 ? [] : [`${names(keys) ?? 'the search'} ${ranOut(cause, keys, budget)}`];
  });
  const reasons = new Set(open.flatMap(({ why }) => why ?? []));
  for (const reason of reasons) {
    const subject = names(open.filter(({ why }) => why === reason));
    clauses.push(subject === undefined ? reason : `${subject}: ${reason}`);
  }
  const decided = verdicts.filter(({ decision }) => decision.validity === 'valid').length;
  const rest =
    decided === 0 ? '' : `; ${count(decided, 'other key')} ${decided === 1 ? 'is' : 'are'} linearizable`;
  return `undecided: ${list(clauses)}${rest}`;
}

function causeOf(decision: Decision): GaveUp | undefined {
  if (decision.validity !== 'unknown' || decision.cause === 'limit') return undefined;
  return decision.cause;
}

/** Undefined where the operations have no keys. */
function names(verdicts: readonly KeyVerdict[]): string | undefined {
  const keys = verdicts.flatMap(({ part: { key } }) => (key === undefined ? [] : [key]));
  if (keys.length === 0) return undefined;
  const shown = keys.slice(0, NAMED);
  const more = keys.length - shown.length;
  return `${keys.length === 1 ? 'key' : 'keys'} ${list(more > 0 ? [...shown, `${more} more`] : shown)}`;
}

function ranOut(cause: GaveUp, verdicts: readonly KeyVerdict[], budget: Budget): string {
  if (cause === 'interrupted') return verdicts.length === 1 ? 'was interrupted' : 'were interrupted';
  const allowed = budget.allowance?.(cause);
  if (cause === 'time') return allowed === undefined ? 'ran out of time' : `ran out of time (${allowed})`;
  const most = Math.max(...verdicts.map(({ bytes }) => bytes));
  return `ran out of memory (${allowed ?? `${Math.round(most / 2 ** 20)} MB`})`;
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;
}

const gravity: Record<Validity, number> = { invalid: 0, unknown: 1, valid: 2 };

/**
 * - `algorithm`: those that decided (or gave up) some key.
 * - `keys`: how many there are of each verdict; those in which nothing completed are not counted.
 * - `statesSearched`: configurations, all keys together; `perKey`: worst first, then the slowest.
 * - `bytes`: the most that the search of a key held by its own count; `threads`: worker threads that judged.
 */
function details({ model, verdicts, operations, ms, threads }: Judged): Json {
  const total = (validity: Validity): number =>
    verdicts.filter(({ decision }) => decision.validity === validity).length;
  const sorted = [...verdicts].sort(
    (a, b) => gravity[a.decision.validity] - gravity[b.decision.validity] || b.ms - a.ms,
  );
  return {
    algorithm: list([...new Set(verdicts.map(({ algorithm }) => algorithm))].sort()),
    model,
    keys: {
      total: verdicts.length,
      valid: total('valid'),
      invalid: total('invalid'),
      unknown: total('unknown'),
    },
    operations,
    statesSearched: verdicts.reduce((sum, { configurations }) => sum + configurations, 0),
    ms: rounded(ms),
    threads,
    perKey: sorted.map(({ part, decision, algorithm, configurations, bytes, why, ms }) => ({
      key: part.key ?? null,
      validity: decision.validity,
      algorithm,
      operations: part.size,
      states: configurations,
      bytes,
      ms: rounded(ms),
      ...(decision.validity === 'unknown' ? { cause: why ?? decision.cause } : {}),
    })),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
