// The models by name, for the command line.

import type { Json } from '../json.ts';
import type { Model } from '../model.ts';
import { casRegister } from './cas-register.ts';
import { counter } from './counter.ts';
import { fencedLock } from './fenced-lock.ts';
import { kvAppend } from './kv-append.ts';
import { list } from './list.ts';
import { map } from './map.ts';
import { mutex } from './mutex.ts';
import { queue } from './queue.ts';
import { register } from './register.ts';
import { set } from './set.ts';
import { stack } from './stack.ts';
import { versionedRegister } from './versioned-register.ts';

export interface ModelEntry {
  readonly name: string;
  /** One line for a list. */
  readonly description: string;
  /**
   * Without `initial` every key is absent or empty at first, or what the model says. Throws an InitialValueError where the
   * model cannot start from it.
   */
  readonly make: (initial?: Json) => Model<unknown>;
}

export const models: readonly ModelEntry[] = [
  { name: 'register', description: 'one value per key: read, write', make: register },
  { name: 'cas-register', description: 'one value per key: read, write, cas [from, to]', make: casRegister },
  {
    name: 'versioned-register',
    description: 'one value per key and how often it was written: read, write, cas tell [version, value]',
    make: versionedRegister,
  },
  { name: 'kv-append', description: 'one string per key: get, put, append', make: kvAppend },
  { name: 'map', description: 'many keys at once: read [k], write {k: v}, cas {k: [from, to]}', make: map },
  { name: 'mutex', description: 'one lock per key: acquire, release, their value the owner', make: mutex },
  { name: 'fenced-lock', description: 'a mutex whose acquire tells a rising token', make: fencedLock },
  { name: 'counter', description: 'one integer per key: add, read', make: counter },
  { name: 'set', description: 'one set per key: add, remove, contains, read', make: set },
  { name: 'queue', description: 'one queue per key, first in first out: enqueue, dequeue', make: queue },
  { name: 'stack', description: 'one stack per key, last in first out: push, pop', make: stack },
  { name: 'list', description: 'one list per key: append, read', make: list },
];

/** The model of that name, or undefined. */
export function modelNamed(name: string): ModelEntry | undefined {
  return models.find((entry) => entry.name === name);
}
