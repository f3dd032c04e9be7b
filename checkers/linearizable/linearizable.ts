// Linearizability as a checker among others.

import type { Checker } from '../checker.ts';
import type { Model } from '../model.ts';
import { type CheckOptions, check } from './check.ts';

/** Judges every key of the history against the model. See {@link check} for what comes out. */
export function linearizable<State>(options: { readonly model: Model<State> } & CheckOptions): Checker {
  return {
    name: 'linearizable',
    check: (history, budget) => check(history, options.model, budget, options),
  };
}
