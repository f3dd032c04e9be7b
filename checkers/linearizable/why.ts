// Why no order fits, when it is none of the classic shapes: which order real time forces, and what is wrong with each
// operation that could come after the longest legal order.

import type { History } from '../history.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import type { Start } from './problem.ts';
import { list, noun, seconds } from './words.ts';

const SENTENCES = 12;

/** A sentence for each operation that had completed before another began, those that follow from others left out. */
export function forcedOrder(history: History, operations: readonly Operation[]): string[] {
  const precedes = (a: Operation, b: Operation): boolean => a.completedAt < b.invokedAt;
  const pairs = operations.flatMap((a) =>
    operations
      .filter((b) => precedes(a, b) && !operations.some((c) => precedes(a, c) && precedes(c, b)))
      .map((b) => [a, b] as const),
  );
  const sentences = pairs.map(
    ([a, b]) =>
      `${noun(a)} comes before ${noun(b)}, because it had completed at ${seconds(history.time(a.completedAt))} ` +
      `and the other began at ${seconds(history.time(b.invokedAt))}`,
  );
  return bounded(sentences);
}

/** The longest legal order, and for each operation that may come next what is wrong with it. */
export function whyNoneFollows<State>(
  model: Model<State>,
  operations: readonly Operation[],
  longest: readonly Operation[],
  start: Start,
): string[] {
  let state = start === 'any' ? firstNeeded(model, longest) : { state: model.init() };
  for (const { call, result } of longest) {
    if (state === undefined) {
      const leaves = model.move?.(call, result).leaves;
      if (leaves !== undefined) state = leaves;
      continue;
    }
    const step = model.step(state.state, call, result);
    if (step.ok) state = { state: step.state };
  }
  if (state === undefined) return [];
  const here = state.state;
  const left = operations.filter((operation) => !longest.includes(operation));
  const firstEnd = left.reduce((end, { completedAt }) => Math.min(end, completedAt), Infinity);
  const dead = left
    .filter(({ invokedAt }) => invokedAt < firstEnd)
    .flatMap((operation) => {
      const step = model.step(here, operation.call, operation.result);
      return step.ok ? [] : [`${noun(operation)} cannot come next, because ${step.why()}`];
    });
  const order =
    longest.length === 0
      ? `at first the value is ${model.describe(here)}`
      : `a longest legal order is ${list(longest.map(noun))}; then the value is ${model.describe(here)}`;
  return bounded([order, ...dead]);
}

/** The state that any order that begins like this must have started from; undefined when it may be any. */
function firstNeeded<State>(model: Model<State>, order: readonly Operation[]): { state: State } | undefined {
  for (const { call, result } of order) {
    const { needs, leaves } = model.move?.(call, result) ?? {};
    if (needs !== undefined) return needs;
    if (leaves !== undefined) return undefined;
  }
  return undefined;
}

function bounded(sentences: readonly string[]): string[] {
  if (sentences.length <= SENTENCES) return [...sentences];
  return [...sentences.slice(0, SENTENCES), `and ${sentences.length - SENTENCES} more of this kind`];
}
