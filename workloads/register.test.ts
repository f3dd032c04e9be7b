import { describe, expect, it } from 'vitest';
import { budget } from '../checkers/checker.ts';
import { History } from '../checkers/history.ts';
import { type Json, sameValue } from '../checkers/json.ts';
import type { Op } from '../checkers/op.ts';
import { pipe } from '../harness/generator/generator.ts';
import { invocations, type Reply, simulate } from '../harness/generator/simulate.ts';
import { onClients } from '../harness/generator/threads.ts';
import { stagger } from '../harness/generator/timing.ts';
import { Stream } from '../harness/random.ts';
import { registerWorkload } from './register.ts';
import type { WorkloadSize } from './registry.ts';

const size = (changes: Partial<WorkloadSize> = {}): WorkloadSize => ({
  nodes: 5,
  concurrency: 10,
  values: 'unique',
  opsPerKey: 200,
  stream: Stream.of(7),
  ...changes,
});

/** A correct store: every call takes effect as soon as it arrives. `stale` of the reads answer the value before. */
function store(stale = 0): (op: Op, turn: number) => Reply {
  const values = new Map<string, Json[]>();
  const random = Stream.of(1).source();
  return (op) => {
    const past = values.get(op.key ?? '') ?? [];
    values.set(op.key ?? '', past);
    const current = past.at(-1);
    const afterNanos = 1_000_000 + random.integer(4_000_000);
    if (op.f === 'read') {
      const value = random.next() < stale ? past.at(-2) : current;
      return { afterNanos, outcome: { type: 'ok', ...(value === undefined ? {} : { value }) } };
    }
    if (op.f === 'write') {
      past.push(op.value as Json);
      return { afterNanos, outcome: { type: 'ok', value: op.value as Json } };
    }
    const [from, to] = op.value as readonly [Json, Json];
    if (sameValue(from, current)) {
      past.push(to);
      return { afterNanos, outcome: { type: 'ok', value: op.value as Json } };
    }
    const found = current === undefined ? {} : { value: current };
    return { afterNanos, outcome: { type: 'fail', error: { code: 'cas-mismatch' }, found } };
  };
}

function run(workloadSize: WorkloadSize, reply = store(), ops = 3000): Op[] {
  const plan = pipe(registerWorkload(workloadSize).generator, stagger(5, Stream.of(3)), onClients);
  return simulate(plan, { threads: workloadSize.concurrency, maxOps: ops, reply });
}

describe('the register workload', () => {
  it('gives each node a reader that does nothing but read, and mixes writes and cas about 1 : 2 on the rest', () => {
    const ops = invocations(run(size()));
    const thread = (op: Op) => (op.process as number) % 10;
    const byReaders = ops.filter((op) => thread(op) < 5);
    expect(new Set(byReaders.map((op) => op.f))).toEqual(new Set(['read']));
    expect(new Set(byReaders.map(thread)).size).toBe(5);
    const byWriters = ops.filter((op) => thread(op) >= 5);
    expect(byWriters.some((op) => op.f === 'read')).toBe(false);
    const cas = byWriters.filter((op) => op.f === 'cas').length / byWriters.length;
    expect(cas).toBeGreaterThan(0.55);
    expect(cas).toBeLessThan(0.75);
  });

  it('writes each value once to a key, unless small values are asked for', () => {
    const written = (ops: readonly Op[]) =>
      ops
        .filter((op) => op.f !== 'read')
        .map((op) => `${op.key}=${JSON.stringify(op.f === 'cas' ? (op.value as Json[])[1] : op.value)}`);
    const unique = written(invocations(run(size())));
    expect(new Set(unique).size).toBe(unique.length);
    const small = invocations(run(size({ values: 'small' }))).filter((op) => op.key?.startsWith('k'));
    const values = new Set(small.filter((op) => op.f === 'write').map((op) => op.value));
    expect([...values].toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 1, 2, 3, 4]);
  });

  it('has cas that match and cas that do not', () => {
    const cas = run(size()).filter((op) => op.f === 'cas' && op.type !== 'invoke');
    const matched = cas.filter((op) => op.type === 'ok').length;
    expect(matched).toBeGreaterThan(cas.length / 10);
    expect(matched).toBeLessThan(cas.length);
  });

  it('pitfall 30: leaves a key after a jittered number of operations, and keeps a few keys for the whole run', () => {
    const ops = invocations(run(size(), store(), 12_000));
    const counts = new Map<string, number>();
    for (const op of ops) counts.set(op.key ?? '', (counts.get(op.key ?? '') ?? 0) + 1);
    const rotating = [...counts].filter(([key]) => key.startsWith('k'));
    const finished = rotating.slice(0, -1).map(([, count]) => count);
    expect(finished.length).toBeGreaterThan(10);
    for (const count of finished) expect(count).toBeGreaterThanOrEqual(180);
    for (const count of finished) expect(count).toBeLessThanOrEqual(200);
    expect(new Set(finished).size).toBeGreaterThan(3);
    for (const key of ['long-1', 'long-2']) expect(counts.get(key)).toBeGreaterThan(600);
  });

  it('pitfall 32: leaves a key early when too many of its processes have crashed', () => {
    const crashing = (op: Op): Reply => ({
      afterNanos: 1000,
      outcome: op.f === 'read' ? { type: 'ok' } : { type: 'info' },
    });
    const ops = invocations(run(size(), crashing));
    const first = new Set(ops.filter((op) => op.key === 'k1').map((op) => op.process));
    expect(first.size).toBeLessThanOrEqual(20);
    expect(ops.some((op) => op.key === 'k5')).toBe(true);
  });

  it('makes the same calls for the same seed, and others for another', () => {
    const calls = (seed: number) =>
      invocations(run(size({ stream: Stream.of(seed) }))).map(({ f, key, value }) => ({ f, key, value }));
    expect(calls(1)).toEqual(calls(1));
    expect(calls(1)).not.toEqual(calls(2));
  });

  it('passes a correct store, and fails one whose reads are sometimes old', async () => {
    const { checker } = registerWorkload(size());
    const good = await checker.check(History.of(run(size())), budget({ timeMs: 20_000 }));
    expect(good).toMatchObject({ validity: 'valid' });
    const bad = await checker.check(History.of(run(size(), store(0.02))), budget({ timeMs: 20_000 }));
    expect(bad.validity).toBe('invalid');
    expect(bad.counterexamples?.[0]?.operations.length).toBeLessThan(8);
  });

  it('runs with any concurrency: one thread, and numbers that are no multiple of the nodes', () => {
    for (const concurrency of [1, 3, 7, 20]) {
      const ops = invocations(run(size({ concurrency }), store(), 500));
      expect(new Set(ops.map((op) => op.f))).toEqual(new Set(['read', 'write', 'cas']));
    }
  });

  it('reads at the end on every thread until the read is ok', () => {
    const { finalGenerator } = registerWorkload(size());
    if (finalGenerator === undefined) throw new Error('no final reads');
    const firstFails = (_: Op, turn: number): Reply => ({
      afterNanos: 1000,
      outcome: turn === 0 ? { type: 'fail', error: { code: 'no-leader' } } : { type: 'ok' },
    });
    const ops = simulate(pipe(finalGenerator, onClients), { threads: 10, reply: firstFails });
    const okBy = ops.filter((op) => op.type === 'ok').map((op) => `${op.process} ${op.key}`);
    expect(okBy.length).toBe(20);
    expect(new Set(okBy).size).toBe(20);
  });
});
