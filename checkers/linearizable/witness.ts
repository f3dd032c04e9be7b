// Violations that one or two operations prove, found without a search: the classic ones nearly all are of this kind.

import type { RegisterShape } from '../counterexample.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { problemOf, type Start } from './problem.ts';
import { withNarrowedIntervals } from './reductions.ts';

export interface Witness {
  readonly shape: RegisterShape;
  /** By invocation; by themselves not linearizable from `start`. The culprit is one of them. */
  readonly operations: readonly Operation[];
  readonly start: Start;
}

/** What a model with moves says of one operation, states by their keys. */
interface Known {
  readonly operation: Operation;
  readonly needs: string | number | undefined;
  readonly leaves: string | number | undefined;
}

/**
 * One or two operations, the culprit among them, that show why `operations` have no order; undefined when it takes more
 * than that. Let v be the value that the culprit saw.
 * - Nobody leaves v behind, and it was not there at the start: the culprit alone, from the initial state.
 * - v came up once, and two successful cas both took it away: the two.
 * - Some operation completed before the culprit began, and v was over by the end of it: either everybody who leaves v had
 *   taken effect before it began, and it left or saw another value; or v came up once, and it was a cas that took v away.
 *   These two, from any state. The latest acknowledged write is taken before the latest observation, because it is the
 *   better story.
 */
export function witness<State>(
  model: Model<State>,
  operations: readonly Operation[],
  culprit: Operation,
): Witness | undefined {
  if (model.move === undefined) return undefined;
  const last = known(model, culprit);
  const seen = last.needs;
  if (seen === undefined) return undefined;
  if (isImpossible(model, culprit)) return { shape: 'other', operations: [culprit], start: 'initial' };
  const everybody = operations.filter((other) => other.id !== culprit.id).map((other) => known(model, other));
  const sources = everybody.filter((other) => other.leaves === seen);
  const wasInitial = model.key(model.init()) === seen;
  if (sources.length === 0 && !wasInitial) {
    return { shape: 'never-written', operations: [culprit], start: 'initial' };
  }
  const completed = everybody
    .filter(({ operation }) => operation.result !== undefined)
    .sort((a, b) => b.operation.completedAt - a.operation.completedAt);
  const pair = (shape: RegisterShape, other: Known | undefined): Witness | undefined =>
    other && { shape, operations: inOrder([other.operation, culprit]), start: 'any' };
  const cameUpOnce = sources.length + (wasInitial ? 1 : 0) === 1;
  if (cameUpOnce && last.leaves !== undefined) {
    const rival = completed.find(({ needs, leaves }) => needs === seen && leaves !== undefined);
    if (rival !== undefined) return pair('double-cas', rival);
  }
  const effective = effectiveBy(model, operations);
  const over = sources.reduce((end, { operation }) => Math.max(end, effective(operation)), -1);
  const newer = completed.filter(
    ({ operation, needs, leaves }) =>
      operation.completedAt < culprit.invokedAt &&
      (leaves ?? needs ?? seen) !== seen &&
      (operation.invokedAt > over || (cameUpOnce && needs === seen)),
  );
  return (
    pair(
      'stale-read',
      newer.find(({ leaves }) => leaves !== undefined),
    ) ?? pair('reads-backwards', newer[0])
  );
}

/** Completed, yet legal in no state. */
export function isImpossible<State>(model: Model<State>, { call, result }: Operation): boolean {
  const needs = model.move?.(call, result).needs;
  return result !== undefined && needs !== undefined && !model.step(needs.state, call, result).ok;
}

/** By which position an operation has taken effect, if it ever does: completed, or seen by somebody who had completed. */
export function effectiveBy<State>(
  model: Model<State>,
  operations: readonly Operation[],
): (operation: Operation) => number {
  const { steps } = withNarrowedIntervals(problemOf(model, operations));
  const deadlines = new Map(steps.map((step) => [step.operation.id, step.deadline]));
  return ({ id, completedAt }) => deadlines.get(id) ?? completedAt;
}

/** The operations that leave the state behind that `seen` needs. */
export function sourcesOf<State>(
  model: Model<State>,
  operations: readonly Operation[],
  seen: Operation,
): Operation[] {
  const { needs } = known(model, seen);
  return operations.filter((operation) => needs !== undefined && known(model, operation).leaves === needs);
}

/** A call that leaves what it needs leaves nothing. */
function known<State>(model: Model<State>, operation: Operation): Known {
  const move = model.move?.(operation.call, operation.result) ?? {};
  const needs = move.needs && model.key(move.needs.state);
  const leaves = move.leaves && model.key(move.leaves.state);
  return { operation, needs, leaves: leaves === needs ? undefined : leaves };
}

export function inOrder(operations: readonly Operation[]): Operation[] {
  return [...operations].sort((a, b) => a.invokedAt - b.invokedAt);
}
