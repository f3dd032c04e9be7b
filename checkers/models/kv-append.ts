// A store of strings by key: put overwrites, append adds to the end, get reads. Every key is the empty string at first.

import { type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import type { RegisterState } from './register.ts';

/** A model of calls `get`, `put` and `append`, whose values are strings. `initial` is the string of every key. */
export function kvAppend(initial: Json = ''): Model<RegisterState> {
  return {
    name: 'kv-append',
    keyed: true,
    init: () => initial,
    step,
    // Quoted, so that no two states become one.
    key: (state) => JSON.stringify(state) ?? '',
    describe: (state) => JSON.stringify(state) ?? 'absent',
    isObserver: (call) => call.f === 'get',
    refuses,
  };
}

function step(state: RegisterState, call: Call, result: Result | undefined): Step<RegisterState> {
  switch (call.f) {
    case 'put':
      return legal(call.value);
    case 'append':
      return legal(`${textOf(state)}${textOf(call.value)}`);
    case 'get':
      if (result === undefined || sameValue(state, result.value)) return legal(state);
      return illegal(
        () => `it read ${JSON.stringify(result.value)} where the value was ${JSON.stringify(state)}`,
      );
    default:
      return result === undefined ? legal(state) : illegal(() => `a kv-append knows no ${call.f}`);
  }
}

function textOf(value: RegisterState): string {
  return typeof value === 'string' ? value : '';
}

function refuses(call: Call): string | undefined {
  if (call.f === 'get') return undefined;
  if (call.f !== 'put' && call.f !== 'append') return 'a kv-append has get, put and append only';
  return typeof call.value === 'string'
    ? undefined
    : `${call.f === 'put' ? 'a put' : 'an append'} needs a string`;
}
