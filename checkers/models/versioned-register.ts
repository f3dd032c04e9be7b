// A register whose value has a version, one more with each write: reads show both, writes and cas may tell what they made.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { casPair } from './cas-register.ts';
import { refuseInitial } from './initial.ts';
import { refuseWrite } from './register.ts';
import { stepUnknown } from './unknown-call.ts';

/** `undefined`: never written, which is version 0. */
export type VersionedState = readonly [version: number, value: Json] | undefined;

const name = 'versioned-register';

/**
 * A model of calls `read`, `write` and `cas`. A read tells `[version, value]`, or no value where nothing was written. A
 * write tells `[version, value]` of what it wrote; without that, or when it only repeats the value, its version is not
 * known. A cas `[from, to]` tells `[version, to]`, or nothing; where it did not match, what a read would have told. `initial`
 * is a `[version, value]`.
 *
 * It has no moves: a write that tells its version needs the version before, whatever the value.
 */
export function versionedRegister(initial?: Json): Model<VersionedState> {
  const start = initial === undefined ? undefined : versioned(initial);
  if (initial !== undefined && start === undefined) {
    throw refuseInitial(name, initial, '[version, value], the version an integer from 0');
  }
  return { name, keyed: true, init: () => start, step, key, describe, isObserver, refuses };
}

/** Undefined where it is no pair of a version and a value. */
function versioned(value: Json | undefined): VersionedState {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [version, of] = value as [Json, Json];
  return typeof version === 'number' && Number.isSafeInteger(version) && version >= 0
    ? [version, of]
    : undefined;
}

function step(state: VersionedState, call: Call, result: Result | undefined): Step<VersionedState> {
  if (call.f === 'read') return result === undefined ? legal(state) : observe(state, result.value, 'it read');
  if (call.f === 'write' && call.value !== undefined) return write(state, call.value, result);
  const pair = casPair(call);
  return pair === undefined ? stepUnknown(name, state, call, result) : cas(state, pair, result);
}

function write(state: VersionedState, value: Json, result: Result | undefined): Step<VersionedState> {
  if (result?.mismatch === true) return observe(state, result.value, 'its write found');
  const told = result === undefined || sameValue(result.value, value) ? undefined : result.value;
  return leave(state, value, told, 'its write');
}

function cas(
  state: VersionedState,
  [from, to]: readonly [Json, Json],
  result: Result | undefined,
): Step<VersionedState> {
  const matches = state !== undefined && sameValue(state[1], from);
  if (result?.mismatch === true) {
    const found = versioned(result.value);
    if (found !== undefined && sameValue(found[1], from)) {
      return illegal(
        () => `its cas was refused for finding ${canonicalJson(from)}, the very value it asked for`,
      );
    }
    return observe(state, result.value, 'its cas found');
  }
  if (matches) return leave(state, to, result?.value, 'its cas');
  if (result === undefined) return legal(state);
  return illegal(
    () => `its cas from ${canonicalJson(from)} succeeded where the value was ${describe(state)}`,
  );
}

/** What was seen, `[version, value]` or nothing, must be what is there. */
function observe(state: VersionedState, seen: Json | undefined, subject: string): Step<VersionedState> {
  return sameValue(state, seen)
    ? legal(state)
    : illegal(() => `${subject} ${tell(seen)} where the value was ${describe(state)}`);
}

/** The next version, which must be the one that was told, if one was. */
function leave(
  state: VersionedState,
  value: Json,
  told: Json | undefined,
  subject: string,
): Step<VersionedState> {
  const next: VersionedState = [(state?.[0] ?? 0) + 1, value];
  return told === undefined || sameValue(next, told)
    ? legal(next)
    : illegal(() => `${subject} told ${tell(told)} where the next was ${describe(next)}`);
}

function tell(seen: Json | undefined): string {
  return seen === undefined ? 'absent' : canonicalJson(seen);
}

function key(state: VersionedState): string {
  return state === undefined ? '' : canonicalJson(state);
}

function describe(state: VersionedState): string {
  return tell(state);
}

function isObserver(call: Call, result: Result | undefined): boolean {
  return call.f === 'read' || result?.mismatch === true;
}

function refuses(call: Call): string | undefined {
  if (call.f === 'read') return undefined;
  if (call.f === 'cas') return casPair(call) === undefined ? 'a cas needs a value [from, to]' : undefined;
  return refuseWrite(call, 'a versioned-register has read, write and cas only');
}
