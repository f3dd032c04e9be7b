import { expect, test } from 'vitest';
import { filter, map } from './calls.ts';
import { pipe } from './generator.ts';
import { invocations, perfect, quick } from './simulate.ts';
import { fromFunction, repeat } from './sources.ts';

const numbers = fromFunction((n) => (n < 6 ? { f: 'write', value: n } : undefined));

test('map changes each call', () => {
  const plan = pipe(
    numbers,
    map((call) => ({ ...call, f: 'add', key: 'k' })),
  );
  const ops = invocations(quick(plan));
  expect(ops.map((op) => [op.f, op.key, op.value])).toEqual([0, 1, 2, 3, 4, 5].map((n) => ['add', 'k', n]));
});

test('filter leaves out what is not wanted', () => {
  const plan = pipe(
    numbers,
    filter((call) => Number(call.value) % 2 === 1),
  );
  expect(invocations(perfect(plan)).map((op) => op.value)).toEqual([1, 3, 5]);
});

test('a filter that lets nothing of an endless plan pass is an error, not a hang', () => {
  expect(() =>
    quick(
      pipe(
        repeat({ f: 'read' }),
        filter(() => false),
      ),
    ),
  ).toThrow('none of 100000 calls');
});
