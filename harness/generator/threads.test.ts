import { expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { Stream } from '../random.ts';
import { any } from './choice.ts';
import { type OpGenerator, pipe } from './generator.ts';
import { rewrap } from './next.ts';
import { phases } from './order.ts';
import { imperfect, invocations, lines, perfect, quick } from './simulate.ts';
import { repeat, sequence } from './sources.ts';
import { eachThread, onClients, onNemesis, onThreads, reserve } from './threads.ts';
import { delay } from './timing.ts';

const read = { f: 'read' };
const write = { f: 'write' };

test('clients and nemesis get their own calls only', () => {
  const plan = any(pipe(repeat({ f: 'kill' }, 100), onNemesis), pipe(repeat(read, 100), onClients));
  const ops = imperfect(plan, { threads: 3 });
  expect(ops).toHaveLength(400);
  for (const op of ops) expect(op.f).toBe(op.process === 'nemesis' ? 'kill' : 'read');
});

test('a plan on some threads hears of these threads only', () => {
  const heard = new Set<unknown>();
  const listening: OpGenerator = {
    next: (context) => rewrap(repeat(read).next(context), () => listening),
    update: (context, event) => {
      heard.add(event.process);
      expect(context.threads).toEqual([1]);
      return listening;
    },
  };
  quick(
    any(
      pipe(
        listening,
        onThreads((thread) => thread === 1),
      ),
      repeat(write),
    ),
    { threads: 3, maxOps: 50 },
  );
  expect([...heard]).toEqual([1]);
});

test('each thread carries out its own copy of the plan', () => {
  const plan = pipe(eachThread(sequence([write, read])), onClients);
  expect(lines(perfect(plan))).toEqual([
    '0 p0 invoke write',
    '0 p1 invoke write',
    '10 p0 ok write',
    '10 p1 ok write',
    '10 p0 invoke read',
    '10 p1 invoke read',
    '20 p0 ok read',
    '20 p1 ok read',
  ]);
});

test('each thread is exhausted at once when all copies are, though a call is open', () => {
  const plan = pipe(phases(eachThread(sequence([write])), eachThread(sequence([read]))), onClients);
  const ops = imperfect(plan, { threads: 4 });
  expect(ops.map((op) => op.f).join(' ')).toBe(
    [...Array(8).fill('write'), ...Array(8).fill('read')].join(' '),
  );
  expect(new Set(invocations(ops).map((op) => `${op.f}${op.process}`)).size).toBe(8);
});

test('reserved threads never change sides', () => {
  const plan = pipe(
    reserve(
      [
        [2, repeat(read, 300)],
        [1, repeat({ f: 'cas' }, 300)],
      ],
      repeat(write, 300),
    ),
    onClients,
  );
  const ops = imperfect(plan, { threads: 6 });
  expect(ops).toHaveLength(1800);
  for (const op of ops) {
    const thread = Number(op.process) % 6;
    expect(op.f).toBe(thread < 2 ? 'read' : thread < 3 ? 'cas' : 'write');
  }
});

test('under a common rate, reserved threads get calls in proportion to their number', () => {
  const plan = pipe(reserve([[2, repeat(read)]], repeat(write)), delay(1), onClients);
  const ops = invocations(perfect(plan, { threads: 10, maxOps: 2000 }));
  const reads = ops.filter((op) => op.f === 'read').length;
  expect(reads).toBeGreaterThan(320);
  expect(reads).toBeLessThan(480);
});

test('reserving more threads than there are is refused with both numbers', () => {
  const plan = pipe(reserve([[5, repeat(read)]], repeat(write)), onClients);
  const refusal = thrownBy(() => perfect(plan, { threads: 3 }));
  expect(refusal.message).toContain('reserve: 5 threads are reserved (5), but only 3 exist');
  expect(refusal.cause).toBeInstanceOf(UsageError);
});

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test.each([1, 2, 3])('free threads are chosen fairly (chi-square, seed %i)', (seed) => {
  const threads = 8;
  const calls = 10_000;
  const plan = pipe(repeat(read), delay(1), onClients);
  const ops = invocations(perfect(plan, { threads, maxOps: calls, stream: Stream.of(seed) }));
  const counts = Array.from(
    { length: threads },
    (_, thread) => ops.filter((op) => op.process === thread).length,
  );
  const expected = calls / threads;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 7 degrees of freedom: 24.3 is exceeded once in a thousand.
  expect(chiSquare, `counts ${counts.join(' ')}`).toBeLessThan(24.3);
});

test('no thread starves: each one is chosen again within two hundred calls', () => {
  const plan = pipe(repeat(read), delay(1), onClients);
  const ops = invocations(perfect(plan, { threads: 8, maxOps: 10_000 }));
  const last = new Map<unknown, number>();
  for (const [place, op] of ops.entries()) {
    expect(place - (last.get(op.process) ?? 0)).toBeLessThan(200);
    last.set(op.process, place);
  }
  expect(last.size).toBe(8);
});
