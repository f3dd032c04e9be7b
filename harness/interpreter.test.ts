import { describe, expect, test } from 'vitest';
import type { Call, Op, Outcome } from '../checkers/op.ts';
import { monotonicClock, nanosPerMs } from './clock.ts';
import { any } from './generator/choice.ts';
import { type OpGenerator, pipe } from './generator/generator.ts';
import { rewrap } from './generator/next.ts';
import { concat, limit, phases } from './generator/order.ts';
import { lines } from './generator/simulate.ts';
import { repeat, sequence } from './generator/sources.ts';
import { onClients, onNemesis } from './generator/threads.ts';
import { delay, sleep, stagger } from './generator/timing.ts';
import { ending, type Invoke, idleNemesis, interpreted } from './interpreter/interpreted.fixture.ts';
import { realTimers } from './interpreter/timers.ts';
import { VirtualTime } from './interpreter/virtual-time.fixture.ts';
import type { FaultOutcome } from './nemesis/nemesis.ts';
import { Stream } from './random.ts';

const read = { f: 'read', key: 'x' };
const write = { f: 'write', key: 'x', value: 1 };
const cas = { f: 'cas', key: 'x', value: [1, 2] };
const ok: Outcome = { type: 'ok' };
const never = new Promise<never>(() => {});
const once = (...calls: Call[]) => pipe(sequence(calls), onClients);
const answer =
  (outcome: unknown): Invoke =>
  () =>
    Promise.resolve(outcome as Outcome);

describe('what is recorded', () => {
  test('both ends of each call, with thread, node and time', async () => {
    const time = new VirtualTime();
    const invoke: Invoke = async (call) => {
      await time.sleep(3);
      return call.f === 'read' ? { type: 'ok', value: 7 } : ok;
    };
    const { ops, report } = await interpreted({ plan: once(write, read), invoke, time, threads: 1 });
    expect(ops).toEqual([
      { index: 0, time: 1000, type: 'invoke', process: 0, node: 'n1', ...write },
      { index: 1, time: 3_001_000, type: 'ok', process: 0, node: 'n1', ...write },
      { index: 2, time: 3_002_000, type: 'invoke', process: 0, node: 'n1', ...read },
      { index: 3, time: 6_002_000, type: 'ok', process: 0, node: 'n1', ...read, value: 7 },
    ]);
    expect(report).toMatchObject({ completed: 2, lateReplies: 0, closeErrors: 0, aborted: false });
  });

  test('a read completes with what it saw, and with no value where the key is absent', async () => {
    expect(
      ending(await interpreted({ plan: once(read), invoke: answer({ type: 'ok' }) })),
    ).not.toHaveProperty('value');
    const seen = ending(await interpreted({ plan: once(read), invoke: answer({ type: 'ok', value: null }) }));
    expect(seen.value).toBe(null);
  });

  test('a write completes with the value it wrote; what the store echoes is kept apart', async () => {
    const run = await interpreted({
      plan: once(write),
      invoke: answer({ type: 'ok', value: { revision: 9 } }),
    });
    expect(ending(run)).toMatchObject({ type: 'ok', value: 1, ext: { returned: { revision: 9 } } });
    expect(ending(await interpreted({ plan: once(write) }))).not.toHaveProperty('ext');
  });

  test('a call without a value of its own completes with what it got', async () => {
    const run = await interpreted({
      plan: once({ f: 'dequeue' }),
      invoke: answer({ type: 'ok', value: 'a' }),
    });
    expect(ending(run)).toMatchObject({ type: 'ok', f: 'dequeue', value: 'a' });
  });

  test('a cas that did not match completes with what it found', async () => {
    const outcome = { type: 'fail', error: { code: 'cas-mismatch' }, found: { value: 5 } };
    const run = await interpreted({ plan: once(cas), invoke: answer(outcome) });
    expect(ending(run)).toMatchObject({ ...outcome, f: 'cas', key: 'x', value: [1, 2] });
  });

  test('the nemesis acts on its own thread, and its op ends as info with what became of the fault', async () => {
    const outcome: FaultOutcome = { status: 'skipped', reason: 'n1 is dead', evidence: { n1: 'dead' } };
    const nemesis = { ...idleNemesis, invoke: () => Promise.resolve(outcome) };
    const plan = pipe(sequence([{ f: 'kill', value: ['n1'] }]), onNemesis);
    expect((await interpreted({ plan, nemesis })).ops).toEqual([
      { index: 0, time: 1000, type: 'invoke', process: 'nemesis', f: 'kill', value: ['n1'] },
      { index: 1, time: 1000, type: 'info', process: 'nemesis', f: 'kill', value: outcome },
    ]);
  });

  test.each<[string, () => Promise<FaultOutcome>, string]>([
    ['throws', () => Promise.reject(new Error('no such node')), 'no such node'],
    ['hangs', () => never, 'timeout'],
    ['answers nonsense', () => Promise.resolve(3 as never), 'the nemesis answered with 3'],
  ])('a nemesis that %s has failed', async (_, invoke, reason) => {
    const plan = pipe(repeat({ f: 'kill' }, 1), onNemesis);
    const { ops } = await interpreted({ plan, nemesis: { ...idleNemesis, invoke }, nemesisTimeoutMs: 50 });
    expect(ops[1]).toMatchObject({ type: 'info', value: { status: 'failed', reason, evidence: {} } });
  });

  test('the plan is told of every op, and only that', async () => {
    const told: Op[] = [];
    const listening = (plan: OpGenerator): OpGenerator => ({
      next: (context) => rewrap(plan.next(context), listening),
      update: (context, event) => {
        told.push(event);
        return listening(plan.update(context, event));
      },
    });
    const plan = any(pipe(repeat(write, 20), onClients), pipe(repeat({ f: 'kill' }, 3), onNemesis));
    const { ops } = await interpreted({ plan: listening(plan) });
    expect(ops).toHaveLength(46);
    expect(told).toEqual(ops);
  });
});

