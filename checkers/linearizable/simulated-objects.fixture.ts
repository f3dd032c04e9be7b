// The objects of our models as plain programs, with few values, so that calls of small histories meet. Written apart from
// the models: what these answer has to be legal there.

import { type Json, sameValue } from '../json.ts';
import type { Call, Result } from '../op.ts';
import type { Dice, SimulatedObject } from './random-model-history.fixture.ts';

type Make = (dice: Dice) => SimulatedObject;

const seen = (value: Json | undefined): Result => (value === undefined ? {} : { value });

function registerWith(functions: readonly string[]): Make {
  return (dice) => {
    let state: Json | undefined;
    const values = [1, 2, 3].slice(0, 1 + dice.below(3));
    return {
      call() {
        const f = dice.pick(functions);
        if (f === 'read') return { f };
        return { f, value: f === 'cas' ? [dice.pick(values), dice.pick(values)] : dice.pick(values) };
      },
      apply({ f, value }) {
        if (f === 'read') return seen(state);
        const [from, to] = f === 'cas' ? (value as [Json, Json]) : [state, value];
        if (from !== state) return { ...seen(state), mismatch: true };
        state = to;
        return {};
      },
      anyAnswer({ f }) {
        if (f === 'write') return {};
        if (f === 'cas' && dice.chance(0.5)) return {};
        const told = dice.chance(0.1) ? {} : { value: dice.pick(values) };
        return f === 'cas' ? { ...told, mismatch: true } : told;
      },
    };
  };
}

function versionedRegister(dice: Dice): SimulatedObject {
  let version = 0;
  let state: Json | undefined;
  const values = [1, 2];
  const told = dice.random();
  const now = (): Result => (state === undefined ? {} : { value: [version, state] });
  const any = (): Result =>
    dice.chance(0.1) ? {} : { value: [1 + dice.below(Math.max(2, version)), dice.pick(values)] };
  return {
    call() {
      const f = dice.pick(['read', 'write', 'cas']);
      if (f === 'read') return { f };
      return { f, value: f === 'cas' ? [dice.pick(values), dice.pick(values)] : dice.pick(values) };
    },
    apply({ f, value }) {
      if (f === 'read') return now();
      const [from, to] = f === 'cas' ? (value as [Json, Json]) : [state, value];
      if (from !== state) return { ...now(), mismatch: true };
      version++;
      state = to;
      return dice.chance(told) ? now() : {};
    },
    anyAnswer({ f, value }) {
      if (f === 'read') return any();
      if (f === 'cas' && dice.chance(0.4)) return { ...any(), mismatch: true };
      const to = (f === 'cas' ? (value as [Json, Json])[1] : value) as Json;
      return dice.chance(0.3) ? {} : { value: [1 + dice.below(version + 1), to] };
    },
  };
}

function kvAppend(dice: Dice): SimulatedObject {
  let state = '';
  return {
    call() {
      const f = dice.pick(['get', 'get', 'put', 'append']);
      return f === 'get' ? { f } : { f, value: dice.pick(['a', 'b', '']) };
    },
    apply({ f, value }) {
      if (f === 'get') return { value: state };
      state = f === 'put' ? (value as string) : state + (value as string);
      return {};
    },
    anyAnswer: ({ f }) => (f === 'get' ? { value: dice.pick(['', 'a', 'b', 'ab', 'ba', state]) } : {}),
  };
}

function map(dice: Dice): SimulatedObject {
  const state = new Map<string, Json>();
  const keys = ['a', 'b', 'c', 'd'].slice(0, 1 + dice.below(4));
  const several = dice.random() * 0.5;
  const some = (): string[] => {
    const one = dice.pick(keys);
    const other = dice.pick(keys);
    return other === one || !dice.chance(several) ? [one] : [one, other];
  };
  const of = (names: readonly string[], value: (key: string) => Json | undefined): Json =>
    Object.fromEntries(names.flatMap((key) => (value(key) === undefined ? [] : [[key, value(key) as Json]])));
  const number = (): Json => 1 + dice.below(2);
  const namesIn = ({ value }: Call): string[] =>
    Array.isArray(value) ? (value as string[]) : Object.keys(value as object);
  return {
    call() {
      const f = dice.pick(['read', 'read', 'write', 'cas']);
      const names = some();
      if (f === 'read') return { f, value: names };
      const members = names.map((key) => [key, f === 'cas' ? [number(), number()] : number()]);
      return { f, value: Object.fromEntries(members) as Json };
    },
    apply(call) {
      const names = namesIn(call);
      const found = of(names, (key) => state.get(key));
      if (call.f === 'read') return { value: found };
      const members = Object.entries(call.value as { [key: string]: Json });
      if (call.f === 'cas') {
        if (members.some(([key, pair]) => !sameValue(state.get(key), (pair as [Json, Json])[0]))) {
          return { value: found, mismatch: true };
        }
      }
      for (const [key, value] of members)
        state.set(key, call.f === 'cas' ? (value as [Json, Json])[1] : value);
      return {};
    },
    anyAnswer(call) {
      const answers = new Map(namesIn(call).map((key) => [key, dice.chance(0.2) ? undefined : number()]));
      const told = { value: of([...answers.keys()], (key) => answers.get(key)) };
      if (call.f === 'read') return told;
      return call.f === 'cas' && dice.chance(0.5) ? { ...told, mismatch: true } : {};
    },
  };
}

