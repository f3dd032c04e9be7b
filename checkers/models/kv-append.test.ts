import { expect, it } from 'vitest';
import { kvAppend } from './kv-append.ts';

const model = kvAppend();

it('pitfall 61: steps from every state with every call and every result without throwing', () => {
  for (const state of [undefined, null, '', 'a', 3]) {
    for (const f of ['get', 'put', 'append', 'cas']) {
      for (const value of [undefined, null, 'x', 3]) {
        for (const result of [undefined, {}, { value: 'a' }]) {
          const call = { f, ...(value === undefined ? {} : { value }) };
          const step = model.step(state, call, result);
          if (!step.ok) expect(step.why()).not.toBe('');
          if (result === undefined) expect(step.ok).toBe(true);
          if (model.isObserver(call, result) && step.ok) expect(step.state).toBe(state);
        }
      }
    }
  }
});

it('appends to what is there, and reads exactly that', () => {
  expect(model.step('', { f: 'append', value: 'x' }, {})).toEqual({ ok: true, state: 'x' });
  expect(model.step('x', { f: 'append', value: 'y' }, undefined)).toEqual({ ok: true, state: 'xy' });
  expect(model.step('xy', { f: 'put', value: 'z' }, {})).toEqual({ ok: true, state: 'z' });
  expect(model.step('xy', { f: 'get' }, { value: 'xy' }).ok).toBe(true);
  expect(model.step('xy', { f: 'get' }, { value: 'x' }).ok).toBe(false);
  expect(model.step(model.init(), { f: 'get' }, { value: '' }).ok).toBe(true);
  expect(kvAppend('a').step('a', { f: 'get' }, { value: 'a' }).ok).toBe(true);
});

it('says why it cannot judge a call', () => {
  expect(model.refuses?.({ f: 'cas', value: [1, 2] })).toBe('a kv-append has get, put and append only');
  expect(model.refuses?.({ f: 'append', value: 3 })).toBe('an append needs a string');
  expect(model.refuses?.({ f: 'put' })).toBe('a put needs a string');
  expect(model.refuses?.({ f: 'get' })).toBeUndefined();
});
