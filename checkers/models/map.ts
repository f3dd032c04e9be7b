// A map whose calls read, write and compare-and-set several keys at once.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { refuseInitial } from './initial.ts';
import { entriesOf, put, type Tree, valueOf } from './sorted-tree.ts';
import { stepUnknown } from './unknown-call.ts';

/** The values of the keys that are there. */
export type MapState = Tree<Json>;

type Members = readonly (readonly [key: string, value: Json])[];

const name = 'map';

/**
 * A model of calls `read` (of a list of keys; tells `{key: value}`, absent keys left out), `write` (of `{key: value}`, all at
 * once) and `cas` (of `{key: [from, to]}`, all or nothing; where it did not match it tells what a read of these keys would
 * have told). `initial` is `{key: value}`.
 */
export function map(initial: Json = {}): Model<MapState> {
  const members = membersOf(initial);
  if (members === undefined) throw refuseInitial(name, initial, 'an object of keys and values');
  const start = written(undefined, members);
  return {
    name,
    keyed: false,
    init: () => start,
    step,
    key: (state) => describe(state),
    describe,
    isObserver,
    parts: keysOf,
    commutes: (a, b) => {
      const keys = keysOf(a.call);
      return keysOf(b.call).every((key) => !keys.includes(key));
    },
    refuses,
  };
}

function describe(state: MapState): string {
  return `{${entriesOf(state)
    .map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`)
    .join(',')}}`;
}

/** Undefined for what is no object. */
function membersOf(value: Json | undefined): Members | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.entries(value).filter((member): member is [string, Json] => member[1] !== undefined);
}

/** The keys of a read; undefined where it has none, or others than texts. */
function keysRead(call: Call): readonly string[] | undefined {
  const { value } = call;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const keys = value as readonly Json[];
  return keys.every((key) => typeof key === 'string') ? keys : undefined;
}

/** Undefined where it writes nothing. */
function membersWritten(call: Call): Members | undefined {
  const members = membersOf(call.value);
  return members === undefined || members.length === 0 ? undefined : members;
}

/** The keys that the call reads or writes. */
function keysOf(call: Call): readonly string[] {
  if (call.f === 'read') return keysRead(call) ?? [];
  return (membersWritten(call) ?? []).map(([key]) => key);
}

type Exchange = readonly [key: string, from: Json, to: Json];

function exchanges(call: Call): readonly Exchange[] | undefined {
  const result: Exchange[] = [];
  for (const [key, pair] of membersWritten(call) ?? []) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    result.push([key, pair[0] as Json, pair[1] as Json]);
  }
  return result.length === 0 ? undefined : result;
}

function step(state: MapState, call: Call, result: Result | undefined): Step<MapState> {
  if (call.f === 'read') {
    const keys = keysRead(call);
    if (result === undefined) return legal(state);
    if (keys !== undefined) return observe(state, keys, result.value, 'it read');
  }
  if (call.f === 'write') {
    const members = membersWritten(call);
    if (members !== undefined && result?.mismatch !== true) return legal(written(state, members));
    if (members !== undefined) return legal(state);
  }
  const pairs = call.f === 'cas' ? exchanges(call) : undefined;
  return pairs === undefined ? stepUnknown(name, state, call, result) : cas(state, pairs, result);
}

function cas(state: MapState, pairs: readonly Exchange[], result: Result | undefined): Step<MapState> {
  const other = pairs.find(([key, from]) => !sameValue(valueOf(state, key), from));
  if (result?.mismatch === true) {
    if (other === undefined) {
      return illegal(() => `its cas was refused where the map was ${describe(state)}, all that it asked for`);
    }
    return observe(
      state,
      pairs.map(([key]) => key),
      result.value,
      'its cas found',
    );
  }
  if (other === undefined)
    return legal(
      written(
        state,
        pairs.map(([key, , to]) => [key, to]),
      ),
    );
  if (result === undefined) return legal(state);
  const [key, from] = other;
  return illegal(
    () =>
      `its cas of ${JSON.stringify(key)} from ${canonicalJson(from)} succeeded where the map was ${describe(state)}`,
  );
}

/** What was seen of these keys must be what is there, and nothing else. */
function observe(
  state: MapState,
  keys: readonly string[],
  seen: Json | undefined,
  subject: string,
): Step<MapState> {
  const why = () =>
    `${subject} ${seen === undefined ? '{}' : canonicalJson(seen)} where the map was ${describe(state)}`;
  const members = membersOf(seen ?? {});
  if (members === undefined) return illegal(why);
  const told = new Map(members);
  for (const key of keys) {
    if (!sameValue(valueOf(state, key), told.get(key))) return illegal(why);
  }
  for (const key of keys) told.delete(key);
  return told.size === 0 ? legal(state) : illegal(why);
}

function written(state: MapState, members: Members): MapState {
  return members.reduce<MapState>((after, [key, value]) => put(after, key, value), state);
}

function isObserver(call: Call, result: Result | undefined): boolean {
  if (call.f === 'read' || result?.mismatch === true) return true;
  return call.f === 'cas' && exchanges(call)?.every(([, from, to]) => sameValue(from, to)) === true;
}

function refuses(call: Call): string | undefined {
  switch (call.f) {
    case 'read':
      return keysRead(call) === undefined ? 'a read needs a list of keys' : undefined;
    case 'write':
      return membersWritten(call) === undefined ? 'a write needs an object of keys and values' : undefined;
    case 'cas':
      return exchanges(call) === undefined ? 'a cas needs an object of keys and pairs [from, to]' : undefined;
    default:
      return 'a map has read, write and cas only';
  }
}
