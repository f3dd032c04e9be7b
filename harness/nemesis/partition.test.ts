import { describe, expect, it } from 'vitest';
import { invocations, simulate } from '../generator/simulate.ts';
import type { Intent } from './fault-context.ts';
import { partitionFault } from './partition.ts';
import { FakeCluster, never } from './testdata/fake-cluster.ts';

function cut(cluster: FakeCluster, size = cluster.nodes.length) {
  return Array.from({ length: size }, (_, i) => `n${i + 1}`).map((hearer) =>
    cluster.nodes
      .filter(({ name }) => !cluster.net.hears(hearer, name))
      .map(({ name }) => name)
      .join(),
  );
}

describe('the fault partition', () => {
  it('cuts what the shape says, with grudge, links and leader in the evidence, and heals it', async () => {
    const cluster = new FakeCluster(3);
    cluster.claims = [[{ node: 'n2', term: 4 }]];
    const { nemesis } = partitionFault(cluster.context());
    const applied = await nemesis.invoke({ f: 'start-partition', value: 'leader' }, never);
    expect(applied).toEqual({
      status: 'applied',
      evidence: {
        shape: 'leader',
        note: 'the leader n2 is alone',
        grudge: { n1: ['n2'], n2: ['n1', 'n3'], n3: ['n2'] },
        links: { 'n2→n1': 'silent', 'n1→n2': 'silent', 'n3→n2': 'silent', 'n2→n3': 'silent' },
        ms: 0,
      },
    });
    expect(cut(cluster)).toEqual(['n2', 'n1,n3', 'n2']);
    const healed = await nemesis.invoke({ f: 'stop-partition' }, never);
    expect(healed.status).toBe('applied');
    expect(Object.values(healed.evidence['links'] ?? {})).toEqual(Array.from({ length: 6 }, () => 'passes'));
    expect(cut(cluster)).toEqual(['', '', '']);
  });

  it('pitfall 37: a cut that the probe sees traffic through is failed, not applied', async () => {
    const cluster = new FakeCluster(5);
    cluster.net.cutsDoNothing = true;
    const { nemesis } = partitionFault(cluster.context());
    const outcome = await nemesis.invoke({ f: 'start-partition', value: 'halves' }, never);
    expect(outcome).toMatchObject({ status: 'failed', reason: 'the cut was not seen on every link' });
    expect(outcome.evidence['links']).toMatchObject({ 'n1→n4': 'passes' });
  });

  it('pitfall 37: a heal that leaves a link silent is failed, and can be tried again', async () => {
    const cluster = new FakeCluster(5);
    const { nemesis } = partitionFault(cluster.context());
    await nemesis.invoke({ f: 'start-partition', value: 'bridge' }, never);
    cluster.net.healsDoNothing = true;
    expect(await nemesis.invoke({ f: 'stop-partition' }, never)).toMatchObject({ status: 'failed' });
    cluster.net.healsDoNothing = false;
    expect(await nemesis.restore()).toMatchObject({ status: 'applied' });
    expect(cluster.net.rules.size).toBe(0);
  });

  it('pitfall 38: the planned grudge is told before anything is cut, and what was half cut is healed', async () => {
    const cluster = new FakeCluster(3);
    const intents: Intent[] = [];
    const intend = async (intent: Intent) => {
      expect(cluster.journal).toEqual([]);
      intents.push(intent);
    };
    const { nemesis } = partitionFault(cluster.context({ intend }));
    cluster.net.breaksHalfWay = true;
    const outcome = await nemesis.invoke({ f: 'start-partition', value: [['n1'], ['n2', 'n3']] }, never);
    expect(intents).toEqual([
      { f: 'start-partition', targets: { n1: ['n2', 'n3'], n2: ['n1'], n3: ['n1'] } },
    ]);
    expect(outcome).toMatchObject({ status: 'failed', reason: 'no rule could be set on n1' });
    expect(cluster.net.rules.size).toBe(1);
    expect(await nemesis.invoke({ f: 'stop-partition' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.net.rules.size).toBe(0);
  });

  it('touches nothing when the intention cannot be kept', async () => {
    const cluster = new FakeCluster(3);
    const intend = async () => {
      throw new Error('disk full');
    };
    const { nemesis } = partitionFault(cluster.context({ intend }));
    expect(await nemesis.invoke({ f: 'start-partition', value: 'halves' }, never)).toMatchObject({
      status: 'failed',
      reason: 'not begun: disk full',
    });
    expect(cluster.journal).toEqual([]);
  });

  it('pitfall 39: restore is idempotent, and heals rules that it does not remember', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = partitionFault(cluster.context());
    await nemesis.invoke({ f: 'start-partition', value: 'one' }, never);
    expect((await nemesis.restore()).status).toBe('applied');
    cluster.net.rules.add('n1<n2');
    expect(await nemesis.restore()).toMatchObject({ status: 'skipped', reason: 'no partition was in force' });
    expect(cluster.net.rules.size).toBe(0);
    expect((await nemesis.restore()).status).toBe('skipped');
  });

  it('pitfall 28: a second partition does not begin before the first is healed', async () => {
    const cluster = new FakeCluster(5);
    const { nemesis } = partitionFault(cluster.context());
    await nemesis.invoke({ f: 'start-partition', value: 'one' }, never);
    const before = [...cluster.net.rules];
    expect(await nemesis.invoke({ f: 'start-partition', value: 'halves' }, never)).toMatchObject({
      status: 'skipped',
      reason: 'a partition is in force',
    });
    expect([...cluster.net.rules]).toEqual(before);
  });

  it('pitfall 51: of several claimants the one with the highest term is isolated, and none is no error', async () => {
    const cluster = new FakeCluster(5);
    cluster.claims = [
      [
        { node: 'n1', term: 3 },
        { node: 'n5', term: 8 },
        { node: 'n2', term: 7 },
      ],
      [],
    ];
    const { nemesis } = partitionFault(cluster.context());
    const outcome = await nemesis.invoke({ f: 'start-partition', value: 'leader' }, never);
    expect(outcome.evidence['note']).toBe('the leader n5 is alone');
    await nemesis.invoke({ f: 'stop-partition' }, never);
    const none = await nemesis.invoke({ f: 'start-partition', value: 'leader' }, never);
    expect(none.status).toBe('applied');
    expect(none.evidence['note']).toMatch(/^nobody claims to lead; a random node, n\d, is alone$/);
  });

  it('a cluster of one is left alone, an unknown shape is refused, an aborted call cuts nothing', async () => {
    const alone = new FakeCluster(1);
    expect(
      await partitionFault(alone.context()).nemesis.invoke({ f: 'start-partition', value: 'one' }, never),
    ).toMatchObject({ status: 'skipped', reason: 'on 1 nodes it cuts nothing' });
    const cluster = new FakeCluster(3);
    const { nemesis } = partitionFault(cluster.context());
    expect(await nemesis.invoke({ f: 'start-partition', value: 'thirds' }, never)).toMatchObject({
      status: 'failed',
      reason: 'unknown shape "thirds"',
    });
    expect(await nemesis.invoke({ f: 'start-partition', value: 'one' }, AbortSignal.abort())).toMatchObject({
      status: 'skipped',
      reason: 'interrupted',
    });
    expect([...alone.journal, ...cluster.journal]).toEqual([]);
  });

  it('what it chooses does not depend on how often or when others were asked: choices are numbered', async () => {
    const notes = async (leaderFirst: boolean) => {
      const cluster = new FakeCluster(5);
      cluster.claims = leaderFirst ? [[{ node: 'n1', term: 1 }]] : [[]];
      const { nemesis } = partitionFault(cluster.context());
      await nemesis.invoke({ f: 'start-partition', value: 'leader' }, never);
      await nemesis.invoke({ f: 'stop-partition' }, never);
      return (await nemesis.invoke({ f: 'start-partition', value: 'random-halves' }, never)).evidence[
        'grudge'
      ];
    };
    expect(await notes(true)).toEqual(await notes(false));
  });

  it('chooses anew each time, and the same again in a run with the same seed', async () => {
    const chosen = async () => {
      const { nemesis } = partitionFault(new FakeCluster(5).context());
      const notes: unknown[] = [];
      for (let i = 0; i < 12; i++) {
        notes.push((await nemesis.invoke({ f: 'start-partition', value: 'one' }, never)).evidence['note']);
        await nemesis.invoke({ f: 'stop-partition' }, never);
      }
      return notes;
    };
    expect(new Set(await chosen()).size).toBeGreaterThan(2);
    expect(await chosen()).toEqual(await chosen());
  });

  it('its schedule isolates the leader most often, and never leaves out a shape for long', () => {
    const { generator, recovery } = partitionFault(new FakeCluster(5).context());
    const ops = invocations(simulate(generator, { maxOps: 400 }));
    const shapes = ops.filter(({ f }) => f === 'start-partition').map(({ value }) => value);
    expect(shapes.filter((shape) => shape === 'leader').length / shapes.length).toBeGreaterThan(0.35);
    expect(new Set(shapes).size).toBe(7);
    expect(invocations(simulate(recovery)).map(({ f, process }) => [f, process])).toEqual([
      ['stop-partition', 'nemesis'],
    ]);
  });
});
