import { expect, test } from 'vitest';
import type { Outcome } from '../checkers/op.ts';
import { type Clock, monotonicClock } from './clock.ts';
import { any } from './generator/choice.ts';
import { pipe } from './generator/generator.ts';
import { limit } from './generator/order.ts';
import { fromFunction, repeat } from './generator/sources.ts';
import { onClients, onNemesis } from './generator/threads.ts';
import { stagger, timeLimit } from './generator/timing.ts';
import { type Interpreted, type Invoke, interpreted } from './interpreter/interpreted.fixture.ts';
import { realTimers, type Timers } from './interpreter/timers.ts';
import { VirtualTime } from './interpreter/virtual-time.fixture.ts';
import { Stream } from './random.ts';

/** When the client really worked on a call; it may go on after everybody has given up. */
interface Truth {
  readonly from: number;
  to: number;
}

interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pause: (ms: number) => Promise<void>;
  /** If time is virtual. */
  readonly time?: VirtualTime;
}

function realWorld(): World {
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (ms < 1) setImmediate(resolve);
      else setTimeout(resolve, ms);
    });
  return { clock: monotonicClock(), timers: realTimers, pause };
}

function virtualWorld(): World {
  const time = new VirtualTime();
  return { clock: time, timers: time, pause: (ms) => time.sleep(ms), time };
}

/** Random clients: quick, slow and endless, right, wrong, throwing and unknowing. */
async function randomRun(
  seed: number,
  world: World,
  abortAfterMs?: number,
): Promise<{ run: Interpreted; truth: readonly Truth[] }> {
  const stream = Stream.of(seed);
  const random = stream.fork('client').source();
  const truth: Truth[] = [];
  const invoke: Invoke = async (call) => {
    const mine = { from: world.clock.now(), to: Infinity };
    truth[Number(call.value)] = mine;
    const [speed, fate] = [random.next(), random.next()];
    if (speed > 0.3) await world.pause(speed > 0.9 ? 40 * random.next() : 3 * random.next());
    mine.to = world.clock.now();
    if (fate > 0.95) throw new Error('reset');
    const outcomes: Outcome[] = [{ type: 'ok' }, { type: 'fail', error: { code: 'no' } }, { type: 'info' }];
    return outcomes[fate < 0.7 ? 0 : fate < 0.9 ? 1 : 2] as Outcome;
  };
  const abort = new AbortController();
  if (abortAfterMs !== undefined) void world.pause(abortAfterMs).then(() => abort.abort());
  const calls = fromFunction((n) => ({ f: stream.fork('f').draw(n) < 0.5 ? 'read' : 'write', value: n }));
  const run = await interpreted({
    plan: any(
      pipe(calls, stagger(0.2, stream.fork('stagger')), limit(250), onClients),
      pipe(repeat({ f: 'kill' }), stagger(20, stream.fork('kill')), timeLimit(30), onNemesis),
    ),
    invoke,
    threads: 1 + stream.integer(0, 8),
    opTimeoutMs: 20,
    clock: world.clock,
    timers: world.timers,
    signal: abort.signal,
    stream,
    ...(world.time === undefined ? {} : { time: world.time }),
  });
  return { run, truth };
}

/** Promises 4 and 5, and the order of a history. */
function expectPromisesKept(run: Interpreted, truth: readonly Truth[], label: string): void {
  expect(run.problem, label).toBeUndefined();
  const open = new Set<unknown>();
  const retired = new Set<unknown>();
  let time = 0;
  for (const [place, op] of run.ops.entries()) {
    expect(op.index, label).toBe(place);
    expect(op.time, label).toBeGreaterThanOrEqual(time);
    time = op.time;
    expect(retired.has(op.process), `${label}: process ${op.process} after info`).toBe(false);
    expect(open.has(op.process), `${label}: op ${place} of process ${op.process}`).toBe(op.type !== 'invoke');
    if (op.type === 'invoke') open.add(op.process);
    else open.delete(op.process);
    if (op.type === 'info' && op.process !== 'nemesis') retired.add(op.process);
    if (op.type !== 'invoke' || op.process === 'nemesis') continue;
    const completion = run.history.op(run.history.partner(op.index));
    const real = truth[Number(op.value)];
    if (completion.error?.code === 'no-client') continue;
    expect(real?.from, `${label}: start of op ${place}`).toBeGreaterThanOrEqual(op.time);
    if (completion.error?.code === 'timeout') continue;
    expect(real?.to, `${label}: end of op ${place}`).toBeLessThanOrEqual(completion.time);
  }
  expect(open.size, `${label}: calls left open`).toBe(0);
}

const seeds = Array.from({ length: 20 }, (_, n) => 1000 + n);

test.each([1, 2, 3])('on real time, the recorded interval contains the real one (seed %i)', async (seed) => {
  const { run, truth } = await randomRun(seed, realWorld());
  expectPromisesKept(run, truth, `seed ${seed}`);
  expect(truth).toHaveLength(250);
});

test('on virtual time, the recorded interval contains the real one for twenty seeds', async () => {
  for (const seed of seeds) {
    const { run, truth } = await randomRun(seed, virtualWorld());
    expectPromisesKept(run, truth, `seed ${seed}`);
  }
});

test('an abort at any moment leaves every invocation completed', async () => {
  for (const seed of seeds) {
    const abortAfterMs = Stream.of(seed).fork('abort').draw(0) * 50;
    const { run, truth } = await randomRun(seed, virtualWorld(), abortAfterMs);
    expectPromisesKept(run, truth, `seed ${seed}`);
    expect(run.report?.aborted, `seed ${seed}`).toBe(true);
  }
});
