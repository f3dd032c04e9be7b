// A stack: last in, first out.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { initialArray } from './initial.ts';
import { Sequence } from './sequence.ts';
import { stepUnknown } from './unknown-call.ts';

const name = 'stack';

/**
 * A model of calls `push` (of a value) and `pop` (tells the value; none: it found the stack empty). `initial` is a list of
 * values, the last to come out first.
 */
export function stack(initial?: Json): Model<Sequence> {
  let start = Sequence.empty();
  for (const value of initialArray(name, initial)) start = start.with(value);
  return {
    name,
    keyed: true,
    init: () => start,
    step,
    key: (state) => state.number,
    describe: (state) => canonicalJson(state.values()),
    isObserver: (call, result) =>
      result !== undefined && (result.mismatch === true || (call.f === 'pop' && result.value === undefined)),
    refuses,
  };
}

function step(state: Sequence, call: Call, result: Result | undefined): Step<Sequence> {
  if (result?.mismatch === true) return legal(state);
  if (call.f === 'push' && call.value !== undefined) return legal(state.with(call.value));
  if (call.f !== 'pop') return stepUnknown(name, state, call, result);
  const { last } = state;
  if (result !== undefined && !sameValue(last, result.value)) {
    const told = result.value === undefined ? 'nothing' : canonicalJson(result.value);
    return illegal(() =>
      last === undefined
        ? `it popped ${told} where the stack was empty`
        : `it popped ${told} where ${canonicalJson(last)} was on top`,
    );
  }
  return legal(state.before ?? state);
}

function refuses(call: Call): string | undefined {
  if (call.f === 'pop') return undefined;
  if (call.f !== 'push') return 'a stack has push and pop only';
  return call.value === undefined ? 'a push needs a value' : undefined;
}
