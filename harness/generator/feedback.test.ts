import { expect, test } from 'vitest';
import { any } from './choice.ts';
import { concurrencyLimit, onUpdate, processLimit, untilOk } from './feedback.ts';
import { pipe } from './generator.ts';
import { imperfect, invocations, lines, perfect, perfectInfo, quick, simulate } from './simulate.ts';
import { none, repeat } from './sources.ts';
import { eachThread, onClients, onThreads } from './threads.ts';

const read = { f: 'read' };

test('untilOk repeats until a call is ok, on each thread for itself', () => {
  const plan = pipe(eachThread(untilOk(repeat(read))), onClients);
  expect(lines(imperfect(plan))).toEqual([
    '0 p0 invoke read',
    '0 p1 invoke read',
    '10 p0 fail read',
    '10 p1 fail read',
    '10 p0 invoke read',
    '10 p1 invoke read',
    '20 p0 info read',
    '20 p1 info read',
    '20 p2 invoke read',
    '20 p3 invoke read',
    '30 p2 ok read',
    '30 p3 ok read',
  ]);
});

test('untilOk is not content with the ok of a call that is not its own', () => {
  const others = pipe(
    repeat({ f: 'write' }, 5),
    onThreads((thread) => thread === 0),
  );
  const final = pipe(
    untilOk(repeat(read)),
    onThreads((thread) => thread === 1),
  );
  const ops = simulate(any(others, final), {
    reply: (op, turn) => ({
      afterNanos: 10,
      outcome: op.f === 'write' || turn === 4 ? { type: 'ok' } : { type: 'fail', error: { code: 'x' } },
    }),
  });
  expect(invocations(ops).filter((op) => op.f === 'read')).toHaveLength(5);
});

test('a process limit ends the plan when one process more would be needed', () => {
  const plan = pipe(repeat(read), processLimit(3), onClients);
  expect(lines(perfectInfo(plan))).toEqual([
    '0 p0 invoke read',
    '0 p1 invoke read',
    '10 p0 info read',
    '10 p1 info read',
    '10 p2 invoke read',
    '20 p2 info read',
  ]);
});

test('a process limit does not count the calls of a process that lives', () => {
  expect(invocations(perfect(pipe(repeat(read, 50), processLimit(2), onClients)))).toHaveLength(50);
});

test('a concurrency limit is never exceeded', () => {
  const plan = pipe(repeat(read, 200), concurrencyLimit(3), onClients);
  let open = 0;
  let most = 0;
  for (const op of imperfect(plan, { threads: 10 })) {
    open += op.type === 'invoke' ? 1 : -1;
    most = Math.max(most, open);
  }
  expect(most).toBe(3);
});

test('a plan may change when something happens', () => {
  const stopAtFailure = onUpdate((plan, _, event) => (event.type === 'fail' ? none : plan));
  const plan = pipe(repeat(read), stopAtFailure, onClients);
  expect(lines(imperfect(plan, { threads: 1 }))).toEqual(['0 p0 invoke read', '10 p0 fail read']);
  expect(quick(plan, { maxOps: 20 })).toHaveLength(40);
});
