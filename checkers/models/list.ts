// A list that is only appended to.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { initialArray } from './initial.ts';
import { Sequence } from './sequence.ts';
import { stepUnknown } from './unknown-call.ts';

const name = 'list';

/**
 * A model of calls `append` (of a value) and `read` (tells the whole list; no value: the empty one). `initial` is a list of
 * values.
 */
export function list(initial?: Json): Model<Sequence> {
  let start = Sequence.empty();
  for (const value of initialArray(name, initial)) start = start.with(value);
  return {
    name,
    keyed: true,
    init: () => start,
    step,
    key: (state) => state.number,
    describe: (state) => canonicalJson(state.values()),
    isObserver: (call, result) => call.f === 'read' || result?.mismatch === true,
    refuses,
  };
}

function step(state: Sequence, call: Call, result: Result | undefined): Step<Sequence> {
  if (result?.mismatch === true) return legal(state);
  if (call.f === 'append' && call.value !== undefined) return legal(state.with(call.value));
  if (call.f !== 'read') return stepUnknown(name, state, call, result);
  if (result === undefined || holds(state, result.value ?? [])) return legal(state);
  const told = canonicalJson(result.value ?? []);
  return illegal(() => `it read ${told} where the list was ${canonicalJson(state.values())}`);
}

function holds(state: Sequence, seen: Json): boolean {
  if (!Array.isArray(seen) || seen.length !== state.size) return false;
  // Most lists that are not the same differ at the end.
  for (let at = state; at.before !== undefined; at = at.before) {
    if (!sameValue(at.last, seen[at.size - 1] as Json)) return false;
  }
  return true;
}

function refuses(call: Call): string | undefined {
  if (call.f === 'read') return undefined;
  if (call.f !== 'append') return 'a list has append and read only';
  return call.value === undefined ? 'an append needs a value' : undefined;
}
