// The library's door: is this history linearizable? Splits it by key, judges each, and puts the verdicts together.

import { setImmediate } from 'node:timers/promises';
import type { Budget, CheckResult } from '../checker.ts';
import type { Counterexample } from '../counterexample.ts';
import type { History } from '../history.ts';
import type { Model } from '../model.ts';
import { explain } from './explain.ts';
import { neighbourhood } from './neighbourhood.ts';
import type { Part } from './part.ts';
import { split } from './parts.ts';
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
  const whole = split(history, model);
  if ('refusal' in whole) return { validity: 'unknown', summary: whole.refusal };
  // Smallest first, so that a key that eats up the budget takes as few others with it as possible.
  const parts = [...whole.parts].sort((a, b) => a.size - b.size);
  const started = performance.now();
  const verdicts = await judgeAll(parts, budget);
  const counterexamples = await explainWorst(history, verdicts, budget);
  return summarize({
    model: model.name,
    verdicts,
    operations: whole.operations,
    succeeded: whole.succeeded,
    counterexamples,
    ms: performance.now() - started,
  });
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

/**
 * The shortest histories first, because they are the easiest to understand; of their counterexamples lost writes, then the
 * shortest. */
async function explainWorst<State>(
  history: History,
  verdicts: readonly Verdict<State>[],
  budget: Budget,
): Promise<Counterexample[]> {
  const result: Counterexample[] = [];
  const bad = verdicts
    .flatMap(({ part, decision }) => (decision.validity === 'invalid' ? [{ part, decision }] : []))
    .sort((a, b) => a.part.size - b.part.size);
  for (const { part, decision } of bad.slice(0, EXPLAINED)) {
    const { key, model, size } = part;
    const shrunk = shrink(part, decision, upTo(SHRINK_MS, budget));
    const all = decision.proof === undefined ? part.operations() : neighbourhood(part, decision.proof);
    result.push(explain({ history, model, key, all, size, shrunk }));
    await setImmediate();
  }
  return result.sort((a, b) => rank(a) - rank(b) || a.operations.length - b.operations.length);
}

/** Data that are gone are worse news than data that are late. */
function rank({ shape }: Counterexample): number {
  return shape === 'lost-write' ? 0 : 1;
}

function upTo(ms: number, budget: Budget): Budget {
  const deadline = performance.now() + ms;
  return {
    giveUp: (bytes) => budget.giveUp(bytes) ?? (performance.now() > deadline ? 'time' : undefined),
  };
}
