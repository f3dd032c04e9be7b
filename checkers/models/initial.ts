// What a model says to an initial value that it cannot start from.

import { canonicalJson, type Json } from '../json.ts';

/** Thrown when a model is made, before anything is judged. */
export class InitialValueError extends Error {
  override name = 'InitialValueError';
}

/** `allowed` is a noun: `an integer`. */
export function refuseInitial(model: string, initial: Json, allowed: string): InitialValueError {
  return new InitialValueError(`a ${model} cannot start from ${canonicalJson(initial)}; allowed: ${allowed}`);
}

/** The values that a sequence or a set starts from. */
export function initialArray(model: string, initial: Json | undefined): readonly Json[] {
  if (initial === undefined) return [];
  if (!Array.isArray(initial)) throw refuseInitial(model, initial, 'a list of values');
  return initial as readonly Json[];
}
