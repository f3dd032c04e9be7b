// Which models are the registers of this folder as they stand here, so that their calls can be read off the columns of a
// history without asking the model about each.

import type { Model } from '../model.ts';
import { casRegister } from './cas-register.ts';
import { register } from './register.ts';

const plain = register();
const withCas = casRegister();

/**
 * The functions that the model has when it is one of them, whatever its initial value; undefined for every other model,
 * also for a copy of one of them in which something that bears on verdicts is replaced.
 */
export function plainRegister<State>(model: Model<State>): 'read, write' | 'read, write, cas' | undefined {
  const candidate = model as Model<unknown>;
  const isSame = (other: Model<unknown>): boolean =>
    candidate.step === other.step &&
    candidate.move === other.move &&
    candidate.key === other.key &&
    candidate.isObserver === other.isObserver &&
    candidate.refuses === other.refuses;
  if (isSame(plain)) return 'read, write';
  return isSame(withCas) ? 'read, write, cas' : undefined;
}
