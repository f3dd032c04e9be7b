import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { Call, Result } from '../op.ts';
import { casRegister } from './cas-register.ts';
import { type RegisterState, register } from './register.ts';
import { modelNamed, models } from './registry.ts';

const states: RegisterState[] = [undefined, null, 0, 1, 2, '1', [1], { a: 1 }];
const values: Json[] = [null, 0, 1, 2, '1'];
const calls: Call[] = [
  { f: 'read' },
  ...values.map((value) => ({ f: 'write', value })),
  ...values.flatMap((from) => values.map((to) => ({ f: 'cas', value: [from, to] }))),
];
const results: (Result | undefined)[] = [
  undefined,
  {},
  ...values.map((value) => ({ value })),
  { mismatch: true },
  ...values.map((value) => ({ value, mismatch: true as const })),
];

const registers = models.filter(({ make }) => make === register || make === casRegister);

describe.each(registers)('the model $name', ({ make }) => {
  const model = make();

  it('pitfall 61: steps from every state with every call and every result without throwing', () => {
    const odd: Call[] = [{ f: 'cas' }, { f: 'cas', value: [1] }, { f: 'append', value: 3 }, { f: 'write' }];
    for (const state of states) {
      for (const call of [...calls, ...odd]) {
        for (const result of results) {
          const step = model.step(state, call, result);
          if (!step.ok) expect(step.why()).not.toBe('');
          if (result === undefined) expect(step.ok).toBe(true);
        }
      }
    }
  });

  it('never changes the state with a call that it calls an observer', () => {
    for (const state of states) {
      for (const call of calls) {
        for (const result of results) {
          if (!model.isObserver(call, result)) continue;
          const step = model.step(state, call, result);
          if (step.ok) expect(model.key(step.state)).toBe(model.key(state));
        }
      }
    }
  });

  it('tells the same by moves as by steps', () => {
    for (const state of states) {
      for (const call of calls.filter(({ f }) => f !== 'cas' || make === casRegister)) {
        for (const result of results) {
          const step = model.step(state, call, result);
          const { needs, leaves } = model.move?.(call, result) ?? {};
          const fits = needs === undefined || model.key(needs.state) === model.key(state);
          const expected = fits && leaves !== undefined ? leaves.state : state;
          if (step.ok) {
            if (result !== undefined) expect(fits).toBe(true);
            expect(model.key(step.state)).toBe(model.key(expected));
          } else {
            expect(needs).toBeDefined();
          }
        }
      }
    }
  });

  it('pitfall 62: gives equal states equal keys, and different states different ones', () => {
    expect(model.key({ a: 1, b: 2 })).toBe(model.key({ b: 2, a: 1 }));
    expect(model.key(-0)).toBe(model.key(0));
    expect(new Set(states.map((state) => model.key(state))).size).toBe(states.length);
  });

  it('pitfall 64: starts absent, which is not null, or from the value it is given', () => {
    expect(model.step(model.init(), { f: 'read' }, {}).ok).toBe(true);
    expect(model.step(model.init(), { f: 'read' }, { value: null }).ok).toBe(false);
    expect(make(7).step(make(7).init(), { f: 'read' }, { value: 7 }).ok).toBe(true);
  });

  it('says why it cannot judge a call it does not know', () => {
    expect(model.refuses?.({ f: 'append', value: 1 })).toMatch(/has read/u);
    expect(model.refuses?.({ f: 'write' })).toBe('a write needs a value');
    expect(model.refuses?.({ f: 'read' })).toBeUndefined();
  });
});

it('pitfall 75: a cas from a value to itself and a write of the present value are legal', () => {
  const model = casRegister();
  expect(model.step(1, { f: 'cas', value: [1, 1] }, {})).toEqual({ ok: true, state: 1 });
  expect(model.step(1, { f: 'write', value: 1 }, {})).toEqual({ ok: true, state: 1 });
});

it('pitfall 6: judges a cas that did not match as a read of what it found', () => {
  const model = casRegister();
  const cas = { f: 'cas', value: [1, 2] };
  expect(model.step(3, cas, { value: 3, mismatch: true })).toEqual({ ok: true, state: 3 });
  expect(model.step(undefined, cas, { mismatch: true })).toEqual({ ok: true, state: undefined });
  expect(model.step(4, cas, { value: 3, mismatch: true }).ok).toBe(false);
});

it('refuses to believe a cas that was refused for finding the value it asked for', () => {
  expect(casRegister().step(1, { f: 'cas', value: [1, 2] }, { value: 1, mismatch: true }).ok).toBe(false);
});

it('a crashed cas has its effect where it matches, and none elsewhere', () => {
  const model = casRegister();
  expect(model.step(1, { f: 'cas', value: [1, 2] }, undefined)).toEqual({ ok: true, state: 2 });
  expect(model.step(3, { f: 'cas', value: [1, 2] }, undefined)).toEqual({ ok: true, state: 3 });
});

it('compares values by what they are: 3, "3" and [3] stay apart', () => {
  const model = register();
  expect(model.step(3, { f: 'read' }, { value: '3' }).ok).toBe(false);
  expect(model.step([3], { f: 'read' }, { value: [3] }).ok).toBe(true);
});

it('finds a model by its name', () => {
  expect(modelNamed('cas-register')?.make().name).toBe('cas-register');
  expect(modelNamed('casregister')).toBeUndefined();
});
