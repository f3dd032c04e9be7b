// From a history that is not linearizable to a few of its operations that are not: the smallest bad prefix, then as little
// of it as sound steps leave. When the budget runs out, what has been reached by then.

import type { Budget } from '../checker.ts';
import type { RegisterShape } from '../counterexample.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import { everyInitial, everyOrder } from './brute-force.ts';
import { decide } from './decide.ts';
import type { Invalid, Proof } from './decision.ts';
import { neighbourhood } from './neighbourhood.ts';
import { type Part, partOf } from './part.ts';
import { judge } from './portfolio.ts';
import type { Start } from './problem.ts';
import { suspectedEnd } from './suspect.ts';
import { prefix, removable, suffix } from './weaken.ts';
import { inOrder, witness } from './witness.ts';

export interface Shrunk {
  /** By invocation, as they were recorded; not linearizable from `start`. */
  readonly operations: readonly Operation[];
  /** The operation of these whose completion made it impossible. */
  readonly culprit: Operation;
  /** `any`: not even when every value was allowed before them. */
  readonly start: Start;
  readonly shape: RegisterShape;
}

/** What one question to the search may cost while shrinking; an undecided answer counts as "not bad". */
const CONFIGURATIONS = 200_000;
/** Up to so many operations are taken as they come, without looking near the culprit first. */
const FEW = 64;
/** A result of at most so many operations is put to every order there is. */
const CERTIFIED = 9;

/**
 * Shrinks the operations of the part, which are not linearizable. Throws when the result turns out linearizable after all,
 * which is a bug of ours.
 */
export function shrink<State>(part: Part<State>, decision: Invalid, budget: Budget): Shrunk {
  const { model } = part;
  const limits = { budget, configurations: CONFIGURATIONS };
  const isBad = (some: readonly Operation[], start: Start): boolean => {
    if (budget.giveUp(0) !== undefined) return false;
    if (start === 'any') return decide(model, some, { ...limits, start }).validity === 'invalid';
    return judge(partOf(model, some), limits).decision.validity === 'invalid';
  };
  return decision.proof === undefined
    ? shrinkAll(model, part.operations(), decision.reached, isBad)
    : shrinkProof(part, decision.proof, isBad);
}

type IsBad = (some: readonly Operation[], start: Start) => boolean;

/** Where the violation is is known, so the rest of the history need not be looked at. */
function shrinkProof<State>(part: Part<State>, proof: Proof, isBad: IsBad): Shrunk {
  const { model } = part;
  const culprit = part.operation(proof.culprit);
  const end = culprit.completedAt;
  const direct = witness(model, prefix(model, neighbourhood(part, proof), end), culprit);
  if (direct !== undefined) return certified(model, { ...direct, culprit });
  const originals = Array.from(proof.rows, (row) => part.operation(row));
  const own = prefix(model, originals, end);
  if (proof.start === 'initial') return shrinkPrefix(model, own, originals, culprit, isBad);
  return withoutNeedless(model, own, { culprit, originals, start: 'any' }, isBad);
}

/** `reached`: everything that completed before this position is known to fit. */
function shrinkAll<State>(
  model: Model<State>,
  operations: readonly Operation[],
  reached: number,
  isBad: IsBad,
): Shrunk {
  const end = smallestBadPrefix(model, operations, reached, (some) => isBad(some, 'initial'));
  const start = prefix(model, operations, end);
  const culprit = operations.find(({ completedAt }) => completedAt === end) as Operation;
  const direct = witness(model, start, culprit);
  if (direct !== undefined) return certified(model, { ...direct, culprit });
  return shrinkPrefix(model, start, operations, culprit, isBad);
}

/** Shrinks what is bad when the history ends with the culprit's completion. */
function shrinkPrefix<State>(
  model: Model<State>,
  operations: readonly Operation[],
  originals: readonly Operation[],
  culprit: Operation,
  isBad: IsBad,
): Shrunk {
  const cut = model.move === undefined ? undefined : latestBadSuffix(model, operations, isBad);
  const start = cut === undefined ? 'initial' : 'any';
  return withoutNeedless(model, cut ?? operations, { culprit, originals, start }, isBad);
}

function withoutNeedless<State>(
  model: Model<State>,
  operations: readonly Operation[],
  { culprit, originals, start }: { culprit: Operation; originals: readonly Operation[]; start: Start },
  isBad: IsBad,
): Shrunk {
  const ask: IsBadHere = (some) => isBad(some, start);
  const near = nearCulprit(model, operations, ask);
  const few = withoutRemovable(model, near, ask);
  const byId = new Map(originals.map((operation) => [operation.id, operation]));
  // An outcome given back only demands more, so what was bad without it stays bad.
  const recorded = inOrder(few.map((operation) => byId.get(operation.id) ?? operation));
  return certified(model, { operations: recorded, culprit, start, shape: 'other' });
}

