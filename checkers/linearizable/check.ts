// The library's door: is this history linearizable? Splits it by key, judges each, and puts the verdicts together.

import { setImmediate } from 'node:timers/promises';
import type { Budget, CheckResult } from '../checker.ts';
import type { Counterexample } from '../counterexample.ts';
import type { History } from '../history.ts';
import type { Model } from '../model.ts';
import { explain } from './explain.ts';
import { algorithmNames } from './judge-part.ts';
import { neighbourhood } from './neighbourhood.ts';
import { split } from './parts.ts';
import { judgeHere, unjudged, type Verdict } from './rounds.ts';
import { shrink } from './shrink.ts';
import { summarize } from './summary.ts';

/** Keys whose violation is shrunk and explained. */
const EXPLAINED = 5;
/** What shrinking may take for one key. */
const SHRINK_MS = 3000;

export interface CheckOptions {
  /** Judge with this algorithm alone (see `algorithmNames`); where it does not apply the verdict is unknown. */
  readonly algorithm?: string | undefined;
  /** Gets each key's linearization as ids of operations, in the order in which keys are judged. */
  readonly orders?: ((key: string | undefined, order: Int32Array) => void) | undefined;
}

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
  options: CheckOptions = {},
): Promise<CheckResult> {
  const { algorithm, orders } = options;
  if (algorithm !== undefined && !algorithmNames().includes(algorithm)) {
    throw new RangeError(`no algorithm is called ${algorithm}; allowed: ${algorithmNames().join(', ')}`);
  }
  const whole = split(history, model);
  if ('refusal' in whole) return { validity: 'unknown', summary: whole.refusal };
  // Smallest first, so that a key that eats up the budget takes as few others with it as possible.
  const parts = [...whole.parts].sort((a, b) => a.size - b.size);
  const started = performance.now();
  const verdicts = await judgeHere(parts.map(unjudged), budget, algorithm);
  if (orders !== undefined) tellOrders(verdicts, orders);
  const counterexamples = await explainWorst(history, verdicts, budget);
  return summarize({
    model: model.name,
    verdicts,
    operations: whole.operations,
    succeeded: whole.succeeded,
    counterexamples,
    ms: performance.now() - started,
    threads: 0,
    budget,
  });
}

function tellOrders<State>(
  verdicts: readonly Verdict<State>[],
  orders: NonNullable<CheckOptions['orders']>,
): void {
  for (const { part, decision } of verdicts) {
    if (decision.validity !== 'valid') continue;
    orders(
      part.key,
      Int32Array.from(decision.order, (row) => part.operation(row).id),
    );
  }
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
