import { expect, test } from 'vitest';
import { Stream } from '../random.ts';
import { pipe } from './generator.ts';
import { concat, cycle, flipFlop, limit, once, phases } from './order.ts';
import { invocations, lines, perfect, quick, simulate } from './simulate.ts';
import { none, repeat, sequence } from './sources.ts';
import { onClients, onNemesis } from './threads.ts';

const a = { f: 'a' };
const b = { f: 'b' };
const functions = (ops: readonly { f: string }[]) => ops.map((op) => op.f).join('');

test('concat goes on without waiting for open calls', () => {
  expect(lines(perfect(pipe(concat(repeat(a, 3), repeat(b, 1)), onClients)))).toEqual([
    '0 p0 invoke a',
    '0 p1 invoke a',
    '10 p0 ok a',
    '10 p1 ok a',
    '10 p0 invoke a',
    '10 p1 invoke b',
    '20 p0 ok a',
    '20 p1 ok b',
  ]);
});

test('a phase begins when every thread is idle', () => {
  expect(lines(perfect(pipe(phases(repeat(a, 3), repeat(b, 1)), onClients)))).toEqual([
    '0 p0 invoke a',
    '0 p1 invoke a',
    '10 p0 ok a',
    '10 p1 ok a',
    '10 p0 invoke a',
    '20 p0 ok a',
    '20 p0 invoke b',
    '30 p0 ok b',
  ]);
});

test.each([1, 2, 3, 4, 5])(
  'no op of a phase overlaps one of the phase before, whatever calls take (seed %i)',
  (seed) => {
    const stream = Stream.of(seed);
    const ops = simulate(phases(repeat(a, 40), repeat(b, 40), repeat(a, 40)), {
      threads: 5,
      stream,
      reply: (op) => ({ afterNanos: stream.fork('reply').integer(op.index, 1000), outcome: { type: 'ok' } }),
    });
    expect(functions(ops)).toMatch(/^a{80}b{80}a{80}$/);
  },
);

test('phases and concat of nothing are nothing', () => {
  expect(quick(phases())).toEqual([]);
  expect(quick(concat(none, none))).toEqual([]);
});

test('limit and once count calls exactly', () => {
  expect(invocations(quick(pipe(repeat(a), limit(17)), { threads: 4 }))).toHaveLength(17);
  expect(invocations(quick(once(repeat(a))))).toHaveLength(1);
  expect(quick(pipe(repeat(a), limit(0)))).toEqual([]);
});

test('a cycle begins again as often as was said', () => {
  const plan = pipe(sequence([a, b]), cycle(3), onClients);
  expect(functions(invocations(quick(plan, { threads: 1 })))).toBe('ababab');
});

test('a cycle of a plan that has nothing to do ends', () => {
  expect(quick(pipe(none, cycle()))).toEqual([]);
});

test('flipFlop alternates strictly, and ends with the plan whose turn it is', () => {
  const plan = pipe(flipFlop(repeat({ f: 'start' }), repeat({ f: 'stop' }, 2)), onNemesis);
  expect(lines(perfect(plan))).toEqual([
    '0 nemesis invoke start',
    '10 nemesis info start',
    '10 nemesis invoke stop',
    '20 nemesis info stop',
    '20 nemesis invoke start',
    '30 nemesis info start',
    '30 nemesis invoke stop',
    '40 nemesis info stop',
    '40 nemesis invoke start',
    '50 nemesis info start',
  ]);
});
