// The models by name, for the command line.

import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import { casRegister } from './cas-register.ts';
import { kvAppend } from './kv-append.ts';
import { type RegisterState, register } from './register.ts';

export interface ModelEntry {
  readonly name: string;
  /** One line for a list. */
  readonly description: string;
  /** Without `initial` every key is absent at first, or what the model says. */
  readonly make: (initial?: Json) => Model<RegisterState>;
}

export const models: readonly ModelEntry[] = [
  { name: 'register', description: 'one value per key: read, write', make: register },
  { name: 'cas-register', description: 'one value per key: read, write, cas [from, to]', make: casRegister },
  { name: 'kv-append', description: 'one string per key: get, put, append', make: kvAppend },
];

/** The model of that name, or undefined. */
export function modelNamed(name: string): ModelEntry | undefined {
  return models.find((entry) => entry.name === name);
}