describe('outcomes', () => {
  test.each<[string, Invoke, string]>([
    ['throws', () => Promise.reject(new Error('connection reset')), 'exception'],
    [
      'throws at once',
      () => {
        throw new Error('a bug');
      },
      'exception',
    ],
    ['does not answer', () => never, 'timeout'],
    ['does not know', answer({ type: 'info', error: { code: 'no-quorum' } }), 'no-quorum'],
  ])(
    'pitfall 2: a client that %s leaves a write unknown, and a pure read without effect',
    async (_, invoke, code) => {
      const writing = await interpreted({ plan: once(write, cas), invoke });
      expect(ending(writing)).toMatchObject({ type: 'info', f: 'write', value: 1, error: { code } });
      expect(ending(writing, 1)).toMatchObject({ type: 'info', f: 'cas', value: [1, 2], error: { code } });
      const reading = ending(await interpreted({ plan: once(read), invoke }));
      expect(reading).toMatchObject({ type: 'fail', f: 'read', key: 'x', error: { code } });
      expect(reading).not.toHaveProperty('value');
    },
  );

  test('which calls are pure is for the caller to say', async () => {
    const isPure = (call: Call) => call.f === 'peek';
    const run = await interpreted({ plan: once({ f: 'peek' }, read), invoke: () => never, isPure });
    expect([ending(run), ending(run, 1)].map((op) => op.type)).toEqual(['fail', 'info']);
  });

  test.each<[string, () => Promise<never>, string]>([
    ['is refused', () => Promise.reject(new Error('ECONNREFUSED')), 'ECONNREFUSED'],
    ['does not come about', () => never, 'not connected in time'],
    [
      'breaks at once',
      () => {
        throw new Error('no such node');
      },
      'no such node',
    ],
  ])(
    'pitfall 3: a write whose connection %s has failed, since nothing was sent',
    async (_, openClient, message) => {
      const run = await interpreted({ plan: once(write, write), openClient, threads: 1 });
      expect(ending(run)).toMatchObject({ type: 'fail', value: 1, error: { code: 'no-client', message } });
      expect(ending(run, 1)).toMatchObject({ type: 'fail', process: 0 });
    },
  );

  test('a client that is opened too late is closed, and gets no call', async () => {
    const time = new VirtualTime();
    let isClosed = false;
    const openClient = async () => {
      await time.sleep(150);
      return {
        invoke: () => Promise.reject(new Error('must not be asked')),
        close: async () => void (isClosed = true),
      };
    };
    const run = await interpreted({ plan: concat(once(write), sleep(500)), openClient, time });
    expect(ending(run).error?.code).toBe('no-client');
    expect(isClosed).toBe(true);
  });

  test('pitfall 11: a late reply is counted and reaches nobody', async () => {
    const time = new VirtualTime();
    const invoke: Invoke = async (call) => {
      await time.sleep(call.value === 1 ? 130 : 90);
      return { type: 'ok', value: call.value ?? 'late' };
    };
    const calls = [write, { ...write, value: 2 }, { ...write, value: 3 }];
    const { ops, clients, report } = await interpreted({ plan: once(...calls), invoke, time, threads: 1 });
    expect(lines(ops).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'p0 invoke write x=1',
      'p0 info write x=1',
      'p1 invoke write x=2',
      'p1 ok write x=2',
      'p1 invoke write x=3',
      'p1 ok write x=3',
    ]);
    expect(report?.lateReplies).toBe(1);
    expect(clients.map((client) => client.process)).toEqual([0, 1]);
  });

  test('a client hears by its signal that its call has timed out', async () => {
    const reasons: unknown[] = [];
    const invoke: Invoke = (_, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(signal.reason as Error);
        });
      });
    const run = await interpreted({ plan: once(write), invoke });
    expect(String(reasons)).toContain('no answer within 100 ms');
    expect(ending(run).error).toEqual({ code: 'timeout' });
    expect(run.report?.lateReplies).toBe(0);
  });

  test('after a timed-out read the process goes on, with a fresh client', async () => {
    const invoke: Invoke = (call) => (call.key === 'slow' ? never : Promise.resolve(ok));
    const plan = once({ f: 'read', key: 'slow' }, read);
    const { ops, clients } = await interpreted({ plan, invoke, threads: 1 });
    expect(ops.map((op) => [op.process, op.type])).toEqual([
      [0, 'invoke'],
      [0, 'fail'],
      [0, 'invoke'],
      [0, 'ok'],
    ]);
    expect(clients.map((client) => [client.process, client.isClosed])).toEqual([
      [0, true],
      [0, true],
    ]);
  });

  test.each<[unknown, string]>([
    [undefined, 'is no object'],
    [{ type: 'done' }, 'has the type "done"'],
    [{ type: 'fail' }, 'is a failure without an error'],
    [{ type: 'info', error: 'timeout' }, 'has an error without a code'],
    [{ type: 'ok', value: Number.NaN }, 'has a value that is not JSON'],
    [{ type: 'ok', value: { deep: [() => 1] } }, 'has a value that is not JSON'],
    [{ type: 'fail', error: { code: 'x' }, found: 3 }, 'has a "found" that is no object'],
  ])('a client that answers %j ends the run with both ends shown', async (outcome, wrong) => {
    const plan = pipe(repeat(cas), onClients);
    const run = await interpreted({ plan, invoke: answer(outcome) });
    expect(String(run.problem)).toContain(wrong);
    expect(String(run.problem)).toContain('call {"f":"cas","key":"x","value":[1,2]} was answered with');
    expect(ending(run)).toMatchObject({ type: 'info', error: { code: 'malformed-outcome' } });
    expect(run.clients.every((client) => client.isClosed)).toBe(true);
  });
});

