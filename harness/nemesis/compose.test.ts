import { describe, expect, it } from 'vitest';
import { History, type NewOp } from '../../checkers/history.ts';
import { canonicalJson, type Json } from '../../checkers/json.ts';
import type { Call } from '../../checkers/op.ts';
import { any } from '../generator/choice.ts';
import { invocations, simulate } from '../generator/simulate.ts';
import { Stream } from '../random.ts';
import { composeNemesis } from './compose.ts';
import { killFault } from './kill.ts';
import type { Nemesis } from './nemesis.ts';
import { partitionFault } from './partition.ts';
import { pauseFault } from './pause.ts';
import { phaseMarks } from './phase-marks.ts';
import { FakeCluster, FakeTimer, never } from './testdata/fake-cluster.ts';

function allFaults(cluster: FakeCluster, seed = 7) {
  const context = cluster.context({ stream: Stream.of(seed) });
  return [killFault(context), pauseFault(context), partitionFault(context)];
}

function composed(cluster: FakeCluster): Nemesis {
  return composeNemesis([...allFaults(cluster), phaseMarks()], { timer: cluster.timer, timeoutMs: 30_000 });
}

const idle: Nemesis = {
  fs: ['idle'],
  invoke: async () => ({ status: 'applied', evidence: {} }),
  restore: async () => ({ status: 'skipped', evidence: {} }),
};

const options = { timer: new FakeTimer(), timeoutMs: 1_000 };

