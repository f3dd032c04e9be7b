// How far an order of a counterexample's operations gets: the longest legal ones, and what stands in the way of each
// operation that they leave over.

import type { DeadEnd, Remaining } from '../counterexample.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { everyInitial } from './brute-force.ts';
import { decide } from './decide.ts';
import { partOf } from './part.ts';
import { judge } from './portfolio.ts';
import type { Start } from './problem.ts';
import { prefix } from './weaken.ts';
import { noun } from './words.ts';

/** Of so many operations all orders are looked at; the sets of them that an order can place are below two to this. */
const EVERY_ORDER = 10;
/** What looking for one long order may cost where there are more. */
const CONFIGURATIONS = 20_000;
/** Operations that are added to a long order one by one, each of which looks at all that are left. */
const MOST_ADDED = 200;
const SHOWN_ORDERS = 3;
const SHOWN_REMAINING = 20;

/**
 * The longest legal orders: of few operations all that differ in what they place or in the state they come to (at most
 * three); of more, one that cannot be gone on with. The operations have no order for all that completed; the culprit is
 * the one whose completion made it so.
 */
export function deadEnds<State>(
  model: Model<State>,
  operations: readonly Operation[],
  culprit: Operation,
  start: Start,
): DeadEnd[] {
  const orders =
    operations.length <= EVERY_ORDER
      ? longestOrders(model, operations, start)
      : [longOrder(model, operations, culprit, start)];
  return orders.slice(0, SHOWN_ORDERS).map((order) => deadEnd(model, operations, order, start));
}

/** Crashed operations do not count, and of orders that place as many, those with the fewest of them come first. */
function longestOrders<State>(
  model: Model<State>,
  operations: readonly Operation[],
  start: Start,
): (readonly Operation[])[] {
  interface Found {
    readonly order: readonly Operation[];
    readonly completed: number;
  }
  const seen = new Set<string>();
  let longest: Found[] = [];

  function extend(state: State, placed: number, order: readonly Operation[], completed: number): void {
    const name = `${placed} ${typeof model.key(state)} ${model.key(state)}`;
    if (seen.has(name)) return;
    seen.add(name);
    if (completed > (longest[0]?.completed ?? -1)) longest = [];
    if (completed >= (longest[0]?.completed ?? 0)) longest.push({ order, completed });
    const left = operations.filter((_, row) => (placed & (1 << row)) === 0);
    const firstEnd = firstEndOf(left);
    for (const operation of left) {
      if (operation.invokedAt > firstEnd) continue;
      const step = model.step(state, operation.call, operation.result);
      if (!step.ok) continue;
      const bit = 1 << operations.indexOf(operation);
      extend(step.state, placed | bit, [...order, operation], completed + (isCrashed(operation) ? 0 : 1));
    }
  }

  for (const state of start === 'any' ? everyInitial(model, operations) : [model.init()])
    extend(state, 0, [], 0);
  const told = new Map<string, readonly Operation[]>();
  for (const { order } of longest.sort((a, b) => a.order.length - b.order.length)) {
    const here = stateAfter(model, order, start);
    const ids = order.map(({ id }) => id).sort((a, b) => a - b);
    const name = `${ids.join()} ${here === undefined ? 'any' : `${typeof here} ${model.key(here.state)}`}`;
    if (!told.has(name)) told.set(name, order);
  }
  return [...told.values()];
}

/**
 * Up to the culprit's completion everything fits; the order for that, as far as it is legal now that later outcomes are
 * known too, and then whatever completed operation can still be added.
 */
function longOrder<State>(
  model: Model<State>,
  operations: readonly Operation[],
  culprit: Operation,
  start: Start,
): readonly Operation[] {
  // The search resolves the state before the first operation, which cannot be told from here.
  if (start === 'any') return searched(model, operations, start);
  const before = orderBefore(model, operations, culprit);
  const order: Operation[] = [];
  const left = new Set(operations);
  let state = model.init();
  const place = (operation: Operation): boolean => {
    const step = model.step(state, operation.call, operation.result);
    if (!step.ok) return false;
    state = step.state;
    order.push(operation);
    left.delete(operation);
    return true;
  };
  for (const operation of before) if (!place(operation)) break;
  for (let added = 0; added < MOST_ADDED; added++) {
    const firstEnd = firstEndOf(left);
    const next = [...left].find(
      (operation) => operation.invokedAt <= firstEnd && !isCrashed(operation) && place(operation),
    );
    if (next === undefined) break;
  }
  return order;
}