describe('processes and time', () => {
  test('pitfall 15: after info the id is retired, and its thread goes on as id + threads with a fresh client', async () => {
    const { ops, clients } = await interpreted({
      plan: pipe(repeat(write, 6), delay(1), onClients),
      invoke: answer({ type: 'info' }),
      threads: 3,
    });
    const invoked = ops.filter((op) => op.type === 'invoke').map((op) => Number(op.process));
    expect(new Set(invoked).size).toBe(6);
    for (const process of invoked) expect(process < 3 || invoked.includes(process - 3)).toBe(true);
    expect(clients.map((client) => client.process)).toEqual(invoked);
    for (const client of clients) expect(client.thread).toBe(client.process % 3);
    expect(ops.every((op) => op.node === `n${(Number(op.process) % 3) + 1}`)).toBe(true);
  });

  test('pitfall 16: all times are of one monotonic clock, whatever becomes of the wall clock', async () => {
    const { now } = Date;
    let wall = now();
    Date.now = () => (wall -= 1_000_000);
    try {
      const { ops } = await interpreted({
        plan: pipe(repeat(write, 50), onClients),
        clock: monotonicClock(),
        timers: realTimers,
      });
      const times = ops.map((op) => op.time);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...times)).toBeLessThan(30_000 * nanosPerMs);
    } finally {
      Date.now = now;
    }
  });

  test('pitfall 17: an invocation is recorded before its client is opened or asked', async () => {
    const seen: string[] = [];
    await interpreted({
      plan: once(write),
      record: (op) => seen.push(op.type),
      openClient: async () => {
        seen.push('opened');
        return {
          invoke: async () => {
            seen.push('asked');
            return ok;
          },
          close: async () => {},
        };
      },
    });
    expect(seen).toEqual(['invoke', 'opened', 'asked', 'ok']);
  });

  test('pitfall 19: what is answered at once overlaps nothing, however many threads are free', async () => {
    const { ops } = await interpreted({
      plan: pipe(repeat(write, 200), onClients),
      threads: 8,
      clock: monotonicClock(),
      timers: realTimers,
    });
    expect(new Set(ops.map((op) => op.process)).size).toBe(8);
    expect(ops.map((op) => op.type)).toEqual(
      Array.from({ length: 400 }, (_, n) => (n % 2 === 0 ? 'invoke' : 'ok')),
    );
  });

  test('pitfall 20: stalls of the event loop are measured', async () => {
    const stalled = await interpreted({
      plan: pipe(repeat(write, 12), delay(20), onClients),
      clock: monotonicClock(),
      timers: realTimers,
      invoke: async () => {
        const end = performance.now() + 60;
        while (performance.now() < end);
        return ok;
      },
    });
    expect(stalled.report?.eventLoopLagMs.max).toBeGreaterThan(40);
    expect(stalled.report?.eventLoopLagMs.p99).toBeGreaterThan(40);
  });

  test('the mean rate holds within 5 %, though every timer is late', async () => {
    const lateness = Stream.of(9).source();
    const time = new VirtualTime(() => lateness.next() * 3);
    const plan = pipe(repeat(write), stagger(5, Stream.of(2)), limit(4000), onClients);
    const { report } = await interpreted({ plan, time, threads: 5 });
    expect(report?.achievedRate).toBeGreaterThan(190);
    expect(report?.achievedRate).toBeLessThan(210);
  });

  test('a sleep is not begun anew when something happens before the next planned call', async () => {
    const time = new VirtualTime();
    const invoke: Invoke = async () => {
      await time.sleep(5);
      return ok;
    };
    const script = phases(repeat({ f: 'start' }, 1), sleep(20), repeat({ f: 'stop' }, 1));
    const plan = any(pipe(script, onNemesis), pipe(repeat(write, 3), delay(15), onClients));
    const harm = async (): Promise<FaultOutcome> => {
      await time.sleep(1);
      return { status: 'applied', evidence: {} };
    };
    const { ops } = await interpreted({ plan, invoke, time, nemesis: { ...idleNemesis, invoke: harm } });
    const stop = ops.find((op) => op.f === 'stop');
    expect(stop?.time).toBeGreaterThan(21 * nanosPerMs);
    expect(stop?.time).toBeLessThan(23 * nanosPerMs);
  });

  test('waiting costs nothing: a plan that names its time is asked then, another one each millisecond', async () => {
    const asked = async (plan: OpGenerator) => {
      let times = 0;
      const counting = (inner: OpGenerator): OpGenerator => ({
        next: (context) => {
          times++;
          return rewrap(inner.next(context), counting);
        },
        update: (context, event) => counting(inner.update(context, event)),
      });
      await interpreted({ plan: counting(plan) });
      return times;
    };
    expect(await asked(sleep(1000))).toBeLessThan(5);
    expect(await asked(withoutHint(sleep(1000)))).toBeLessThan(1010);
    expect(await asked(withoutHint(sleep(1000)))).toBeGreaterThan(400);
  });

  function withoutHint(plan: OpGenerator): OpGenerator {
    return {
      next: (context) => {
        const next = plan.next(context);
        return next.kind === 'pending' ? { kind: 'pending', rest: withoutHint(next.rest) } : next;
      },
      update: (context, event) => withoutHint(plan.update(context, event)),
    };
  }

  test('waiting uses little of the processor', async () => {
    const before = process.cpuUsage();
    const started = performance.now();
    await interpreted({ plan: withoutHint(sleep(400)), clock: monotonicClock(), timers: realTimers });
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1000 / (performance.now() - started);
    expect(share).toBeLessThan(0.4);
  });
});

