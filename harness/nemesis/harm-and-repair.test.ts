import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Op } from '../../checkers/op.ts';
import { nanosPerMs } from '../clock.ts';
import { any } from '../generator/choice.ts';
import { type OpGenerator, pipe } from '../generator/generator.ts';
import { invocations, simulate } from '../generator/simulate.ts';
import { repeat } from '../generator/sources.ts';
import { onClients, onNemesis } from '../generator/threads.ts';
import { delay, timeLimit } from '../generator/timing.ts';
import { Stream } from '../random.ts';
import { harmAndRepair } from './harm-and-repair.ts';

const plan = (seed: number, name = 'kill', intervalMs = 10_000): OpGenerator =>
  harmAndRepair({
    harms: [
      { call: { f: name, value: 'one' }, weight: 3 },
      { call: { f: name, value: 'all' }, weight: 1, breaksQuorum: true },
    ],
    repair: { f: `un${name}` },
    stream: Stream.of(seed).fork(name),
    intervalMs,
    minimumHarmMs: 2_000,
  });

/** Each call of the nemesis takes so long. */
const taking = (ms: number) => () => ({ afterNanos: ms * nanosPerMs, outcome: { type: 'info' } as const });

function calls(ops: readonly Op[]): string[] {
  return invocations(ops)
    .filter((op) => op.process === 'nemesis')
    .map((op) => `${op.time / nanosPerMs} ${op.f}${typeof op.value === 'string' ? ` ${op.value}` : ''}`);
}

describe('the schedule of harm and repair', () => {
  it('is the same for the same stream, times included', () => {
    const ops = simulate(plan(1), { maxOps: 6, reply: taking(100) });
    expect(calls(ops)).toMatchInlineSnapshot(`
      [
        "9071 kill one",
        "19142 unkill",
        "29063 kill one",
        "37825 unkill",
        "49679 kill one",
        "61922 unkill",
      ]
    `);
    expect(calls(simulate(plan(1), { maxOps: 6, reply: taking(100) }))).toEqual(calls(ops));
  });

  it('begins with the first of the harms, whatever the seed, so that a short run has it too', () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(calls(simulate(plan(seed), { maxOps: 2, reply: taking(100) }))[0]).toMatch(/ kill one$/);
    }
    const later = calls(simulate(plan(1), { maxOps: 400, reply: taking(100) }));
    expect(later.some((call) => call.endsWith('kill all'))).toBe(true);
  });

  it('pitfall 28: harm and repair are strictly in turn, whatever the calls come to', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 40_000 }), (seed, slowMs) => {
        const fs = invocations(simulate(plan(seed), { maxOps: 20, reply: taking(slowMs) })).map((op) => op.f);
        expect(fs).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'kill' : 'unkill')));
      }),
    );
  });

  it('pitfall 43: harm lasts half an interval at least, counted from its end, however slow it was to do', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 40_000 }), (seed, slowMs) => {
        const ops = simulate(plan(seed), { maxOps: 20, reply: taking(slowMs) });
        for (const [i, op] of ops.entries()) {
          const before = ops[i - 1];
          if (op.f !== 'unkill' || op.type !== 'invoke' || before === undefined) continue;
          const heldMs = (op.time - before.time) / nanosPerMs;
          const [least, most] = before.value === 'all' ? [2_500, 7_500] : [5_000, 15_000];
          expect(heldMs).toBeGreaterThanOrEqual(least);
          expect(heldMs).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('pitfall 43: no harm is shorter than the minimum, even if the interval is', () => {
    const ops = simulate(plan(3, 'kill', 1_000), { maxOps: 20, reply: taking(0) });
    const held = ops.flatMap((op, i) =>
      op.f === 'unkill' && op.type === 'invoke' ? [(op.time - (ops[i - 1]?.time ?? 0)) / nanosPerMs] : [],
    );
    expect(held).toHaveLength(10);
    expect(Math.min(...held)).toBe(2_000);
  });

  it('leaves healthy gaps of half an interval at least between a repair and the next harm', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const ops = simulate(plan(seed), { maxOps: 20, reply: taking(50) });
        for (const [i, op] of ops.entries()) {
          if (op.f !== 'kill' || op.type !== 'invoke' || i === 0) continue;
          const gapMs = (op.time - (ops[i - 1]?.time ?? 0)) / nanosPerMs;
          expect(gapMs).toBeGreaterThanOrEqual(5_000);
          expect(gapMs).toBeLessThanOrEqual(15_000);
        }
        expect((ops[0]?.time ?? Infinity) / nanosPerMs).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  it('of several faults each keeps its own schedule, which another fault beside it does not shift', () => {
    const alone = calls(simulate(plan(5), { maxTimeMs: 100_000, reply: taking(0) }));
    const both = calls(simulate(any(plan(5), plan(5, 'pause')), { maxTimeMs: 100_000, reply: taking(0) }));
    expect(both.filter((call) => / (un)?kill/.test(call))).toEqual(alone);
    expect(both.some((call) => call.includes('pause'))).toBe(true);
  });

  it('ends with its time limit, in the midst of harm if need be', () => {
    const ops = simulate(pipe(plan(1), timeLimit(60_000)), { reply: taking(10) });
    expect(ops.length).toBeGreaterThan(4);
    expect(Math.max(...ops.map((op) => op.time)) / nanosPerMs).toBeLessThan(80_000);
  });

  it('keeps its times beside busy clients, who are not disturbed by it', () => {
    const clients = pipe(repeat({ f: 'read' }), delay(10), onClients);
    const run = (seed: number) =>
      simulate(pipe(any(clients, pipe(plan(seed), onNemesis)), timeLimit(30_000)), {
        maxOps: 10_000,
        reply: taking(5),
      });
    const alone = simulate(plan(2), { maxTimeMs: 30_000, reply: taking(5) });
    const within = calls(run(2)).map((call) => call.split(' ')[1]);
    expect(within.length).toBeGreaterThan(1);
    expect(calls(alone).map((call) => call.split(' ')[1])).toEqual(expect.arrayContaining(within));
    const reads = (ops: readonly Op[]) => ops.filter((op) => op.f === 'read').map((op) => op.time);
    expect(reads(run(2)).length).toBeGreaterThan(2_500);
  });

  it('pitfall 36: chooses by weight, both what leaves a majority and what does not', () => {
    const ops = invocations(simulate(plan(9), { maxOps: 2_000, reply: taking(0) })).filter(
      (op) => op.f === 'kill',
    );
    const share = ops.filter((op) => op.value === 'all').length / ops.length;
    expect(ops).toHaveLength(1_000);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  });

  it('without the nemesis among its threads it has nothing to do', () => {
    expect(simulate(pipe(plan(1), onClients))).toEqual([]);
  });

  it('a fault without any harm is a mistake of ours', () => {
    const options = { repair: { f: 'x' }, stream: Stream.of(0), intervalMs: 1, minimumHarmMs: 1 };
    expect(() => harmAndRepair({ ...options, harms: [] })).toThrow('at least one way to do harm');
  });
});
