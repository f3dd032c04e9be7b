// A register with compare-and-set: `cas [from, to]` writes `to` where the value is `from`, and is otherwise refused.

import { type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Move, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import {
  describeRegister,
  moveRegister,
  observe,
  type RegisterState,
  refuseWrite,
  registerKey,
  stepRegister,
} from './register.ts';

/**
 * A model of calls `read`, `write` and `cas`. Without `initial` the key is absent at first. A cas that did not match
 * is an observation of the value it found; it is illegal where it found the very value it asked for.
 */
export function casRegister(initial?: Json): Model<RegisterState> {
  return {
    name: 'cas-register',
    keyed: true,
    init: () => initial,
    step: stepCasRegister,
    key: registerKey,
    describe: describeRegister,
    isObserver,
    move: moveCasRegister,
    refuses: refuse,
  };
}

/** From and to of a cas; undefined where the value is not a pair. */
export function casPair(call: Call): readonly [from: Json, to: Json] | undefined {
  const value = call.value;
  if (call.f !== 'cas' || !Array.isArray(value) || value.length !== 2) return undefined;
  return [value[0] as Json, value[1] as Json];
}

function stepCasRegister(state: RegisterState, call: Call, result: Result | undefined): Step<RegisterState> {
  const pair = casPair(call);
  if (pair === undefined) return stepRegister(state, call, result);
  const [from, to] = pair;
  const matches = sameValue(state, from);
  if (result === undefined) return legal(matches ? to : state);
  if (result.mismatch !== true) {
    return matches
      ? legal(to)
      : illegal(
          () =>
            `its cas from ${describeRegister(from)} succeeded where the value was ${describeRegister(state)}`,
        );
  }
  if (sameValue(result.value, from)) {
    return illegal(
      () => `its cas was refused for finding ${describeRegister(from)}, the very value it asked for`,
    );
  }
  return observe(state, result.value, 'its cas found');
}

function moveCasRegister(call: Call, result: Result | undefined): Move<RegisterState> {
  const pair = casPair(call);
  if (pair === undefined || result?.mismatch === true) return moveRegister(call, result);
  const [from, to] = pair;
  const needs = { state: from };
  return sameValue(from, to) ? { needs } : { needs, leaves: { state: to } };
}

/** A cas from a value to itself never changes anything. */
function isObserver(call: Call, result: Result | undefined): boolean {
  if (call.f === 'read' || result?.mismatch === true) return true;
  const pair = casPair(call);
  return pair !== undefined && sameValue(pair[0], pair[1]);
}

function refuse(call: Call): string | undefined {
  if (call.f === 'read') return undefined;
  if (call.f === 'cas') return casPair(call) === undefined ? 'a cas needs a value [from, to]' : undefined;
  return refuseWrite(call, 'a cas-register has read, write and cas only');
}
