// A lock whose acquisitions get numbers that only rise, with which a store can fence off who lost the lock unawares.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { refuseInitial } from './initial.ts';
import { describeHolder, type Holder, holderKey, refuseLockCall, stepLock } from './mutex.ts';

export interface FencedState {
  readonly holder: Holder;
  /** The largest token that was told; undefined before the first. */
  readonly token: number | undefined;
}

const name = 'fenced-lock';

/**
 * A model of calls `acquire` and `release` as those of a mutex. An acquire tells its fencing token, an integer larger than
 * every token before; without a value, or when it only repeats its owner's name (no integer), its token is not known.
 */
export function fencedLock(initial?: Json): Model<FencedState> {
  if (initial !== undefined) throw refuseInitial(name, initial, 'nothing, since it is free at first');
  return {
    name,
    keyed: true,
    init: () => ({ holder: 'free', token: undefined }),
    step,
    key: ({ holder, token }) => `${token ?? ''} ${holderKey(holder)}`,
    describe: ({ holder, token }) =>
      token === undefined ? describeHolder(holder) : `${describeHolder(holder)}, the last token ${token}`,
    isObserver: (_, result) => result?.mismatch === true,
    refuses: (call) => refuseLockCall(name, call),
  };
}

function step(state: FencedState, call: Call, result: Result | undefined): Step<FencedState> {
  if (result?.mismatch === true) return legal(state);
  const locked = stepLock(name, state.holder, call, result);
  if (!locked.ok) return locked;
  if (locked.state === state.holder) return legal(state);
  const told = call.f === 'acquire' ? result?.value : undefined;
  if (told === undefined || (typeof told !== 'number' && sameValue(told, call.value))) {
    return legal({ holder: locked.state, token: state.token });
  }
  if (typeof told !== 'number' || !Number.isSafeInteger(told)) {
    return illegal(() => `its token ${canonicalJson(told)} is no integer`);
  }
  const { token } = state;
  return token === undefined || told > token
    ? legal({ holder: locked.state, token: told })
    : illegal(() => `it got the token ${told} after ${token}`);
}
