// Many keys at once, each with a few threads for a while. A history is judged key by key, so many short keys are far
// cheaper to check than one long one. The idea is jepsen.independent's.

import { UsageError } from '../errors.ts';
import type { Stream } from '../random.ts';
import { map } from './calls.ts';
import type { Context, Next, OpGenerator, Thread } from './generator.ts';
import { withThreads } from './narrow.ts';
import { exhausted } from './next.ts';
import { joined, soonest } from './soonest.ts';

export interface ConcurrentKeys {
  /** The n-th key; undefined: there are no more. */
  readonly keys: (n: number) => string | undefined;
  readonly threadsPerKey: number;
  /** What is done on the key, without naming it: each call gets the key. The stream is this key's own. */
  readonly plan: (key: string, stream: Stream) => OpGenerator;
  readonly stream: Stream;
}

/**
 * Client threads in groups, each working on one key at a time and taking the next key when that key's plan is
 * exhausted. Throws UsageError when the client threads are no multiple of `threadsPerKey`.
 */
export function concurrentKeys(options: ConcurrentKeys): OpGenerator {
  return grouped(options, groupsOf(options.threadsPerKey), { nextKey: 0, keys: [], plans: [] });
}

interface State {
  readonly nextKey: number;
  /** By group: the key and its plan, which is undefined when no key was left for the group. */
  readonly keys: readonly string[];
  readonly plans: readonly (OpGenerator | undefined)[];
}

const PATIENCE = 1000;

function grouped(options: ConcurrentKeys, groupsIn: (context: Context) => Groups, state: State): OpGenerator {
  const whole: OpGenerator = {
    next(context) {
      const groups = groupsIn(context);
      const taker = new KeyTaker(options, state, groups);
      const order = groupsByFreeThread(context, groups);
      const joint = soonest(context, taker.plans, order, (_, group) => taker.ask(group, context));
      return joined(joint, (plans) =>
        grouped(options, groupsIn, { nextKey: taker.nextKey, keys: taker.keys, plans }),
      );
    },
    update(context, event) {
      const groups = groupsIn(context);
      const group = groups.groupOf.get(context.threadOf(event.process));
      // An event of the group's last key does not concern this one.
      if (group === undefined || state.keys[group] !== event.key) return whole;
      const plan = state.plans[group]?.update(groupContext(context, groups, group), event);
      return grouped(options, groupsIn, { ...state, plans: state.plans.with(group, plan) });
    },
  };
  return whole;
}

/** The bookkeeping of one question: which keys the groups take while they are asked. */
class KeyTaker {
  nextKey: number;
  readonly keys: string[];
  readonly plans: (OpGenerator | undefined)[];
  readonly #options: ConcurrentKeys;
  readonly #groups: Groups;

  constructor(options: ConcurrentKeys, state: State, groups: Groups) {
    this.#options = options;
    this.#groups = groups;
    this.nextKey = state.nextKey;
    this.keys = [...state.keys];
    this.plans = [...state.plans];
    while (this.plans.length < groups.threads.length) this.#take(this.plans.length);
  }

  /** The group's answer, from its key or the first of the following ones that has something to do. */
  ask(group: number, context: Context): Next {
    const ours = groupContext(context, this.#groups, group);
    for (let i = 0; i < PATIENCE; i++) {
      const next = this.plans[group]?.next(ours) ?? exhausted;
      if (next.kind !== 'exhausted') return next;
      this.#take(group);
      if (this.plans[group] === undefined) return exhausted;
    }
    throw new Error(`concurrentKeys: the plans of ${PATIENCE} keys in a row had nothing to do`);
  }

  #take(group: number): void {
    const key = this.#options.keys(this.nextKey);
    this.plans[group] = undefined;
    if (key === undefined) return;
    const withKey = map((call) => ({ ...call, key }));
    this.keys[group] = key;
    this.plans[group] = withKey(this.#options.plan(key, this.#options.stream.fork(this.nextKey)));
    this.nextKey++;
  }
}

interface Groups {
  readonly threads: readonly (readonly Thread[])[];
  readonly groupOf: ReadonlyMap<Thread, number>;
}

/** Divides the client threads; done once, since the threads of a plan never change. */
function groupsOf(threadsPerKey: number): (context: Context) => Groups {
  let seen: readonly Thread[] | undefined;
  let groups: Groups = { threads: [], groupOf: new Map() };
  return (context) => {
    if (seen !== context.threads) {
      groups = divide(context.threads, threadsPerKey);
      seen = context.threads;
    }
    return groups;
  };
}

function divide(all: readonly Thread[], threadsPerKey: number): Groups {
  const clients = all.filter((thread) => thread !== 'nemesis');
  if (clients.length === 0 || clients.length % threadsPerKey !== 0) {
    throw new UsageError(
      `concurrency ${clients.length} is no multiple of the ${threadsPerKey} threads that work on one key together`,
    );
  }
  const groupOf = new Map(clients.map((thread, place) => [thread, Math.floor(place / threadsPerKey)]));
  const threads = Array.from({ length: clients.length / threadsPerKey }, (_, group) =>
    clients.slice(group * threadsPerKey, (group + 1) * threadsPerKey),
  );
  return { threads, groupOf };
}

function groupContext(context: Context, groups: Groups, group: number): Context {
  return withThreads(
    context,
    groups.threads[group] ?? [],
    context.free.filter((thread) => groups.groupOf.get(thread) === group),
  );
}

/** Groups that have a free thread, in the order of those threads. The others can do nothing now. */
function groupsByFreeThread(context: Context, groups: Groups): Iterable<number> {
  const order = new Set<number>();
  for (const thread of context.free) {
    const group = groups.groupOf.get(thread);
    if (group !== undefined) order.add(group);
  }
  return order;
}
