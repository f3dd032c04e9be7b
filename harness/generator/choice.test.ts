import { expect, test } from 'vitest';
import { Stream } from '../random.ts';
import { any, during, mix } from './choice.ts';
import { type OpGenerator, pipe } from './generator.ts';
import { rewrap } from './next.ts';
import { phases } from './order.ts';
import { invocations, lines, perfect, quick } from './simulate.ts';
import { none, repeat } from './sources.ts';
import { onClients, onNemesis } from './threads.ts';
import { delay, sleep } from './timing.ts';

const a = { f: 'a' };
const b = { f: 'b' };
const functions = (ops: readonly { f: string }[]) => ops.map((op) => op.f).join('');

test('a mix chooses by weight', () => {
  const plan = pipe(mix(Stream.of(5), { weight: 3, plan: repeat(a) }, repeat(b)), onClients);
  const chosen = functions(invocations(quick(plan, { maxOps: 4000 })));
  const share = chosen.split('b').length - 1;
  expect(share).toBeGreaterThan(900);
  expect(share).toBeLessThan(1100);
});

test('a mix goes on with what is left until everything is exhausted', () => {
  const plan = pipe(mix(Stream.of(5), repeat(a, 3), none, repeat(b, 9)), onClients);
  const called = functions(invocations(quick(plan)));
  expect(called.replaceAll('a', '')).toBe('bbbbbbbbb');
  expect(called.replaceAll('b', '')).toBe('aaa');
});

test('a mix tells every plan in it what happened', () => {
  const plan = pipe(mix(Stream.of(5), untilHeard('a'), { weight: 0, plan: untilHeard('a') }), onClients);
  expect(functions(invocations(quick(plan, { threads: 1 })))).toBe('a');
});

/** Calls f until it has heard that f was invoked, on whatever branch. */
function untilHeard(f: string): OpGenerator {
  return {
    next: (context) => rewrap(repeat({ f }).next(context), () => untilHeard(f)),
    update: (_, event) => (event.f === f ? none : untilHeard(f)),
  };
}

test('any takes turns where both can go, and goes on with one when the other is exhausted', () => {
  const plan = pipe(any(repeat(a, 2), repeat(b)), onClients);
  expect(functions(invocations(quick(plan, { threads: 1, maxOps: 6 })))).toBe('ababbb');
});

test('any takes the one that can go soonest', () => {
  const plan = pipe(any(pipe(repeat(a), delay(3)), pipe(repeat(b), delay(2))), onClients);
  const ops = invocations(perfect(plan, { threads: 1, maxTimeMs: 7 }));
  expect(lines(ops)).toEqual([
    '0 p0 invoke a',
    '10 p0 invoke b',
    '2000010 p0 invoke b',
    '3000000 p0 invoke a',
    '4000010 p0 invoke b',
    '6000000 p0 invoke a',
    '6000010 p0 invoke b',
  ]);
});

test('during runs the background alongside and ends it with the main plan', () => {
  const script = phases(sleep(2), repeat({ f: 'start' }, 1), sleep(2), repeat({ f: 'stop' }, 1));
  const plan = during(pipe(script, onNemesis), pipe(repeat({ f: 'read' }), delay(1), onClients));
  expect(lines(invocations(perfect(plan)))).toEqual([
    '0 p0 invoke read',
    '1000000 p0 invoke read',
    '2000000 p1 invoke read',
    '2000000 nemesis invoke start',
    '3000000 p1 invoke read',
    '4000000 p1 invoke read',
    '4000010 nemesis invoke stop',
  ]);
});

test('during goes on when the background is exhausted first', () => {
  const plan = pipe(during(repeat(a, 4), repeat(b, 1)), onClients);
  expect(functions(invocations(quick(plan, { threads: 1 })))).toBe('abaaa');
});

test('nothing of the background follows the exhaustion of the main plan', () => {
  const plan = pipe(during(repeat(a, 1), repeat(b)), onClients);
  expect(functions(invocations(quick(plan, { threads: 1 })))).toBe('a');
});
