// One part judged in one round of effort, with what it cost: the same in every thread.

import type { Budget, GaveUp } from '../checker.ts';
import { isTooLarge } from '../heap-guard.ts';
import type { Undecided } from './decision.ts';
import type { Part } from './part.ts';
import { type Algorithm, type Judgement, judge, portfolio } from './portfolio.ts';

export interface PartJudgement extends Judgement {
  readonly ms: number;
  /** The most that the search held, by its own count. */
  readonly bytes: number;
  /** Why there is no decision, where neither the budget nor the round is the reason. */
  readonly why?: string;
}

export interface Effort {
  readonly budget: Budget;
  /** Configurations that each algorithm may cost in this round. */
  readonly configurations: number;
  /** The name of the only algorithm that may decide; absent: all of them. */
  readonly algorithm?: string | undefined;
}

/** The names that `algorithm` may have, in the order in which the algorithms are tried. */
export function algorithmNames(): string[] {
  return [...new Set(portfolio.map(({ name }) => name))];
}

/** Throws where the model does, and when an order turns out wrong. Too little memory is a decision. */
export function judgePart<State>(part: Part<State>, effort: Effort): PartJudgement {
  const { configurations, algorithm } = effort;
  const started = performance.now();
  let bytes = 0;
  const counted: Budget = {
    giveUp: (held) => {
      if (held > bytes) bytes = held;
      return effort.budget.giveUp(held);
    },
  };
  const without = (cause: GaveUp | 'limit', name: string, why?: string): PartJudgement => ({
    decision: undecided(cause, bytes),
    algorithm: name,
    configurations: 0,
    bytes,
    ms: performance.now() - started,
    ...(why === undefined ? {} : { why }),
  });
  const cause = effort.budget.giveUp(0);
  if (cause !== undefined) return without(cause, 'none');
  try {
    const chosen = algorithmsOf(part, algorithm);
    if (chosen.length === 0) return without('limit', algorithm ?? 'none', `${algorithm} does not apply`);
    const judgement = judge(part, { budget: counted, configurations }, chosen);
    return { ...judgement, bytes, ms: performance.now() - started };
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    return without('memory', algorithm ?? 'none', `ran into a limit of memory (${(error as Error).message})`);
  }
}

function algorithmsOf<State>(part: Part<State>, name: string | undefined): readonly Algorithm[] {
  if (name === undefined) return portfolio;
  return portfolio.filter((algorithm) => algorithm.name === name && algorithm.applies(part));
}

function undecided(cause: GaveUp | 'limit', bytes: number): Undecided {
  return { validity: 'unknown', cause, bytes, configurations: 0 };
}