describe('several faults as one nemesis', () => {
  it('answers to all their calls and routes each to its fault', async () => {
    const cluster = new FakeCluster(5);
    const nemesis = composed(cluster);
    expect(nemesis.fs).toEqual([
      'kill',
      'start',
      'pause',
      'resume',
      'start-partition',
      'stop-partition',
      'phase',
    ]);
    for (const call of [
      { f: 'kill', value: ['n1'] },
      { f: 'pause', value: ['n2'] },
      { f: 'start-partition', value: [['n3'], ['n4']] },
      { f: 'phase', value: 'main' },
    ]) {
      expect((await nemesis.invoke(call, never)).status).toBe('applied');
    }
    expect(cluster.journal).toEqual(['SIGKILL n1', 'SIGSTOP n2', 'cut']);
  });

  it('two faults that answer to the same call are an error at the start', () => {
    const twice = [
      { name: 'first', nemesis: idle },
      { name: 'second', nemesis: idle },
    ];
    expect(() => composeNemesis(twice, options)).toThrow(
      'both first and second answer to the nemesis call "idle"',
    );
  });

  it('a call that nobody answers to is an error at the start, be it in the plan or in a band', async () => {
    const parts = [{ name: 'idle', nemesis: idle }];
    expect(() => composeNemesis(parts, { ...options, calls: ['idle', 'flood'] })).toThrow('"flood"');
    const band = { name: 'idle', from: ['idle'], to: ['stir'], colour: '#000000' };
    expect(() => composeNemesis([{ name: 'idle', nemesis: idle, band }], options)).toThrow('"stir"');
    expect(await composeNemesis(parts, options).invoke({ f: 'flood' }, never)).toMatchObject({
      status: 'failed',
      reason: 'no fault answers to "flood"',
    });
  });

  it('restores the net before the paused before the dead, whatever the order of the faults', async () => {
    const cluster = new FakeCluster(5);
    const nemesis = composed(cluster);
    await nemesis.invoke({ f: 'kill', value: ['n1'] }, never);
    await nemesis.invoke({ f: 'pause', value: ['n2'] }, never);
    await nemesis.invoke({ f: 'start-partition', value: 'halves' }, never);
    cluster.journal.length = 0;
    const outcome = await nemesis.restore();
    expect(outcome).toMatchObject({
      status: 'applied',
      evidence: {
        partition: { status: 'applied' },
        pause: { status: 'applied' },
        kill: { status: 'applied' },
        phase: { status: 'skipped' },
      },
    });
    expect(cluster.journal).toEqual(['heal', 'SIGCONT n2', 'start n1']);
    expect(await nemesis.restore()).toMatchObject({ status: 'skipped' });
  });

  it('pitfall 39: one restore that fails keeps none of the others from its turn, and is told', async () => {
    const cluster = new FakeCluster(5);
    const nemesis = composed(cluster);
    await nemesis.invoke({ f: 'kill', value: ['n1'] }, never);
    await nemesis.invoke({ f: 'start-partition', value: 'halves' }, never);
    cluster.net.healsDoNothing = true;
    expect(await nemesis.restore()).toMatchObject({
      status: 'failed',
      reason: 'partition: not every link was seen to be whole',
    });
    expect(cluster.states()).toBe('running running running running running');
  });

  it('pitfall 39: two restores at once are one', async () => {
    const cluster = new FakeCluster(3);
    const nemesis = composed(cluster);
    await nemesis.invoke({ f: 'kill', value: ['n1'] }, never);
    const [first, second] = await Promise.all([nemesis.restore(), nemesis.restore()]);
    expect(first).toBe(second);
    expect(cluster.journal).toEqual(['SIGKILL n1', 'heal', 'start n1']);
  });

  it('a fault that hangs is failed after its time, and what hangs does not keep the others from being restored', async () => {
    const cluster = new FakeCluster(3);
    const nemesis = composed(cluster);
    await nemesis.invoke({ f: 'pause', value: ['n2'] }, never);
    cluster.net.hangs = true;
    expect(await nemesis.invoke({ f: 'start-partition', value: 'one' }, never)).toMatchObject({
      status: 'failed',
      reason: 'no end within 30000 ms; "start-partition" may be done in part',
    });
    expect(cluster.timer.now() / 1e9).toBe(30);
    expect(await nemesis.invoke({ f: 'stop-partition' }, never)).toMatchObject({
      status: 'failed',
      reason: '"start-partition" is still under way',
    });
    expect(await nemesis.restore()).toMatchObject({ evidence: { pause: { status: 'applied' } } });
    expect(cluster.states()).toBe('running running running');
    expect(cluster.journal).toEqual(['SIGSTOP n2', 'cut', 'heal', 'SIGCONT n2']);
  });

  it('a harm that comes late is undone: the restore waits for its end', async () => {
    const cluster = new FakeCluster(3);
    const { timer } = cluster;
    const { nemesis: slow } = killFault(cluster.context());
    const nemesis = composeNemesis(
      [
        {
          name: 'slow',
          nemesis: {
            ...slow,
            async invoke(call, _signal) {
              await timer.sleep(45_000);
              return slow.invoke(call, never);
            },
          },
        },
      ],
      { timer, timeoutMs: 30_000 },
    );
    expect((await nemesis.invoke({ f: 'kill', value: 'all' }, never)).status).toBe('failed');
    expect(await nemesis.restore()).toMatchObject({ status: 'applied' });
    expect(cluster.states()).toBe('running running running');
    expect(cluster.journal.slice(0, 3)).toEqual(['SIGKILL n1', 'SIGKILL n2', 'SIGKILL n3']);
  });

  it('an interruption ends a hung call within a second and is no failure', async () => {
    const cluster = new FakeCluster(3);
    cluster.net.hangs = true;
    const interruption = new AbortController();
    const outcome = composed(cluster).invoke({ f: 'start-partition', value: 'one' }, interruption.signal);
    void cluster.timer.sleep(5_000).then(() => interruption.abort());
    expect(await outcome).toMatchObject({
      status: 'skipped',
      reason: 'interrupted; "start-partition" may be done in part',
    });
    expect(cluster.timer.now() / 1e9).toBe(6);
  });

  it('a part may have a limit of its own', async () => {
    const timer = new FakeTimer();
    const patient: Nemesis = {
      ...idle,
      timeoutMs: 60_000,
      async invoke() {
        await timer.sleep(50_000);
        return { status: 'applied', evidence: {} };
      },
    };
    const nemesis = composeNemesis([{ name: 'patient', nemesis: patient }], { timer, timeoutMs: 1_000 });
    expect((await nemesis.invoke({ f: 'idle' }, never)).status).toBe('applied');
  });

  it('pitfall 53: what a fault throws is a failed fault, which ends no run', async () => {
    const broken: Nemesis = {
      ...idle,
      invoke: async () => {
        throw new Error('the firewall is gone');
      },
      restore: async () => {
        throw new Error('still gone');
      },
    };
    const nemesis = composeNemesis([{ name: 'firewall', nemesis: broken }], options);
    expect(await nemesis.invoke({ f: 'idle' }, never)).toEqual({
      status: 'failed',
      reason: 'the firewall is gone',
      evidence: {},
    });
    expect(await nemesis.restore()).toMatchObject({ status: 'failed', reason: 'firewall: still gone' });
  });

  it('pitfall 52: its calls pair in a history, are left out of what models judge, and survive as JSON', async () => {
    const cluster = new FakeCluster(5);
    const nemesis = composed(cluster);
    const calls: Call[] = [
      { f: 'phase', value: 'main' },
      { f: 'start-partition', value: 'leader' },
      { f: 'kill', value: 'minority' },
      { f: 'pause', value: 'all' },
      { f: 'resume', value: 'all' },
      { f: 'start', value: 'all' },
      { f: 'stop-partition' },
    ];
    const ops: NewOp[] = [{ type: 'invoke', process: 0, f: 'write', key: 'x', value: 1, time: 0 }];
    for (const call of calls) {
      const outcome = { ...(await nemesis.invoke(call, never)) } as Json;
      expect(canonicalJson(JSON.parse(JSON.stringify(outcome)) as Json)).toBe(canonicalJson(outcome));
      ops.push({ type: 'invoke', process: 'nemesis', ...call, time: ops.length });
      ops.push({ type: 'info', process: 'nemesis', f: call.f, value: outcome, time: ops.length });
    }
    ops.push({ type: 'ok', process: 0, f: 'write', key: 'x', value: 1, time: ops.length });
    const history = History.of(ops);
    expect(calls.map((_, i) => history.partner(1 + 2 * i))).toEqual(calls.map((_, i) => 2 + 2 * i));
    expect(history.operations().map(({ call }) => call.f)).toEqual(['write']);
  });

  it('pitfall 28: whole composed schedules leave no node in a wrong state, for many seeds', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const cluster = new FakeCluster(5);
      const faults = allFaults(cluster, seed);
      const nemesis = composeNemesis(faults, { timer: cluster.timer, timeoutMs: 30_000 });
      const schedule = invocations(
        simulate(any(...faults.map(({ generator }) => generator)), { maxOps: 40 }),
      );
      for (const { f, value } of schedule) {
        const outcome = await nemesis.invoke({ f, ...(value === undefined ? {} : { value }) }, never);
        expect(outcome.status, `seed ${seed}: ${f} ${JSON.stringify(outcome)}`).not.toBe('failed');
      }
      await nemesis.restore();
      expect(cluster.states(), `seed ${seed}`).toBe('running running running running running');
      expect(cluster.net.rules.size).toBe(0);
    }
  });
});
