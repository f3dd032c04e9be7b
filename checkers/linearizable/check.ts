// The library's door: is this history linearizable? Splits it by key, judges each, and puts the verdicts together.

import { setImmediate } from 'node:timers/promises';
import type { Budget, CheckResult } from '../checker.ts';
import type { Counterexample } from '../counterexample.ts';
import type { History } from '../history.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { explain } from './explain.ts';
import { type Part, partOf } from './part.ts';
import { type Judgement, judge } from './portfolio.ts';
import { shrink } from './shrink.ts';
import { type KeyVerdict, summarize } from './summary.ts';

/** Configurations that each key gets in the first round, and how much more in each later one. */
const FIRST_ROUND = 100_000;
const NEXT_ROUND = 16;
/** Keys whose violation is shrunk and explained. */
const EXPLAINED = 5;
/** What shrinking may take for one key. */
const SHRINK_MS = 3000;

/**
 * Invalid is a proof, given a correct recording: some key's operations have no legal order. Valid says that this history
 * has one, no more. Unknown: the budget ran out (which keys and why is in summary and details), nothing succeeded that
 * could be judged, or the model does not know a call. An invalid key outranks the rest.
 *
 * Nothing else runs while one key is being judged; between keys the event loop gets its turn.
 */
export async function check<State>(
  history: History,
  model: Model<State>,
  budget: Budget,
): Promise<CheckResult> {
  const operations = history.operations();
  const refusal = refusedCall(model, operations);
  if (refusal !== undefined) return { validity: 'unknown', summary: refusal };
  const parts = byKey(model, operations);
  const started = performance.now();
  const verdicts = await judgeAll(parts, budget);
  const counterexamples = await explainWorst(history, verdicts, budget);
  return summarize({
    model: model.name,
    verdicts,
    operations: operations.length,
    succeeded: operations.some(({ result }) => result !== undefined && result.mismatch !== true),
    counterexamples,
    ms: performance.now() - started,
  });
}

function refusedCall<State>(model: Model<State>, operations: readonly Operation[]): string | undefined {
  for (const { id, call } of operations) {
    const why = model.refuses?.(call);
    if (why !== undefined) {
      return `cannot be judged: operation ${id} is ${call.f}, but ${why}`;
    }
  }
  return undefined;
}

/** Smallest first, so that a key that eats up the budget takes as few others with it as possible. */
function byKey<State>(model: Model<State>, operations: readonly Operation[]): Part<State>[] {
  const groups = new Map<string | undefined, Operation[]>();
  for (const operation of operations) {
    const key = model.keyed ? operation.call.key : undefined;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [operation]);
    else group.push(operation);
  }
  return [...groups]
    .filter(([, group]) => group.some(({ result }) => result !== undefined))
    .sort(([, a], [, b]) => a.length - b.length)
    .map(([key, group]) => partOf(model, group, key));
}

type Verdict<State> = KeyVerdict & { readonly part: Part<State> };

/** In rounds of growing effort: a hard key is put off until all others have been judged. */
async function judgeAll<State>(parts: readonly Part<State>[], budget: Budget): Promise<Verdict<State>[]> {
  const verdicts: Verdict<State>[] = [];
  let open = parts.map((part) => ({ part, ms: 0, configurations: 0 }));
  for (let most = FIRST_ROUND; open.length > 0; most *= NEXT_ROUND) {
    const later: typeof open = [];
    for (const { part, ...spent } of open) {
      const started = performance.now();
      const { decision, algorithm, ...judgement } = judgeWithin(part, budget, most);
      const ms = spent.ms + performance.now() - started;
      const configurations = spent.configurations + judgement.configurations;
      if (decision.validity === 'unknown' && decision.cause === 'limit')
        later.push({ part, ms, configurations });
      else verdicts.push({ part, decision, algorithm, ms, configurations });
      await setImmediate();
    }
    open = later;
  }
  return verdicts;
}

function judgeWithin<State>(part: Part<State>, budget: Budget, configurations: number): Judgement {
  const cause = budget.giveUp(0);
  if (cause === undefined) return judge(part, { budget, configurations });
  const decision = { validity: 'unknown', cause, bytes: 0, configurations: 0 } as const;
  return { decision, algorithm: 'none', configurations: 0 };
}

/** The shortest histories first, because they are the easiest to understand; then the shortest counterexamples. */
async function explainWorst<State>(
  history: History,
  verdicts: readonly Verdict<State>[],
  budget: Budget,
): Promise<Counterexample[]> {
  const result: Counterexample[] = [];
  const bad = verdicts
    .filter(({ decision }) => decision.validity === 'invalid')
    .sort((a, b) => a.part.size - b.part.size);
  for (const { part, decision } of bad.slice(0, EXPLAINED)) {
    const { key, model } = part;
    const all = part.operations();
    const reached = decision.validity === 'invalid' ? decision.reached : 0;
    const shrunk = shrink(model, all, reached, upTo(SHRINK_MS, budget));
    result.push(explain({ history, model, key, all, shrunk }));
    await setImmediate();
  }
  return result.sort((a, b) => a.operations.length - b.operations.length);
}

function upTo(ms: number, budget: Budget): Budget {
  const deadline = performance.now() + ms;
  return {
    giveUp: (bytes) => budget.giveUp(bytes) ?? (performance.now() > deadline ? 'time' : undefined),
  };
}
