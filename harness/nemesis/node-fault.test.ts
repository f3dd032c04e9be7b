import { describe, expect, it } from 'vitest';
import { pipe } from '../generator/generator.ts';
import { invocations, simulate } from '../generator/simulate.ts';
import { onNemesis } from '../generator/threads.ts';
import type { Intent } from './fault-context.ts';
import { killFault } from './kill.ts';
import { pauseFault } from './pause.ts';
import { targetWords } from './targets.ts';
import { FakeCluster, never } from './testdata/fake-cluster.ts';

describe('the fault kill', () => {
  it('kills the chosen nodes, sees them dead, starts them again and sees them serve', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = killFault(cluster.context());
    expect(await nemesis.invoke({ f: 'kill', value: ['n1', 'n3'] }, never)).toEqual({
      status: 'applied',
      evidence: {
        targets: ['n1', 'n3'],
        nodes: {
          n1: { status: 'applied', was: 'running', now: 'dead', pid: 100, ms: 0 },
          n3: { status: 'applied', was: 'running', now: 'dead', pid: 100, ms: 0 },
        },
        ms: 0,
      },
    });
    expect(cluster.states()).toBe('dead running dead');
    expect(await nemesis.invoke({ f: 'start', value: 'all' }, never)).toMatchObject({
      status: 'applied',
      evidence: {
        nodes: {
          n1: { status: 'applied', was: 'dead', now: 'running', pid: 101, ready: true },
          n2: { status: 'skipped', reason: 'it is running' },
          n3: { status: 'applied', was: 'dead', now: 'running', ready: true },
        },
      },
    });
    expect(cluster.states()).toBe('running running running');
  });

  it('pitfall 37: a node that is not seen to be dead makes it failed, and names the node', async () => {
    const cluster = new FakeCluster(3);
    cluster.node('n2').stubborn = true;
    const { nemesis } = killFault(cluster.context());
    expect(await nemesis.invoke({ f: 'kill', value: ['n1', 'n2'] }, never)).toMatchObject({
      status: 'failed',
      reason: 'n2: kill was tried, but it is running',
      evidence: { nodes: { n1: { status: 'applied' }, n2: { status: 'failed', now: 'running' } } },
    });
  });

  it('pitfall 38: the chosen nodes are told before the first of them is touched', async () => {
    const cluster = new FakeCluster(5);
    const intents: Intent[] = [];
    const intend = async (intent: Intent) => {
      expect(cluster.journal).toEqual([]);
      intents.push(intent);
    };
    const { nemesis } = killFault(cluster.context({ intend }));
    const outcome = await nemesis.invoke({ f: 'kill', value: 'minority' }, never);
    expect(intents).toEqual([{ f: 'kill', targets: outcome.evidence['targets'] }]);
    expect(
      cluster
        .states()
        .split(' ')
        .filter((state) => state === 'dead'),
    ).toHaveLength(2);
  });

  it('a node that is started but does not serve in time is told, and is no failure', async () => {
    const cluster = new FakeCluster(3);
    cluster.ready.clear();
    const { nemesis } = killFault(cluster.context({ readyTimeoutMs: 1_500 }));
    await nemesis.invoke({ f: 'kill', value: ['n1'] }, never);
    expect(await nemesis.invoke({ f: 'start', value: ['n1'] }, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n1: { now: 'running', ready: false, ms: 1_500 } }, ms: 1_500 },
    });
  });

  it('a node that died by another hand is seen, told, and started by the next repair', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = killFault(cluster.context());
    cluster.node('n2').program = 'dead';
    expect(await nemesis.invoke({ f: 'kill', value: ['n2'] }, never)).toMatchObject({
      status: 'skipped',
      reason: 'n2: it is dead',
      evidence: { nodes: { n2: { was: 'dead', expected: 'running' } } },
    });
    expect((await nemesis.restore()).status).toBe('applied');
    expect(cluster.states()).toBe('running running running');
  });

  it('pitfall 51: primaries are all that claim to lead; only running nodes are asked', async () => {
    const cluster = new FakeCluster(5);
    cluster.claims = [
      [
        { node: 'n2', term: 3 },
        { node: 'n4', term: 5 },
      ],
    ];
    const context = cluster.context();
    await pauseFault(context).nemesis.invoke({ f: 'pause', value: ['n1'] }, never);
    const outcome = await killFault(context).nemesis.invoke({ f: 'kill', value: 'primaries' }, never);
    expect(outcome.evidence['targets']).toEqual(['n2', 'n4']);
    expect(cluster.asked).toEqual([['n2', 'n3', 'n4', 'n5']]);
  });

  it('pitfall 51: when nobody claims to lead a random node is hit and the evidence says so', async () => {
    const cluster = new FakeCluster(5);
    const outcome = await killFault(cluster.context()).nemesis.invoke(
      { f: 'kill', value: 'primaries' },
      never,
    );
    expect(outcome).toMatchObject({
      status: 'applied',
      evidence: { note: 'nobody claims to lead; a random node instead' },
    });
    expect(cluster.journal).toHaveLength(1);
  });

  it('chooses anew each time, and the same again in a run with the same seed', async () => {
    const chosen = async () => {
      const cluster = new FakeCluster(5);
      const { nemesis } = killFault(cluster.context());
      for (let i = 0; i < 12; i++) {
        await nemesis.invoke({ f: 'kill', value: 'one' }, never);
        await nemesis.invoke({ f: 'start' }, never);
      }
      return cluster.journal;
    };
    expect(new Set(await chosen()).size).toBeGreaterThan(4);
    expect(await chosen()).toEqual(await chosen());
  });

  it('an unknown target and a call that is aborted touch nothing', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = killFault(cluster.context());
    expect(await nemesis.invoke({ f: 'kill', value: 'most' }, never)).toMatchObject({
      status: 'failed',
      reason: 'unknown targets "most"',
    });
    expect(await nemesis.invoke({ f: 'kill', value: 'all' }, AbortSignal.abort())).toMatchObject({
      status: 'skipped',
      reason: 'n1: interrupted; n2: interrupted; n3: interrupted',
    });
    expect(await nemesis.invoke({ f: 'kill', value: ['n9'] }, never)).toMatchObject({
      status: 'skipped',
      evidence: { note: 'no such node: n9' },
    });
    expect(cluster.journal).toEqual([]);
  });
});