/** The position of the completion with which the history becomes bad. */
function smallestBadPrefix<State>(
  model: Model<State>,
  operations: readonly Operation[],
  reached: number,
  isBad: (some: readonly Operation[]) => boolean,
): number {
  const ends = operations
    .map((operation) => operation.completedAt)
    .filter((end) => end !== Infinity)
    .sort((a, b) => a - b);
  const isBadAt = (index: number): boolean => isBad(prefix(model, operations, ends[index] ?? 0));
  const low = Math.max(
    0,
    ends.findIndex((end) => end >= reached),
  );
  const suspected = suspectedEnd(model, operations);
  const guess = suspected === undefined ? -1 : ends.indexOf(suspected);
  if (guess >= low && isBadAt(guess)) {
    if (guess === low || !isBadAt(guess - 1)) return ends[guess] as number;
    return ends[firstTrue(low, guess - 1, isBadAt)] as number;
  }
  return ends[firstTrue(low, ends.length - 1, isBadAt)] as number;
}

/** The shortest bad part up to the end, with any state before it; undefined when the state before it matters. */
function latestBadSuffix<State>(
  model: Model<State>,
  operations: readonly Operation[],
  isBad: (some: readonly Operation[], start: Start) => boolean,
): Operation[] | undefined {
  const starts = operations.map((operation) => operation.invokedAt).sort((a, b) => b - a);
  const at = (index: number): Operation[] => suffix(model, operations, starts[index] ?? 0);
  const isBadAt = (index: number): boolean => isBad(at(index), 'any');
  const index = firstTrue(0, starts.length - 1, isBadAt);
  const found = at(index);
  return isBad(found, 'any') ? found : undefined;
}

/**
 * The first index from `first` to `last` where `test` holds, if it holds from some index on and at `last` at the latest:
 * steps that double, then halves. Cheap when the answer is near `first`.
 */
function firstTrue(first: number, last: number, test: (index: number) => boolean): number {
  let low = first;
  let high = first;
  for (let stride = 1; high < last && !test(high); stride *= 2) {
    low = high + 1;
    high = Math.min(last, high + stride);
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

type IsBadHere = (some: readonly Operation[]) => boolean;

/**
 * Of a long history first what ends last, if that is bad by itself: the operations that cannot be left out, and more and
 * more of the others. Each question is then as small as what it asks about.
 */
function nearCulprit<State>(
  model: Model<State>,
  operations: readonly Operation[],
  isBad: IsBadHere,
): readonly Operation[] {
  if (operations.length <= FEW) return operations;
  const rows = new Map(operations.map(({ id }, row) => [id, row]));
  const units = removable(model, operations)
    .map((unit) => ({ unit, last: [...unit].reduce((last, id) => Math.max(last, rows.get(id) ?? 0), 0) }))
    .sort((a, b) => a.last - b.last);
  for (let kept = FEW / 4; kept < units.length / 2; kept *= 4) {
    const gone = new Set(units.slice(0, -kept).flatMap(({ unit }) => [...unit]));
    const near = operations.filter(({ id }) => !gone.has(id));
    if (near.length < operations.length && isBad(near)) return near;
  }
  return operations;
}

/** Leaves out what can be left out, many at a time as long as that works, until no single one can. */
function withoutRemovable<State>(
  model: Model<State>,
  operations: readonly Operation[],
  isBad: (some: readonly Operation[]) => boolean,
): readonly Operation[] {
  let rest = operations;
  let size = Math.ceil(operations.length / 2);
  while (true) {
    const before = rest.length;
    const units = removable(model, rest);
    for (let i = 0; i < units.length; i += size) {
      const gone = new Set(units.slice(i, i + size).flatMap((unit) => [...unit]));
      const fewer = rest.filter((operation) => !gone.has(operation.id));
      if (fewer.length < rest.length && isBad(fewer)) rest = fewer;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (rest.length === before) return rest;
  }
}

function certified<State>(model: Model<State>, shrunk: Shrunk): Shrunk {
  const { operations, start } = shrunk;
  if (operations.length > CERTIFIED) return shrunk;
  const initials = start === 'any' ? everyInitial(model, operations) : [model.init()];
  if (everyOrder(model, operations, initials).linearizable) {
    const ids = operations.map(({ id }) => id).join(', ');
    throw new Error(`operations ${ids} were taken for a counterexample but have a legal order`);
  }
  return shrunk;
}
