// The library's door: is this history linearizable? Splits it by key, judges each, and puts the verdicts together.

import { setImmediate } from 'node:timers/promises';
import type { Budget, CheckResult } from '../checker.ts';
import type { Counterexample } from '../counterexample.ts';
import type { History } from '../history.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { type Decision, decide } from './decide.ts';
import { explain } from './explain.ts';
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
  const groups = byKey(model, operations);
  const started = performance.now();
  const verdicts = await judge(model, groups, budget);
  const counterexamples = await explainWorst(history, model, verdicts, budget);
  return summarize({
    model: model.name,
    verdicts,
    operations,
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

interface Group {
  readonly key: string | undefined;
  readonly operations: Operation[];
}

/** Smallest first, so that a key that eats up the budget takes as few others with it as possible. */
function byKey<State>(model: Model<State>, operations: readonly Operation[]): Group[] {
  const groups = new Map<string | undefined, Group>();
  for (const operation of operations) {
    const key = model.keyed ? operation.call.key : undefined;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, operations: [operation] });
    else group.operations.push(operation);
  }
  return [...groups.values()]
    .filter((group) => group.operations.some(({ result }) => result !== undefined))
    .sort((a, b) => a.operations.length - b.operations.length);
}

/** In rounds of growing effort: a hard key is put off until all others have been judged. */
async function judge<State>(
  model: Model<State>,
  groups: readonly Group[],
  budget: Budget,
): Promise<KeyVerdict[]> {
  const verdicts: KeyVerdict[] = [];
  let open = groups.map((group) => ({ group, ms: 0, configurations: 0 }));
  for (let most = FIRST_ROUND; open.length > 0; most *= NEXT_ROUND) {
    const later: typeof open = [];
    for (const { group, ...spent } of open) {
      const started = performance.now();
      const decision = judgeKey(model, group, budget, most);
      const ms = spent.ms + performance.now() - started;
      const configurations = spent.configurations + decision.configurations;
      if (decision.validity === 'unknown' && decision.cause === 'limit')
        later.push({ group, ms, configurations });
      else verdicts.push({ ...group, decision, ms, configurations });
      await setImmediate();
    }
    open = later;
  }
  return verdicts;
}

function judgeKey<State>(
  model: Model<State>,
  group: Group,
  budget: Budget,
  configurations: number,
): Decision {
  const cause = budget.giveUp(0);
  if (cause !== undefined) return { validity: 'unknown', cause, bytes: 0, configurations: 0 };
  return decide(model, group.operations, { budget, configurations });
}

/** The shortest histories first, because they are the easiest to understand; then the shortest counterexamples. */
async function explainWorst<State>(
  history: History,
  model: Model<State>,
  verdicts: readonly KeyVerdict[],
  budget: Budget,
): Promise<Counterexample[]> {
  const result: Counterexample[] = [];
  const bad = verdicts
    .filter(({ decision }) => decision.validity === 'invalid')
    .sort((a, b) => a.operations.length - b.operations.length);
  for (const { key, operations: all, decision } of bad.slice(0, EXPLAINED)) {
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
