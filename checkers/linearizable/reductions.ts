// What may be left out or narrowed before the search without changing the verdict, in either direction. Each reduction
// is a function of its own with its argument; tests try them singly against brute force.

import { NONE, type Problem, type Step } from './problem.ts';

export type Reduction = <State>(problem: Problem<State>) => Problem<State>;

/**
 * A crashed operation that cannot change the state may be left out: in an order that contains it, nothing follows from
 * it, and an order without it may always go without.
 */
export const withoutCrashedObservers: Reduction = (problem) => ({
  ...problem,
  steps: problem.steps.filter((step) => !(step.observer && step.deadline === Infinity)),
});

/**
 * A crashed operation may be left out when the state it leaves is needed by nobody whom it could serve: by no operation
 * that completed after it was invoked, and by no crashed one that is itself kept.
 *
 * Take an order with such operations and strike them out. Up to the next operation that leaves a state, what followed
 * one of them needed no state (or it would have been kept), so it is legal as well in the state before. From there on
 * nothing differs. This needs moves: an operation that asks for "any state but x" (a refused cas that does not tell what
 * it found) could be explained by a write that nobody saw. Here such a cas is an ordinary observation.
 */
export const withoutUnneededCrashed: Reduction = (problem) => {
  if (!problem.moves) return problem;
  const lastNeed = new Map<number, number>();
  const crashed = new Map<number, Step[]>();
  for (const step of problem.steps) {
    if (step.deadline !== Infinity) {
      if (step.needs !== NONE) {
        lastNeed.set(step.needs, Math.max(step.deadline, lastNeed.get(step.needs) ?? -1));
      }
    } else if (step.leaves !== NONE) {
      const group = crashed.get(step.leaves);
      if (group === undefined) crashed.set(step.leaves, [step]);
      else group.push(step);
    }
  }
  const kept = new Set<Step>();
  const neededAt = [...lastNeed];
  for (let next = neededAt.pop(); next !== undefined; next = neededAt.pop()) {
    const [state, deadline] = next;
    for (const step of crashed.get(state) ?? []) {
      if (step.invokedAt > deadline || kept.has(step)) continue;
      kept.add(step);
      if (step.needs !== NONE) neededAt.push([step.needs, Infinity]);
    }
  }
  return { ...problem, steps: problem.steps.filter((step) => step.deadline !== Infinity || kept.has(step)) };
};

/**
 * When a state can be left by one operation only, and is not the initial one, that operation comes before all who need
 * the state, in every order. So it must take effect before the first of them has completed (also when it crashed: it
 * did happen), and none of them takes effect before it was invoked. Both pass on along chains of cas.
 */
export const withNarrowedIntervals: Reduction = (problem) => {
  if (!problem.moves || problem.initial < 0) return problem;
  const steps = problem.steps.map((step) => ({ ...step }));
  const sources = onlySources(steps, problem.initial);
  // By rising deadline (falling invocation), so that each step gets its final bound at the first visit.
  const due = steps.filter((step) => step.deadline !== Infinity).sort((a, b) => a.deadline - b.deadline);
  for (const first of due) {
    for (let step = first; ; ) {
      const source = sources.get(step.needs);
      if (source === undefined || source.deadline <= step.deadline) break;
      source.deadline = step.deadline;
      step = source;
    }
  }
  const needers = new Map<number, Step[]>();
  for (const step of steps) {
    if (step.needs === NONE || !sources.has(step.needs)) continue;
    const group = needers.get(step.needs);
    if (group === undefined) needers.set(step.needs, [step]);
    else group.push(step);
  }
  const raised = [...sources.values()].sort((a, b) => b.invokedAt - a.invokedAt);
  for (const first of raised) {
    const sourcesToRaiseFrom = [first];
    for (let source = sourcesToRaiseFrom.pop(); source !== undefined; source = sourcesToRaiseFrom.pop()) {
      for (const step of needers.get(source.leaves) ?? []) {
        if (step.invokedAt >= source.invokedAt) continue;
        step.invokedAt = source.invokedAt;
        if (sources.get(step.leaves) === step) sourcesToRaiseFrom.push(step);
      }
    }
  }
  return { ...problem, steps };
};

/** For each state that one step only can leave, and that nobody found at the start: that step. */
function onlySources(steps: readonly Step[], initial: number): Map<number, Step> {
  const sources = new Map<number, Step>();
  const several = new Set<number>([initial]);
  for (const step of steps) {
    if (step.leaves === NONE || several.has(step.leaves)) continue;
    if (sources.delete(step.leaves)) several.add(step.leaves);
    else sources.set(step.leaves, step);
  }
  return sources;
}

export const reductions: readonly Reduction[] = [
  withoutCrashedObservers,
  withoutUnneededCrashed,
  withNarrowedIntervals,
];

/** The problem after all of them, in the order in which they help each other. */
export function reduced<State>(
  problem: Problem<State>,
  which: readonly Reduction[] = reductions,
): Problem<State> {
  return which.reduce((rest, reduction) => reduction(rest), problem);
}