function orderBefore<State>(
  model: Model<State>,
  operations: readonly Operation[],
  culprit: Operation,
): readonly Operation[] {
  const known = prefix(model, operations, culprit.completedAt - 1);
  const limits = { budget: { giveUp: () => undefined }, configurations: CONFIGURATIONS };
  const { decision } = judge(partOf(model, known), limits);
  if (decision.validity !== 'valid') return [];
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  return Array.from(decision.order, (row) => byId.get(known[row]?.id ?? -1) as Operation);
}

function searched<State>(
  model: Model<State>,
  operations: readonly Operation[],
  start: Start,
): readonly Operation[] {
  const decision = decide(model, operations, {
    budget: { giveUp: () => undefined },
    configurations: CONFIGURATIONS,
    keepLongest: true,
    reductions: [],
    start,
  });
  return decision.validity === 'invalid' ? decision.longest : [];
}

function deadEnd<State>(
  model: Model<State>,
  operations: readonly Operation[],
  order: readonly Operation[],
  start: Start,
): DeadEnd {
  const here = stateAfter(model, order, start);
  const placed = new Set(order);
  const left = operations.filter((operation) => !placed.has(operation));
  const first = left.reduce<Operation | undefined>(
    (least, operation) => (operation.completedAt < (least?.completedAt ?? Infinity) ? operation : least),
    undefined,
  );
  const sorted = [
    ...left.filter((operation) => !isCrashed(operation)),
    ...left.filter((operation) => isCrashed(operation)),
  ];
  return {
    order: order.map(({ id }) => id),
    ...(here === undefined ? {} : { stateBefore: model.describe(here.state) }),
    remaining: sorted
      .slice(0, SHOWN_REMAINING)
      .map((operation): Remaining => ({ id: operation.id, why: whyNotNext(model, operation, here, first) })),
    remainingNotListed: Math.max(0, sorted.length - SHOWN_REMAINING),
  };
}

/** `first`: of those that are left, the one that completed first. */
function whyNotNext<State>(
  model: Model<State>,
  operation: Operation,
  here: { readonly state: State } | undefined,
  first: Operation | undefined,
): string {
  if (first !== undefined && operation.invokedAt > first.completedAt)
    return `it was invoked only after ${noun(first)} had completed, which comes first`;
  if (isCrashed(operation)) return 'its outcome is unknown: it may stay out, and does not help';
  const step = here && model.step(here.state, operation.call, operation.result);
  if (step?.ok === false) return step.why();
  return 'the search ended before it was tried';
}

/** The state after the order; undefined when it may be any, as nothing in the order asks for one or leaves one. */
function stateAfter<State>(
  model: Model<State>,
  order: readonly Operation[],
  start: Start,
): { readonly state: State } | undefined {
  let here = start === 'any' ? firstNeeded(model, order) : { state: model.init() };
  for (const { call, result } of order) {
    if (here === undefined) {
      here = model.move?.(call, result).leaves;
      continue;
    }
    const step = model.step(here.state, call, result);
    if (step.ok) here = { state: step.state };
  }
  return here;
}

/** The state that any order that begins like this must have started from; undefined when it may be any. */
function firstNeeded<State>(
  model: Model<State>,
  order: readonly Operation[],
): { readonly state: State } | undefined {
  for (const { call, result } of order) {
    const { needs, leaves } = model.move?.(call, result) ?? {};
    if (needs !== undefined) return needs;
    if (leaves !== undefined) return undefined;
  }
  return undefined;
}

function isCrashed({ completedAt }: Operation): boolean {
  return completedAt === Infinity;
}

function firstEndOf(operations: Iterable<Operation>): number {
  let end = Infinity;
  for (const { completedAt } of operations) end = Math.min(end, completedAt);
  return end;
}
