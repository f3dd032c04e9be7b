import { describe, expect, it } from 'vitest';
import type { Op } from '../checkers/op.ts';
import { pipe } from './generator/generator.ts';
import { flipFlop, limit } from './generator/order.ts';
import { lines, type Reply, simulate } from './generator/simulate.ts';
import { repeat } from './generator/sources.ts';
import { delay } from './generator/timing.ts';
import type { Fault } from './nemesis/nemesis.ts';
import { Stream } from './random.ts';
import { schedule } from './schedule.ts';

const noHarm = { status: 'applied', evidence: {} } as const;

/** A fault that harms and repairs in turn, every 30 ms. */
const fault: Fault = {
  name: 'noise',
  about: 'a fault for tests',
  band: { name: 'noise', from: ['harm'], to: ['repair'], colour: '#000000' },
  nemesis: { fs: ['harm', 'repair'], invoke: async () => noHarm, restore: async () => noHarm },
  generator: pipe(flipFlop(repeat({ f: 'harm' }), repeat({ f: 'repair' })), delay(30)),
  recovery: pipe(repeat({ f: 'repair' }), limit(1)),
};

function run(faults: readonly Fault[]): Op[] {
  const reply = (): Reply => ({ afterNanos: 100_000, outcome: { type: 'ok' } });
  const plan = schedule({
    workload: {
      name: 'ping',
      generator: repeat({ f: 'ping' }),
      finalGenerator: pipe(repeat({ f: 'last' }), limit(3)),
      checker: { name: 'none', check: async () => ({ validity: 'unknown', summary: '' }) },
      required: [],
      model: 'none',
    },
    faults,
    rate: 1000,
    timeLimitMs: 100,
    warmUpMs: 20,
    calmMs: 40,
    finalMs: 1000,
    stream: Stream.of(1),
  });
  return simulate(plan, { threads: 2, reply });
}

describe('the schedule of a run', () => {
  it('is warm-up, faults, repair, a leader, a calm while, final reads, to the nanosecond', () => {
    const script = lines(run([fault]).filter((op) => op.process === 'nemesis' && op.type === 'invoke'));
    expect(script).toEqual([
      '0 nemesis invoke phase ="warm-up"',
      '20100000 nemesis invoke phase ="main"',
      '20200000 nemesis invoke harm',
      '50200000 nemesis invoke repair',
      '80200000 nemesis invoke harm',
      '100200000 nemesis invoke phase ="recovery"',
      '100300000 nemesis invoke repair',
      '100400000 nemesis invoke await-leader',
      expect.stringMatching(/^14\d{7} nemesis invoke phase ="final"$/),
    ]);
  });

  it('pitfall 25: clients work through faults, repair and calm, and stop before the final reads', () => {
    const ops = run([fault]).filter((op) => op.type === 'invoke');
    const final = ops.findIndex((op) => op.f === 'phase' && op.value === 'final');
    expect(ops.slice(final + 1).map((op) => op.f)).toEqual(['last', 'last', 'last']);
    const pings = ops.filter((op) => op.f === 'ping').map((op) => op.time / 1e6);
    expect(pings[0]).toBeLessThan(5);
    expect(pings.at(-1)).toBeGreaterThan(130);
  });

  it('pitfall 23: the time limit counts warm-up and faults; repair, calm and final reads come after it', () => {
    const times = new Map(
      run([fault])
        .filter((op) => op.f === 'phase')
        .map((op) => [op.value, op.time / 1e6]),
    );
    expect(times.get('recovery')).toBeCloseTo(100, 0);
    expect(times.get('final')).toBeGreaterThan(140);
  });

  it("adding a fault does not shift the clients' operations", () => {
    const pings = (ops: Op[]) =>
      ops.filter((op) => op.f === 'ping' && op.type === 'invoke' && op.time < 90e6).map((op) => op.time);
    expect(pings(run([]))).toEqual(pings(run([fault])));
  });
});