function lock(isFenced: boolean): Make {
  return (dice) => {
    const isNamed = dice.chance(0.6);
    let holder: Json | undefined = 'free';
    let token = 0;
    const acquired = new Set<number>();
    return {
      call(process) {
        // Who has asked for it releases it, mostly.
        const f = acquired.has(process) !== dice.chance(0.15) ? 'release' : 'acquire';
        if (f === 'acquire') acquired.add(process);
        else acquired.delete(process);
        return isNamed ? { f, value: `p${process}` } : { f };
      },
      apply({ f, value }) {
        if (f === 'acquire') {
          if (holder !== 'free') return undefined;
          holder = value;
          token += 1 + dice.below(2);
          return isFenced && dice.chance(0.8) ? { value: token } : {};
        }
        if (holder === 'free' || holder !== value) return undefined;
        holder = 'free';
        return {};
      },
      anyAnswer: ({ f }) =>
        f === 'acquire' && isFenced && dice.chance(0.9) ? { value: 1 + dice.below(token + 2) } : {},
    };
  };
}

function counter(dice: Dice): SimulatedObject {
  let state = 0;
  const told = dice.random();
  return {
    call: () => (dice.chance(0.4) ? { f: 'read' } : { f: 'add', value: dice.pick([-1, 0, 1, 1, 2]) }),
    apply({ f, value }) {
      if (f === 'read') return { value: state };
      state += value as number;
      return dice.chance(told) ? { value: state } : {};
    },
    anyAnswer: ({ f }) => (f === 'add' && !dice.chance(told) ? {} : { value: state + dice.below(5) - 2 }),
  };
}

function set(dice: Dice): SimulatedObject {
  const state = new Set<Json>();
  const elements = [1, 'x', 3].slice(0, 1 + dice.below(3));
  const wholeReads = dice.chance(0.5) ? 0 : dice.random() * 0.5;
  const told = dice.random();
  return {
    call: () =>
      dice.chance(wholeReads)
        ? { f: 'read' }
        : { f: dice.pick(['add', 'remove', 'contains']), value: dice.pick(elements) },
    apply({ f, value }) {
      if (f === 'read') return { value: [...state].reverse() };
      const element = value as Json;
      const isIn = state.has(element);
      if (f === 'contains') return { value: isIn };
      if (f === 'add') state.add(element);
      else state.delete(element);
      return dice.chance(told) ? { value: isIn === (f === 'remove') } : {};
    },
    anyAnswer({ f }) {
      if (f === 'read') return { value: elements.filter(() => dice.chance(0.5)) };
      return f !== 'contains' && !dice.chance(told) ? {} : { value: dice.chance(0.5) };
    },
  };
}

/** A row of values; `take` gives one of them, out of the end that it belongs to. */
function row(put: string, get: string, take: (values: Json[]) => Json | undefined): Make {
  return (dice) => {
    const state: Json[] = [];
    const isUnique = dice.chance(0.5);
    let last = 0;
    return {
      call: () => (dice.chance(0.5) ? { f: get } : { f: put, value: isUnique ? ++last : 1 + dice.below(2) }),
      apply({ f, value }) {
        if (f === get) return seen(take(state));
        state.push(value as Json);
        return {};
      },
      anyAnswer({ f }) {
        if (f === put || dice.chance(0.2)) return {};
        return { value: 1 + dice.below(isUnique ? Math.max(1, last) : 2) };
      },
    };
  };
}

function list(dice: Dice): SimulatedObject {
  const state: Json[] = [];
  const values = [1, 2, 3];
  return {
    call: () => (dice.chance(0.6) ? { f: 'read' } : { f: 'append', value: dice.pick(values) }),
    apply({ f, value }) {
      if (f === 'read') return { value: [...state] };
      state.push(value as Json);
      return {};
    },
    anyAnswer({ f }) {
      if (f === 'append') return {};
      const cut = state.slice(0, dice.below(state.length + 1));
      return dice.chance(0.3) ? { value: [...cut, dice.pick(values)] } : { value: cut };
    },
  };
}

/** By the names of the models. */
export const simulatedObjects: Readonly<Record<string, Make>> = {
  register: registerWith(['read', 'write']),
  'cas-register': registerWith(['read', 'write', 'cas']),
  'versioned-register': versionedRegister,
  'kv-append': kvAppend,
  map,
  mutex: lock(false),
  'fenced-lock': lock(true),
  counter,
  set,
  queue: row('enqueue', 'dequeue', (values) => values.shift()),
  stack: row('push', 'pop', (values) => values.pop()),
  list,
};
