import { describe, expect, it } from 'vitest';
import { invocations, simulate } from '../generator/simulate.ts';
import type { System } from '../system.ts';
import { clockFault } from './clock.ts';
import { composeNemesis } from './compose.ts';
import type { Intent } from './fault-context.ts';
import { makeFault } from './registry.ts';
import { FakeCluster, never } from './testdata/fake-cluster.ts';

const back = (targets: string | string[]) => ({ f: 'bump-clock', value: { targets, byMs: -30_000 } });
const reset = { f: 'reset-clock' };

/** A system that cannot tell what time it is. */
function silent(cluster: FakeCluster): System {
  const system = cluster.system();
  Reflect.deleteProperty(system, 'wallClockMs');
  return system;
}

describe('the fault clock', () => {
  it('bumps the clocks of the chosen nodes, reads them back from the program, and sets them right', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = clockFault(cluster.context());
    expect(await nemesis.invoke(back(['n2']), never)).toEqual({
      status: 'applied',
      evidence: {
        targets: ['n2'],
        nodes: {
          n2: { status: 'applied', byMs: -30_000, offsetMs: -30_000, roundTripMs: 0, 'read by': 'program' },
        },
        'clock-offsets': { n1: 0, n2: -30, n3: 0 },
        'host-moved-ms': 0,
        ms: 0,
      },
    });
    expect(cluster.node('n2').clock.aheadMs).toBe(-30_000);
    expect(await nemesis.invoke(reset, never)).toMatchObject({
      status: 'applied',
      evidence: {
        'clock-offsets': { n1: 0, n2: 0, n3: 0 },
        nodes: { n1: { status: 'skipped' }, n2: { status: 'applied', offsetMs: 0 } },
      },
    });
    expect(cluster.troubles()).toEqual([]);
    expect(await nemesis.restore()).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('n1: its clock was not touched'),
    });
  });

  it('draws an amount of its own for each node, from the seed, in both directions', async () => {
    const bumps = async () => {
      const cluster = new FakeCluster(5);
      const { nemesis } = clockFault(cluster.context());
      const seen: number[] = [];
      for (let i = 0; i < 8; i++) {
        expect(await nemesis.invoke({ f: 'bump-clock', value: 'all' }, never)).toMatchObject({
          status: 'applied',
        });
        seen.push(...cluster.nodes.map(({ clock }) => clock.aheadMs));
        await nemesis.invoke(reset, never);
      }
      return seen;
    };
    const seen = await bumps();
    expect(new Set(seen).size).toBeGreaterThan(35);
    expect(seen.some((ms) => ms < 0) && seen.some((ms) => ms > 0)).toBe(true);
    for (const ms of seen) {
      expect(Math.abs(ms)).toBeGreaterThanOrEqual(11);
      expect(Math.abs(ms)).toBeLessThanOrEqual(288_000);
    }
    expect(seen).toEqual(await bumps());
  });

  it.each([
    ['rate-clock', 'all'],
    ['strobe-clock', 'all'],
  ])('%s is seen on every node, and undone by the reset', async (f, value) => {
    for (let i = 0; i < 6; i++) {
      const cluster = new FakeCluster(3);
      const { nemesis } = clockFault(cluster.context());
      for (let n = 0; n < i; n++) await nemesis.invoke({ f, value: ['n9'] }, never);
      const outcome = await nemesis.invoke({ f, value }, never);
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ status: 'applied' });
      if (f === 'rate-clock') {
        for (const { clock } of cluster.nodes) {
          expect(clock.rate).toBeGreaterThanOrEqual(0.5);
          expect(clock.rate).toBeLessThanOrEqual(2);
        }
      }
      expect(await nemesis.invoke(reset, never)).toMatchObject({ status: 'applied' });
      expect(cluster.troubles()).toEqual([]);
    }
  });

  it('bumps, strobes and rates add up; what goes at a wrong rate is not strobed', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = clockFault(cluster.context());
    const strobe = { deltaMs: 5_000, periodMs: 50, durationMs: 2_000 };
    for (const call of [
      { f: 'bump-clock', value: { targets: ['n1'], byMs: 10_000 } },
      { f: 'strobe-clock', value: { targets: ['n1'], strobe } },
      { f: 'rate-clock', value: { targets: 'all', rate: 1.5 } },
      { f: 'bump-clock', value: { targets: 'all', byMs: -9_000 } },
      { f: 'rate-clock', value: { targets: ['n1'], rate: 0.5 } },
      back('all'),
    ]) {
      const outcome = await nemesis.invoke(call, never);
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ status: 'applied' });
    }
    await nemesis.restore();
    expect(cluster.troubles()).toEqual([]);
  });

  it.each([
    [
      'bump-clock',
      { targets: ['n1'], byMs: 5_000 },
      'bumped by 5000 ms, but read back -5000 ms away from that',
    ],
    ['rate-clock', { targets: ['n1'], rate: 1.5 }, /at the rate 1.5 it should be -\d+ ms away/],
    [
      'strobe-clock',
      { targets: ['n1'], strobe: { deltaMs: 9_000, periodMs: 40, durationMs: 1_000 } },
      'the clock was never seen 9000 ms away from where it should be',
    ],
  ])('pitfall 37: %s that the program does not see is failed', async (f, value, reason) => {
    const cluster = new FakeCluster(3);
    cluster.node('n1').lies.add('clock');
    const { nemesis } = clockFault(cluster.context());
    const outcome = await nemesis.invoke({ f, value }, never);
    expect(outcome.status).toBe('failed');
    if (typeof reason === 'string') expect(outcome.reason).toBe(`n1: ${reason}`);
    else expect(outcome.reason).toMatch(reason);
  });

  it('pitfall 50: a reset that is not seen is failed, and the restore after it as well, until it is seen', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = clockFault(cluster.context());
    await nemesis.invoke(back(['n1']), never);
    cluster.node('n1').lies.add('clock');
    expect(await nemesis.invoke(reset, never)).toMatchObject({
      status: 'failed',
      reason: 'n1: reset, but still -30000 ms off',
    });
    expect(await nemesis.restore()).toMatchObject({ status: 'failed' });
    cluster.node('n1').lies.clear();
    expect(await nemesis.restore()).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
  });

  it('whoever moves the controller’s own clock is found out', async () => {
    const cluster = new FakeCluster(3);
    cluster.node('n1').movesHostClock = (byMs) => {
      cluster.hostMovedMs += byMs;
    };
    const { nemesis } = clockFault(cluster.context());
    expect(await nemesis.invoke(back(['n1']), never)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('the controller’s own clock moved by -30000 ms'.replace('’', "'")),
      evidence: { 'host-moved-ms': -30_000 },
    });
  });

  it('a system that tells no time is read by a fresh program beside it', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = clockFault(cluster.context({ system: silent(cluster) }));
    expect(await nemesis.invoke(back(['n2']), never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n2: { 'read by': 'node', offsetMs: -30_000 } }, 'clock-offsets': { n2: -30 } },
    });
    cluster.node('n2').lies.add('clock');
    expect(await nemesis.invoke(back(['n2']), never)).toMatchObject({ status: 'failed' });
  });

  it('half a round trip is taken off, and a slow answer is allowed for', async () => {
    const cluster = new FakeCluster(3);
    const system = cluster.system();
    const slow: System = {
      ...system,
      async wallClockMs(node, signal) {
        await cluster.timer.sleep(300);
        const shown = (await system.wallClockMs?.(node, signal)) ?? 0;
        await cluster.timer.sleep(300);
        return shown;
      },
    };
    const { nemesis } = clockFault(cluster.context({ system: slow }));
    const outcome = await nemesis.invoke(back(['n2']), never);
    expect(outcome).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n2: { offsetMs: -30_000, roundTripMs: 600 } } },
    });
  });

  it('the dead and the paused are passed over; what is frozen stays wrong until it is thawed', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const clock = clockFault(context).nemesis;
    const freeze = makeFault('freeze', context).nemesis;
    const kill = makeFault('kill', context).nemesis;
    await kill.invoke({ f: 'kill', value: ['n3'] }, never);
    expect(await clock.invoke(back(['n1', 'n3']), never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n3: { status: 'skipped', reason: 'it is dead' } } },
    });
    await freeze.invoke({ f: 'freeze', value: ['n1'] }, never);
    const outcome = await clock.invoke(reset, never);
    expect(outcome).toMatchObject({ status: 'skipped', reason: 'still wrong: n1: its machine is frozen' });
    expect(Object.keys(outcome.evidence['clock-offsets'] ?? {})).toEqual(['n2', 'n3']);
    expect(await clock.restore()).toMatchObject({ status: 'failed' });
    await freeze.invoke({ f: 'thaw' }, never);
    expect(await clock.invoke(reset, never)).toMatchObject({ status: 'applied' });
  });

  it('the clock of a dead program is set right as well', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const { nemesis } = clockFault(context);
    await nemesis.invoke(back(['n1']), never);
    await makeFault('kill', context).nemesis.invoke({ f: 'kill', value: ['n1'] }, never);
    expect(await nemesis.invoke(reset, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n1: { status: 'applied', 'read by': 'node' } } },
    });
  });

  it('pitfall 38: what is about to be done is told first, and what hangs ends with its time', async () => {
    const cluster = new FakeCluster(3);
    const intents: Intent[] = [];
    const intend = async (intent: Intent) => {
      expect(cluster.journal).toEqual([]);
      intents.push(intent);
    };
    const fault = clockFault(cluster.context({ intend }));
    cluster.node('n1').hangs = true;
    const nemesis = composeNemesis([fault], { timer: cluster.timer, timeoutMs: 30_000 });
    expect(await nemesis.invoke(back(['n1']), never)).toMatchObject({ status: 'failed' });
    expect(intents).toEqual([{ f: 'bump-clock', targets: ['n1'] }]);
  });

  it('an interruption ends a strobe early, and the restore finds it ended', async () => {
    const cluster = new FakeCluster(3);
    const nemesis = composeNemesis([clockFault(cluster.context())], {
      timer: cluster.timer,
      timeoutMs: 30_000,
    });
    const interruption = new AbortController();
    const strobe = { deltaMs: 5_000, periodMs: 100, durationMs: 30_000 };
    const outcome = nemesis.invoke(
      { f: 'strobe-clock', value: { targets: 'all', strobe } },
      interruption.signal,
    );
    void cluster.timer.sleep(3_000).then(() => interruption.abort());
    expect(await outcome).toMatchObject({ status: 'skipped' });
    expect(await nemesis.restore()).toMatchObject({ status: 'applied' });
    expect(cluster.timer.now() / 1e9).toBeLessThan(6);
    expect(cluster.troubles()).toEqual([]);
  });

  it('a value that says nothing known is refused', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = clockFault(cluster.context());
    for (const value of ['most', { targets: 'all', byMs: 'much' }, { byMs: 5 }, 7]) {
      expect(await nemesis.invoke({ f: 'bump-clock', value }, never)).toMatchObject({ status: 'failed' });
    }
    expect(await nemesis.invoke({ f: 'bump-clock' }, never)).toMatchObject({ status: 'failed' });
    expect(cluster.journal).toEqual([]);
  });

  it('every run begins with the leader’s clock set back by many seconds, and uses every way', () => {
    const { generator, recovery } = clockFault(new FakeCluster(5).context());
    const ops = invocations(simulate(generator, { maxOps: 200 }));
    expect([ops[0]?.f, ops[0]?.value]).toEqual(['bump-clock', { targets: 'primaries', byMs: -30_000 }]);
    expect(new Set(ops.map(({ f }) => f))).toEqual(
      new Set(['bump-clock', 'strobe-clock', 'rate-clock', 'reset-clock']),
    );
    expect(invocations(simulate(recovery)).map(({ f, value }) => [f, value])).toEqual([
      ['reset-clock', 'all'],
    ]);
  });
});

