// A number that calls add to.

import type { Json } from '../json.ts';
import { type Done, illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { refuseInitial } from './initial.ts';
import { describeRegister, observe } from './register.ts';
import { stepUnknown } from './unknown-call.ts';

const name = 'counter';

/**
 * A model of calls `add` (an integer, which may be negative) and `read`. An add that tells a value tells the counter after
 * it. `initial` is an integer, 0 when left out.
 */
export function counter(initial: Json = 0): Model<number> {
  if (!isInteger(initial)) throw refuseInitial(name, initial, 'an integer');
  return {
    name,
    keyed: true,
    init: () => initial,
    step,
    // Not -0, which is another key.
    key: (state) => state + 0,
    describe: String,
    isObserver: (call, result) => call.f === 'read' || result?.mismatch === true || amountOf(call) === 0,
    commutes: (a, b) => isSilentAdd(a) && isSilentAdd(b),
    refuses,
  };
}

function step(state: number, call: Call, result: Result | undefined): Step<number> {
  if (result?.mismatch === true) return legal(state);
  if (call.f === 'read') {
    if (result === undefined) return legal(state);
    const seen = observe(state, result.value, 'it read');
    return seen.ok ? legal(state) : seen;
  }
  const amount = amountOf(call);
  if (amount === undefined) return stepUnknown(name, state, call, result);
  const after = state + amount;
  const told = result?.value;
  return told === undefined || told === after
    ? legal(after)
    : illegal(() => `its add told ${describeRegister(told)} where ${state} became ${after}`);
}

/** An add that did not tell what it made. */
function isSilentAdd({ call, result }: Done): boolean {
  return amountOf(call) !== undefined && result?.value === undefined;
}

function amountOf(call: Call): number | undefined {
  return call.f === 'add' && isInteger(call.value) ? call.value : undefined;
}

function isInteger(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function refuses(call: Call): string | undefined {
  if (call.f === 'read') return undefined;
  if (call.f !== 'add') return 'a counter has add and read only';
  return isInteger(call.value) ? undefined : 'an add needs an integer';
}
