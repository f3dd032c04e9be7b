// A shrunk counterexample in words: which of the classic shapes it is, what was seen, and why no order explains it.

import type { Counterexample } from '../counterexample.ts';
import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import { deadEnds } from './dead-ends.ts';
import type { Evidence } from './evidence.ts';
import { storyOf } from './stories.ts';
import { observation } from './words.ts';

export function explain<State>(evidence: Evidence<State>): Counterexample {
  const { history, model, key, size, shrunk } = evidence;
  const { operations, culprit, start } = shrunk;
  const ends = deadEnds(model, operations, culprit, start);
  const { shape, sentence, observed, because } = storyOf(evidence);
  const times = operations.flatMap(({ invokedAt, completedAt }) =>
    completedAt === Infinity
      ? [history.time(invokedAt)]
      : [history.time(invokedAt), history.time(completedAt)],
  );
  return {
    ...(key === undefined ? {} : { key }),
    shape,
    sentence,
    observed: [...observed, ...operations.map((operation) => observation(history, operation))],
    because,
    operations,
    culprit: culprit.id,
    ...(start === 'any' ? {} : { initial: initialOf(model) }),
    longestOrder: ends[0]?.order ?? [],
    deadEnds: ends,
    operationsBefore: size,
    from: times.reduce((a, b) => Math.min(a, b), Infinity),
    to: times.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** The state of a model with moves is a value; that of another is told in words. */
function initialOf<State>(model: Model<State>): { value?: Json } {
  const state = model.init();
  if (model.move === undefined) return { value: model.describe(state) };
  return state === undefined ? {} : { value: state as Json };
}
