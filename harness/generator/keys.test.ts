import { expect, test } from 'vitest';
import type { Op } from '../../checkers/op.ts';
import { Stream } from '../random.ts';
import { onUpdate, untilOk } from './feedback.ts';
import { pipe } from './generator.ts';
import { concurrentKeys } from './keys.ts';
import { imperfect, invocations, perfect, quick, simulate } from './simulate.ts';
import { fromFunction, none, repeat } from './sources.ts';
import { eachThread, onClients, reserve } from './threads.ts';

const stream = Stream.of(3);
const key = (n: number) => `k${n}`;
const first = (count: number) => (n: number) => (n < count ? key(n) : undefined);

function byKey(ops: readonly Op[]): Map<string, Op[]> {
  const groups = new Map<string, Op[]>();
  for (const op of ops) groups.set(op.key ?? '', [...(groups.get(op.key ?? '') ?? []), op]);
  return groups;
}

test('each group of threads works on one key at a time and takes the next one when it is done', () => {
  const plan = concurrentKeys({
    keys: first(3),
    threadsPerKey: 2,
    stream,
    plan: () => repeat({ f: 'read' }, 3),
  });
  const ops = invocations(perfect(pipe(plan, onClients), { threads: 4 }));
  expect([...byKey(ops).keys()].toSorted()).toEqual(['k0', 'k1', 'k2']);
  for (const [name, its] of byKey(ops)) {
    expect(its, name).toHaveLength(3);
    expect(new Set(its.map((op) => Math.floor(Number(op.process) / 2))).size, name).toBe(1);
  }
});

test('keys are taken in order, each one once, whatever becomes of the calls', () => {
  const plan = concurrentKeys({ keys: key, threadsPerKey: 3, stream, plan: () => repeat({ f: 'w' }, 5) });
  const ops = invocations(imperfect(pipe(plan, onClients), { threads: 9, maxOps: 500 }));
  const order = [...new Set(ops.map((op) => Number(op.key?.slice(1))))];
  for (const [place, n] of order.entries()) expect(Math.abs(n - place)).toBeLessThan(3);
  const counts = [...byKey(ops).values()].map((its) => its.length);
  expect(counts.slice(0, -3).every((count) => count === 5)).toBe(true);
});

test('what is done on a key depends on the key alone, not on the threads', () => {
  const plan = (threadsPerKey: number) =>
    concurrentKeys({
      keys: first(6),
      threadsPerKey,
      stream,
      plan: (_, own) => fromFunction((n) => (n < 4 ? { f: 'w', value: own.integer(n, 1000) } : undefined)),
    });
  const values = (threadsPerKey: number, threads: number) =>
    Object.fromEntries(
      [...byKey(invocations(quick(pipe(plan(threadsPerKey), onClients), { threads })))].map(([name, its]) => [
        name,
        its.map((op) => op.value),
      ]),
    );
  expect(values(1, 2)).toEqual(values(3, 6));
});

test('a key hears of its own calls only, though the group goes on while calls of the last key are open', () => {
  const plan = concurrentKeys({
    keys: first(4),
    threadsPerKey: 2,
    stream,
    plan: () => eachThread(untilOk(repeat({ f: 'read' }))),
  });
  const ops = imperfect(pipe(plan, onClients), { threads: 2 });
  for (const name of ['k0', 'k1', 'k2', 'k3']) {
    expect(
      ops.filter((op) => op.key === name && op.type === 'ok'),
      name,
    ).toHaveLength(2);
  }
});

test('what becomes of the last key does not change the plan of this one', () => {
  const untilFailure = onUpdate((plan, _, event) => (event.type === 'fail' ? none : plan));
  const plan = concurrentKeys({
    keys: first(2),
    threadsPerKey: 2,
    stream,
    plan: (name) => (name === 'k0' ? repeat({ f: 'write' }, 1) : untilFailure(repeat({ f: 'read' }, 5))),
  });
  const ops = simulate(pipe(plan, onClients), {
    reply: (op) =>
      op.f === 'write'
        ? { afterNanos: 15, outcome: { type: 'fail', error: { code: 'x' } } }
        : { afterNanos: 10, outcome: { type: 'ok' } },
  });
  expect(ops.filter((op) => op.f === 'read' && op.type === 'ok')).toHaveLength(5);
});

test('threads inside a group can be reserved', () => {
  const plan = concurrentKeys({
    keys: key,
    threadsPerKey: 4,
    stream,
    plan: () => reserve([[2, repeat({ f: 'read' }, 10)]], repeat({ f: 'write' }, 10)),
  });
  for (const op of imperfect(pipe(plan, onClients), { threads: 8 })) {
    expect(op.f).toBe(Number(op.process) % 4 < 2 ? 'read' : 'write');
  }
});

test('threads that are no multiple of the group are refused with both numbers', () => {
  const plan = concurrentKeys({ keys: key, threadsPerKey: 4, stream, plan: () => repeat({ f: 'read' }) });
  expect(() => quick(pipe(plan, onClients), { threads: 10 })).toThrow(
    'concurrency 10 is no multiple of the 4 threads that work on one key together',
  );
});

test('keys with nothing to do, without end, are an error, not a hang', () => {
  const plan = concurrentKeys({ keys: key, threadsPerKey: 1, stream, plan: () => none });
  expect(() => quick(pipe(plan, onClients))).toThrow('had nothing to do');
});
