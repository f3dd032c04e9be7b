// One value that can be read and overwritten. Absent (nothing was ever written) is a state of its own, not null.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Move, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';

/** `undefined`: the key is absent. */
export type RegisterState = Json | undefined;

/** A model of calls `read` and `write`. Without `initial` the key is absent at first. */
export function register(initial?: Json): Model<RegisterState> {
  return {
    name: 'register',
    keyed: true,
    init: () => initial,
    step: stepRegister,
    key: registerKey,
    describe: describeRegister,
    isObserver,
    move: moveRegister,
    refuses: refuse,
  };
}

function isObserver(call: Call, result: Result | undefined): boolean {
  return call.f === 'read' || result?.mismatch === true;
}

function refuse(call: Call): string | undefined {
  return call.f === 'read' ? undefined : refuseWrite(call, 'a register has read and write only');
}

export function stepRegister(
  state: RegisterState,
  call: Call,
  result: Result | undefined,
): Step<RegisterState> {
  if (result?.mismatch === true) return observe(state, result.value, `its ${call.f} found`);
  if (call.f === 'write') return legal(call.value);
  if (call.f === 'read') return result === undefined ? legal(state) : observe(state, result.value, 'it read');
  return result === undefined ? legal(state) : illegal(() => `a register knows no ${call.f}`);
}

/** What was seen must be what is there. */
export function observe(state: RegisterState, seen: RegisterState, subject: string): Step<RegisterState> {
  return sameValue(state, seen)
    ? legal(state)
    : illegal(() => `${subject} ${describeRegister(seen)} where the value was ${describeRegister(state)}`);
}

export function moveRegister(call: Call, result: Result | undefined): Move<RegisterState> {
  if (result?.mismatch === true) return { needs: { state: result.value } };
  if (call.f === 'write') return { leaves: { state: call.value } };
  return result === undefined ? {} : { needs: { state: result.value } };
}

/** Integers stand for themselves, everything else for its canonical text, so `3` and `"3"` stay apart. */
export function registerKey(state: RegisterState): string | number {
  if (state === undefined) return '';
  if (typeof state === 'number' && Number.isInteger(state)) return state === 0 ? 0 : state;
  return canonicalJson(state);
}

export function describeRegister(state: RegisterState): string {
  return state === undefined ? 'absent' : canonicalJson(state);
}

/** Why a call that is not a read is no write either; `otherwise` is the reason when it has another name. */
export function refuseWrite(call: Call, otherwise: string): string | undefined {
  if (call.f !== 'write') return otherwise;
  return call.value === undefined ? 'a write needs a value' : undefined;
}