describe('the end', () => {
  test('an abort asks for nothing more and waits for what is open', async () => {
    const time = new VirtualTime();
    const abort = new AbortController();
    const invoke: Invoke = async (call) => {
      await time.sleep(call.key === 'slow' ? 1000 : 30);
      return ok;
    };
    const plan = pipe(concat(sequence([{ ...write, key: 'slow' }]), repeat(write)), delay(5), onClients);
    void time.sleep(57).then(() => abort.abort());
    const { ops, report } = await interpreted({ plan, invoke, time, threads: 4, signal: abort.signal });
    const atAbort = 57 * nanosPerMs;
    const invocations = ops.filter((op) => op.type === 'invoke');
    expect(invocations.every((op) => op.time <= atAbort)).toBe(true);
    expect(ops).toHaveLength(invocations.length * 2);
    expect(ops.at(-1)).toMatchObject({ type: 'info', key: 'slow', error: { code: 'timeout' } });
    expect(ops.at(-1)?.time).toBeLessThanOrEqual(101 * nanosPerMs);
    expect(report?.aborted).toBe(true);
  });

  test('an abort waits neither for a client to open nor long for the nemesis', async () => {
    const time = new VirtualTime();
    const abort = new AbortController();
    const plan = any(pipe(repeat(write, 1), onClients), pipe(repeat({ f: 'kill' }, 1), onNemesis));
    void time.sleep(10).then(() => abort.abort());
    const { ops } = await interpreted({
      plan,
      time,
      signal: abort.signal,
      openClient: () => never,
      openTimeoutMs: 60_000,
      nemesis: { ...idleNemesis, invoke: () => never },
    });
    expect(ops.filter((op) => op.type !== 'invoke')).toMatchObject([
      { type: 'fail', time: 10 * nanosPerMs, error: { code: 'no-client' } },
      { type: 'info', time: 110 * nanosPerMs, value: { status: 'failed', reason: 'timeout' } },
    ]);
  });

  test('a run that was aborted before it began records nothing', async () => {
    const { ops, report } = await interpreted({ plan: once(write), signal: AbortSignal.abort() });
    expect(ops).toEqual([]);
    expect(report?.aborted).toBe(true);
  });

  test('a plan that breaks a rule ends the run, and what is open is still recorded', async () => {
    const time = new VirtualTime();
    const broken: OpGenerator = { next: () => ({ kind: 'oops' }) as never, update: () => broken };
    const invoke: Invoke = async () => {
      await time.sleep(20);
      return ok;
    };
    const run = await interpreted({ plan: concat(once(write, write), broken), invoke, time, threads: 3 });
    expect(String(run.problem)).toContain('IllFormedPlanError: a plan answers with kind');
    expect(run.ops.map((op) => op.type)).toEqual(['invoke', 'invoke', 'ok', 'ok']);
  });

  test('a plan that waits for nothing is an error, not a hang', async () => {
    const { problem } = await interpreted({ plan: onClients(repeat(write)), threads: 0 });
    expect(String(problem)).toContain('no call is open');
  });

  test('a record that throws ends the run with its error, and the clients are closed', async () => {
    const failure = new Error('disk full');
    let recorded = 0;
    const run = await interpreted({
      plan: pipe(repeat(write), onClients),
      record: () => {
        recorded++;
        if (recorded === 6) throw failure;
      },
    });
    expect(run.problem).toBe(failure);
    expect(recorded).toBe(6);
    expect(run.clients.every((client) => client.isClosed)).toBe(true);
  });

  test('a client that does not close, or throws when it does, is counted and holds nobody up', async () => {
    let opened = 0;
    const { report } = await interpreted({
      plan: pipe(phases(repeat(write, 4)), onClients),
      threads: 4,
      openClient: async () => {
        opened++;
        const close = opened === 1 ? () => never : () => Promise.reject(new Error('already closed'));
        return { invoke: async () => ok, close };
      },
    });
    expect(report).toMatchObject({ completed: 4, closeErrors: opened });
  });
});
