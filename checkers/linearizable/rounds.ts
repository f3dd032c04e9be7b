// All parts judged, in rounds of growing effort: a hard one is put off until all others have been judged.

import { setImmediate } from 'node:timers/promises';
import type { Budget } from '../checker.ts';
import { judgePart, type PartJudgement } from './judge-part.ts';
import type { Part } from './part.ts';
import type { KeyVerdict } from './summary.ts';

/** Configurations that each key gets in the first round, and how much more in each later one. */
export const FIRST_ROUND = 100_000;
const NEXT_ROUND = 16;

export type Verdict<State> = KeyVerdict & { readonly part: Part<State> };

/** A part that has no verdict yet, and what it has cost so far. */
export interface Open<State> {
  readonly part: Part<State>;
  /** What it may cost in its next round. */
  readonly effort: number;
  readonly ms: number;
  readonly configurations: number;
  /** Configurations of the last round. */
  readonly last: number;
}

export function unjudged<State>(part: Part<State>): Open<State> {
  return { part, effort: FIRST_ROUND, ms: 0, configurations: 0, last: -1 };
}

/** The verdict, or what is left to do with more effort. */
export function after<State>(
  { part, effort, ...spent }: Open<State>,
  judgement: PartJudgement,
  algorithm: string | undefined,
): { readonly verdict: Verdict<State> } | { readonly open: Open<State> } {
  const { decision } = judgement;
  const ms = spent.ms + judgement.ms;
  const configurations = spent.configurations + judgement.configurations;
  const verdict: Verdict<State> = { part, ...judgement, ms, configurations };
  const isPutOff =
    decision.validity === 'unknown' && decision.cause === 'limit' && judgement.why === undefined;
  if (!isPutOff) return { verdict };
  // One algorithm alone may have no more to try; then it costs the same again, however much it may.
  if (algorithm !== undefined && judgement.configurations === spent.last)
    return { verdict: { ...verdict, why: `${algorithm} alone comes to no decision` } };
  return {
    open: { part, effort: effort * NEXT_ROUND, ms, configurations, last: judgement.configurations },
  };
}

/** Judges in this thread; between parts the event loop gets its turn. */
export async function judgeHere<State>(
  parts: readonly Open<State>[],
  budget: Budget,
  algorithm: string | undefined,
): Promise<Verdict<State>[]> {
  const verdicts: Verdict<State>[] = [];
  let open = parts;
  while (open.length > 0) {
    const later: Open<State>[] = [];
    for (const one of open) {
      const judgement = judgePart(one.part, { budget, configurations: one.effort, algorithm });
      const outcome = after(one, judgement, algorithm);
      if ('verdict' in outcome) verdicts.push(outcome.verdict);
      else later.push(outcome.open);
      await setImmediate();
    }
    open = later;
  }
  return verdicts;
}

/** What stays here when threads could judge as well: what is done so fast, or is so little, that they would not pay. */
const HERE_MS = 300;
const HERE_OPERATIONS = 100_000;

/**
 * The first round in this thread, as long as it is short. What is left over: parts that it did not come to, and those that
 * need more effort.
 */
export async function judgeShortlyHere<State>(
  parts: readonly Open<State>[],
  budget: Budget,
  algorithm: string | undefined,
): Promise<{ readonly verdicts: Verdict<State>[]; readonly left: readonly Open<State>[] }> {
  const verdicts: Verdict<State>[] = [];
  const left: Open<State>[] = [];
  const started = performance.now();
  let operations = parts.reduce((sum, { part }) => sum + part.size, 0);
  for (const [place, one] of parts.entries()) {
    if (operations >= HERE_OPERATIONS && place > 0 && performance.now() - started > HERE_MS) {
      return { verdicts, left: [...parts.slice(place), ...left] };
    }
    operations -= one.part.size;
    const judgement = judgePart(one.part, { budget, configurations: one.effort, algorithm });
    const outcome = after(one, judgement, algorithm);
    if ('verdict' in outcome) verdicts.push(outcome.verdict);
    else left.push(outcome.open);
    await setImmediate();
  }
  return { verdicts, left };
}