describe('the fault pause', () => {
  it('stops the chosen nodes and lets them go on, both seen', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = pauseFault(cluster.context());
    expect(await nemesis.invoke({ f: 'pause', value: ['n2'] }, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n2: { was: 'running', now: 'paused' } } },
    });
    expect(cluster.states()).toBe('running paused running');
    expect(await nemesis.invoke({ f: 'resume' }, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n1: { status: 'skipped' }, n2: { was: 'paused', now: 'running' } } },
    });
    expect(cluster.states()).toBe('running running running');
  });

  it('pitfall 37: a node that goes on running is failed', async () => {
    const cluster = new FakeCluster(3);
    cluster.node('n1').stubborn = true;
    const { nemesis } = pauseFault(cluster.context());
    expect((await nemesis.invoke({ f: 'pause', value: ['n1'] }, never)).status).toBe('failed');
  });

  it('pitfall 39: restore is idempotent and resumes what it does not remember', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = pauseFault(cluster.context());
    cluster.node('n3').program = 'paused';
    expect((await nemesis.restore()).status).toBe('applied');
    expect(await nemesis.restore()).toMatchObject({
      status: 'skipped',
      reason: 'n1: it is running; n2: it is running; n3: it is running',
    });
    expect(cluster.journal).toEqual(['SIGCONT n3']);
  });
});

describe('kill and pause together', () => {
  it('pitfall 28: nobody pauses a dead node, kills a paused one, starts a running one or resumes the dead', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const kill = killFault(context).nemesis;
    const pause = pauseFault(context).nemesis;
    await kill.invoke({ f: 'kill', value: ['n1'] }, never);
    await pause.invoke({ f: 'pause', value: ['n2'] }, never);
    const outcomes = [
      await pause.invoke({ f: 'pause', value: ['n1'] }, never),
      await kill.invoke({ f: 'kill', value: ['n2'] }, never),
      await kill.invoke({ f: 'start', value: ['n2', 'n3'] }, never),
      await pause.invoke({ f: 'resume', value: ['n1', 'n3'] }, never),
    ];
    expect(outcomes.map(({ status, reason }) => `${status}: ${reason ?? ''}`)).toEqual([
      'skipped: n1: it is dead',
      'skipped: n2: it is paused',
      'skipped: n2: it is paused; n3: it is running',
      'skipped: n1: it is dead; n3: it is running',
    ]);
    expect(cluster.journal).toEqual(['SIGKILL n1', 'SIGSTOP n2']);
  });

  it('where only some of the targets can be hit, the others are skipped by name and the fault is applied', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    await pauseFault(context).nemesis.invoke({ f: 'pause', value: ['n2'] }, never);
    expect(await killFault(context).nemesis.invoke({ f: 'kill', value: 'all' }, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n1: { now: 'dead' }, n2: { reason: 'it is paused' }, n3: { now: 'dead' } } },
    });
  });

  it('each has a schedule of its own for the nemesis alone, and ends with its repair', () => {
    const context = new FakeCluster(5).context();
    const schedules = [killFault(context), pauseFault(context)].map(({ generator, recovery }) => ({
      fs: new Set(invocations(simulate(pipe(generator, onNemesis), { maxOps: 40 })).map(({ f }) => f)),
      times: invocations(simulate(generator, { maxOps: 10 })).map(({ time }) => time),
      last: invocations(simulate(recovery)).map(({ f, value }) => [f, value]),
    }));
    expect(schedules.map(({ fs }) => [...fs])).toEqual([
      ['kill', 'start'],
      ['pause', 'resume'],
    ]);
    expect(schedules.map(({ last }) => last)).toEqual([[['start', 'all']], [['resume', 'all']]]);
    expect(schedules[0]?.times).not.toEqual(schedules[1]?.times);
  });

  it('pitfall 36: what breaks a majority is shorter, since only time-outs can be seen then', () => {
    const { generator } = killFault(new FakeCluster(5).context());
    const ops = invocations(simulate(generator, { maxOps: 400 }));
    const held = new Map<unknown, number[]>();
    for (const [i, op] of ops.entries()) {
      if (op.f !== 'kill') continue;
      const next = ops[i + 1];
      if (next !== undefined)
        held.set(op.value, [...(held.get(op.value) ?? []), (next.time - op.time) / 1e9]);
    }
    for (const word of ['majority', 'all'])
      expect(Math.max(...(held.get(word) ?? [Infinity]))).toBeLessThan(7.6);
    for (const word of ['one', 'primaries']) expect(Math.max(...(held.get(word) ?? []))).toBeGreaterThan(12);
    expect(new Set(held.keys())).toEqual(new Set(targetWords));
  });
});