describe('the fault monotonic', () => {
  it('bends the rate, sees it in the program, and sets the clock right again', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis, generator } = makeFault('monotonic', cluster.context());
    const call = { f: 'rate-monotonic', value: { targets: ['n1'], rate: 0.5 } };
    expect(await nemesis.invoke(call, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n1: { rate: 0.5, 'read by': 'program' } } },
    });
    expect(cluster.journal).toEqual(['clock rate 0.5 n1']);
    expect(await nemesis.invoke({ f: 'reset-monotonic' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
    const [first] = invocations(simulate(generator, { maxOps: 2 }));
    expect(first).toMatchObject({ f: 'rate-monotonic', value: { targets: 'primaries', rate: 0.5 } });
  });

  it('pitfall 37: a rate that the program does not see is failed, and so is a part that is not there', async () => {
    const cluster = new FakeCluster(3);
    cluster.node('n1').lies.add('clock');
    Object.defineProperty(cluster.node('n2').clock, 'setMonotonicRate', { value: undefined });
    const { nemesis } = makeFault('monotonic', cluster.context());
    expect(await nemesis.invoke({ f: 'rate-monotonic', value: ['n1', 'n2'] }, never)).toMatchObject({
      status: 'failed',
      evidence: {
        nodes: {
          n1: { status: 'failed' },
          n2: { reason: 'the environment offers no rate of the monotonic clock' },
        },
      },
    });
  });
});
