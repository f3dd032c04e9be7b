// The library's door: is this history linearizable? Splits it by key, judges each, and puts the verdicts together.

import { setImmediate } from 'node:timers/promises';
import type { Budget, CheckResult } from '../checker.ts';
import type { Counterexample } from '../counterexample.ts';
import type { History } from '../history.ts';
import type { Model } from '../model.ts';
import { explain } from './explain.ts';
import { algorithmNames } from './judge-part.ts';
import { neighbourhood } from './neighbourhood.ts';
import type { Part } from './part.ts';
import { split } from './parts.ts';
import { judgeHere, judgeShortlyHere, unjudged, type Verdict } from './rounds.ts';
import { shrink } from './shrink.ts';
import { summarize } from './summary.ts';
import { judgeInThreads } from './workers/judge-in-threads.ts';
import { referenceOf } from './workers/model-reference.ts';
import { threadsFor } from './workers/thread-pool.ts';

/** Keys whose violation is shrunk and explained. */
const EXPLAINED = 5;
/** What shrinking may take for one key. */
const SHRINK_MS = 3000;

export interface CheckOptions {
  /** Judge with this algorithm alone (see `algorithmNames`); where it does not apply the verdict is unknown. */
  readonly algorithm?: string | undefined;
  /** Worker threads at most; 0: everything is judged in this thread. By default as many as the machine can run at once. */
  readonly threads?: number | undefined;
  /** Gets each key's linearization as ids of operations, in the order in which keys are judged. */
  readonly orders?: ((key: string | undefined, order: Int32Array) => void) | undefined;
}

/**
 * Invalid is a proof, given a correct recording: some key's operations have no legal order. Valid says that this history
 * has one, no more. Unknown: the budget ran out (which keys and why is in summary and details), nothing succeeded that
 * could be judged, or the model does not know a call. An invalid key outranks the rest.
 *
 * What is easy is judged at once, key by key; between keys the event loop gets its turn. Keys that turn out hard, and what is
 * left of many keys after a while, go to worker threads. A model that is not one of the registry as it stands there is made
 * of functions, which no thread can be sent: it is judged in this one, and nothing else runs meanwhile. `details.threads`
 * says how many there were.
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
  const { verdicts, threads } = await judgeAll(history, model, parts, budget, options);
  if (orders !== undefined) tellOrders(verdicts, orders);
  const counterexamples = await explainWorst(history, verdicts, budget);
  return summarize({
    model: model.name,
    verdicts,
    operations: whole.operations,
    succeeded: whole.succeeded,
    counterexamples,
    ms: performance.now() - started,
    threads,
    budget,
  });
}

interface Judged<State> {
  readonly verdicts: Verdict<State>[];
  readonly threads: number;
}

async function judgeAll<State>(
  history: History,
  model: Model<State>,
  parts: readonly Part<State>[],
  budget: Budget,
  options: CheckOptions,
): Promise<Judged<State>> {
  const { algorithm } = options;
  const open = parts.map(unjudged);
  const most = threadsFor(options.threads);
  const reference = most === 0 ? undefined : referenceOf(model);
  if (reference === undefined) return { verdicts: await judgeHere(open, budget, algorithm), threads: 0 };
  const { verdicts, left } = await judgeShortlyHere(open, budget, algorithm);
  if (left.length === 0) return { verdicts, threads: 0 };
  const threads = Math.min(most, left.length);
  const others = await judgeInThreads(left, { history, model: reference, budget, algorithm, threads });
  return { verdicts: [...verdicts, ...others], threads };
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
