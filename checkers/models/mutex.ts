// A lock that one holds at a time.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Move, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { refuseInitial } from './initial.ts';
import { stepUnknown } from './unknown-call.ts';

/** Free, or who holds it, if that was told. */
export type Holder = 'free' | { readonly owner: Json | undefined };

const name = 'mutex';

/**
 * A model of calls `acquire` and `release`; free at first. The value of a call names its owner, and only who acquired may
 * release: a history names the owner in all calls or in none. A call that was refused with what it found did nothing.
 */
export function mutex(initial?: Json): Model<Holder> {
  if (initial !== undefined) throw refuseInitial(name, initial, 'nothing, since it is free at first');
  return {
    name,
    keyed: true,
    init: () => 'free',
    step,
    key: holderKey,
    describe: describeHolder,
    isObserver: (_, result) => result?.mismatch === true,
    move,
    refuses: (call) => refuseLockCall(name, call),
  };
}

function step(state: Holder, call: Call, result: Result | undefined): Step<Holder> {
  if (result?.mismatch === true) return legal(state);
  return stepLock(name, state, call, result);
}

/** What acquiring and releasing do to who holds it. */
export function stepLock(model: string, state: Holder, call: Call, result: Result | undefined): Step<Holder> {
  if (call.f === 'acquire') {
    if (state === 'free') return legal({ owner: call.value });
    return result === undefined
      ? legal(state)
      : illegal(() => `it acquired what was ${describeHolder(state)}`);
  }
  if (call.f === 'release') {
    if (state !== 'free' && sameValue(state.owner, call.value)) return legal('free');
    return result === undefined
      ? legal(state)
      : illegal(() => `it released what was ${describeHolder(state)}`);
  }
  return stepUnknown(model, state, call, result);
}

function move(call: Call, result: Result | undefined): Move<Holder> {
  const held: Holder = { owner: call.value };
  if (result?.mismatch === true) return {};
  if (call.f === 'acquire') return { needs: { state: 'free' }, leaves: { state: held } };
  return call.f === 'release' ? { needs: { state: held }, leaves: { state: 'free' } } : {};
}

export function holderKey(state: Holder): string {
  if (state === 'free') return '';
  return state.owner === undefined ? 'held' : `by ${canonicalJson(state.owner)}`;
}

export function describeHolder(state: Holder): string {
  if (state === 'free') return 'free';
  return state.owner === undefined ? 'held' : `held by ${canonicalJson(state.owner)}`;
}

export function refuseLockCall(model: string, call: Call): string | undefined {
  return call.f === 'acquire' || call.f === 'release' ? undefined : `a ${model} has acquire and release only`;
}
