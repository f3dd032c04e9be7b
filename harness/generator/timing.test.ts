import { expect, test } from 'vitest';
import { nanosPerMs } from '../clock.ts';
import { Stream } from '../random.ts';
import { any, during } from './choice.ts';
import { pipe } from './generator.ts';
import { concat, cycle, phases } from './order.ts';
import { invocations, lines, perfect, simulate } from './simulate.ts';
import { repeat } from './sources.ts';
import { onClients, onNemesis } from './threads.ts';
import { delay, sleep, stagger, timeLimit } from './timing.ts';

const read = { f: 'read' };

test('delay leaves equal gaps between calls of all threads together', () => {
  const plan = pipe(repeat(read, 4), delay(1), onClients);
  expect(perfect(plan, { threads: 3 }).map((op) => op.time)).toEqual([
    0, 10, 1_000_000, 1_000_010, 2_000_000, 2_000_010, 3_000_000, 3_000_010,
  ]);
});

test('stagger leaves random gaps of 0 to twice the mean, the same for the same stream', () => {
  const plan = pipe(repeat(read, 4), stagger(1, Stream.of(1)), onClients);
  expect(lines(invocations(perfect(plan)))).toEqual([
    '0 p0 invoke read',
    '1151835 p0 invoke read',
    '2898149 p1 invoke read',
    '4338487 p1 invoke read',
  ]);
});

test('pitfall 24: the rate is that of all threads together, and its mean holds within 5 %', () => {
  for (const threads of [1, 10]) {
    const plan = pipe(repeat(read), stagger(5, Stream.of(threads)), onClients);
    const ops = invocations(perfect(plan, { threads, maxTimeMs: 60_000, maxOps: Infinity }));
    const gaps = ops.slice(1).map((op, i) => op.time - (ops[i]?.time ?? 0));
    expect(ops.length / 60, `${threads} threads`).toBeGreaterThan(190);
    expect(ops.length / 60, `${threads} threads`).toBeLessThan(210);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10 * nanosPerMs);
    expect(Math.max(...gaps)).toBeGreaterThan(9.9 * nanosPerMs);
    expect(Math.min(...gaps)).toBeLessThan(0.1 * nanosPerMs);
  }
});

test('a short hold-up is caught up with', () => {
  const plan = pipe(repeat(read, 5), delay(10), onClients);
  const ops = simulate(plan, {
    threads: 1,
    reply: (_, turn) => ({ afterNanos: turn === 0 ? 25 * nanosPerMs : 10, outcome: { type: 'ok' } }),
  });
  expect(invocations(ops).map((op) => op.time)).toEqual([0, 25_000_000, 25_000_010, 30_000_000, 40_000_000]);
});

test('after a long outage the rate is kept: no burst makes up for it', () => {
  const plan = pipe(repeat(read), delay(10), onClients);
  const ops = simulate(plan, {
    threads: 1,
    maxTimeMs: 6000,
    reply: (_, turn) => ({ afterNanos: turn === 0 ? 5000 * nanosPerMs : 10, outcome: { type: 'ok' } }),
  });
  const after = invocations(ops).filter((op) => op.time >= 5000 * nanosPerMs);
  expect(after.length).toBeLessThanOrEqual(111);
  expect(after.length).toBeGreaterThan(105);
});

test('sleep holds up what comes after it, not what runs beside it', () => {
  const plan = pipe(concat(repeat(read, 1), sleep(5), repeat(read, 1)), onClients);
  expect(lines(perfect(plan))).toEqual([
    '0 p0 invoke read',
    '10 p0 ok read',
    '5000000 p0 invoke read',
    '5000010 p0 ok read',
  ]);
});

test('a sleep in a cycle is slept again each time, from the end of the call before it', () => {
  const plan = pipe(phases(sleep(2), repeat({ f: 'start' }, 1)), cycle(3), onNemesis);
  expect(lines(invocations(perfect(plan)))).toEqual([
    '2000000 nemesis invoke start',
    '4000010 nemesis invoke start',
    '6000020 nemesis invoke start',
  ]);
});

test('pitfall 23: a time limit counts from the first call that passes through', () => {
  const plan = pipe(concat(sleep(3000), repeat(read)), delay(1), timeLimit(2), onClients);
  expect(lines(invocations(perfect(plan)))).toEqual([
    '3000000000 p0 invoke read',
    '3001000000 p0 invoke read',
  ]);
});

test('a time limit lasts its whole time, though the next call would come after it', () => {
  const plan = pipe(
    phases(pipe(repeat(read), delay(60), timeLimit(50)), repeat({ f: 'final' }, 1)),
    onClients,
  );
  expect(lines(invocations(perfect(plan)))).toEqual(['0 p0 invoke read', '50000000 p0 invoke final']);
});

test('a sleep is not drawn out by calls that are planned for later and by others that come first', () => {
  const fault = pipe(repeat({ f: 'kill' }), delay(8));
  const late = pipe(concat(sleep(20), fault), onNemesis);
  const script = pipe(phases(during(sleep(10), late), repeat({ f: 'heal' }, 1)), onNemesis);
  const plan = during(script, pipe(repeat(read), delay(3), onClients));
  const nemesis = invocations(perfect(plan)).filter((op) => op.process === 'nemesis');
  expect(lines(nemesis)).toEqual(['10000000 nemesis invoke heal']);
});

test('a sleep is not begun anew when something happens before the next planned call', () => {
  const script = pipe(phases(repeat({ f: 'start' }, 1), sleep(20), repeat({ f: 'stop' }, 1)), onNemesis);
  const traffic = pipe(repeat(read, 3), delay(15), onClients);
  for (const plan of [any(script, traffic), any(any(script, traffic))]) {
    const ops = simulate(plan, {
      reply: (op) => ({ afterNanos: op.f === 'read' ? 5 * nanosPerMs : 10, outcome: { type: 'ok' } }),
    });
    const nemesis = invocations(ops).filter((op) => op.process === 'nemesis');
    expect(lines(nemesis)).toEqual(['0 nemesis invoke start', '20000010 nemesis invoke stop']);
  }
});
