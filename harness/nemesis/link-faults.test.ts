import { describe, expect, it } from 'vitest';
import { invocations, simulate } from '../generator/simulate.ts';
import type { Intent } from './fault-context.ts';
import { linkFaults } from './link-faults.ts';
import { partitionFault } from './partition.ts';
import { makeFault } from './registry.ts';
import { FakeCluster, never } from './testdata/fake-cluster.ts';

const names = linkFaults.map(({ description }) => description.name);

function everyLink(cluster: FakeCluster): string[] {
  const all = cluster.nodes.map(({ name }) => name);
  return all.flatMap((from) => all.filter((to) => to !== from).map((to) => cluster.net.fares(from, to)));
}

describe.each(names)('the link fault %s', (name) => {
  const start = (value: string | string[]) => ({ f: `start-${name}`, value });
  const stop = { f: `stop-${name}` };
  const kind = name === 'slow' ? 'limit' : name;

  it('shapes the links of the chosen nodes, both ways and no others, and lifts that again', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = makeFault(name, cluster.context());
    const outcome = await nemesis.invoke(start(['n2']), never);
    expect(outcome).toMatchObject({
      status: 'applied',
      evidence: {
        targets: ['n2'],
        rule: { kind },
        links: { 'n1→n2': kind, 'n2→n1': kind, 'n2→n3': kind, 'n3→n2': kind },
      },
    });
    expect(cluster.net.fares('n1', 'n3')).toBe('passes');
    expect(await nemesis.invoke(stop, never)).toMatchObject({ status: 'applied' });
    expect(new Set(everyLink(cluster))).toEqual(new Set(['passes']));
    expect(await nemesis.invoke(stop, never)).toMatchObject({ status: 'skipped' });
  });

  it('pitfall 37: a rule that the probe does not see is failed, and so is one that stays', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = makeFault(name, cluster.context());
    cluster.net.shapesDoNothing = true;
    expect(await nemesis.invoke(start('all'), never)).toMatchObject({
      status: 'failed',
      reason: 'the rule was not seen on every link',
      evidence: { links: { 'n1→n2': 'passes' } },
    });
    cluster.net.shapesDoNothing = false;
    await nemesis.restore();
    await nemesis.invoke(start('all'), never);
    cluster.net.shapesDoNothing = true;
    expect(await nemesis.invoke(stop, never)).toMatchObject({
      status: 'failed',
      reason: 'not every link was seen to be whole',
    });
    cluster.net.shapesDoNothing = false;
    expect(await nemesis.restore()).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
  });

  it('pitfall 38: the targets are told before anything is touched, and what was half done is undone', async () => {
    const cluster = new FakeCluster(3);
    const intents: Intent[] = [];
    const intend = async (intent: Intent) => {
      expect(cluster.journal).toEqual([]);
      intents.push(intent);
    };
    cluster.net.breaksHalfWay = true;
    const { nemesis } = makeFault(name, cluster.context({ intend }));
    expect(await nemesis.invoke(start(['n1']), never)).toMatchObject({
      status: 'failed',
      reason: 'no rule could be set on n2',
    });
    expect(intents).toEqual([{ f: `start-${name}`, targets: ['n1'] }]);
    expect(cluster.net.shapes.size).toBe(1);
    cluster.net.breaksHalfWay = false;
    expect(await nemesis.restore()).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
  });

  it('begins with the links of the leader, chooses all of them at times, and ends with its repair', () => {
    const { generator, recovery } = makeFault(name, new FakeCluster(5).context());
    const values = invocations(simulate(generator, { maxOps: 200 })).map(({ value }) => value);
    expect(values[0]).toBe('primaries');
    expect(new Set(values)).toEqual(new Set(['primaries', 'one', 'minority', 'all', undefined]));
    expect(invocations(simulate(recovery)).map(({ f }) => f)).toEqual([`stop-${name}`]);
  });
});

describe('a link fault', () => {
  it('a second one, an unknown target, a cluster of one and an aborted call touch nothing', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = makeFault('delay', cluster.context());
    await nemesis.invoke({ f: 'start-delay', value: 'one' }, never);
    cluster.journal.length = 0;
    expect(await nemesis.invoke({ f: 'start-delay', value: 'all' }, never)).toMatchObject({
      status: 'skipped',
      reason: 'the fault delay is in force',
    });
    const other = makeFault('reset', cluster.context()).nemesis;
    expect(await other.invoke({ f: 'start-reset', value: 'some' }, never)).toMatchObject({
      status: 'failed',
      reason: 'unknown targets "some"',
    });
    expect(await other.invoke({ f: 'start-reset', value: 'all' }, AbortSignal.abort())).toMatchObject({
      status: 'skipped',
      reason: 'interrupted',
    });
    const alone = new FakeCluster(1);
    const { nemesis: single } = makeFault('slow', alone.context());
    expect(await single.invoke({ f: 'start-slow', value: 'all' }, never)).toMatchObject({
      status: 'skipped',
      reason: 'there is no such link',
    });
    expect([...cluster.journal, ...alone.journal]).toEqual([]);
  });

  it('slow has several speeds, drawn from the seed and told', async () => {
    const speeds = async () => {
      const { nemesis } = makeFault('slow', new FakeCluster(3).context());
      const seen: unknown[] = [];
      for (let i = 0; i < 20; i++) {
        seen.push((await nemesis.invoke({ f: 'start-slow', value: 'one' }, never)).evidence['rule']);
        await nemesis.invoke({ f: 'stop-slow' }, never);
      }
      return seen;
    };
    const seen = await speeds();
    expect(new Set(seen.map((rule) => JSON.stringify(rule))).size).toBe(3);
    expect(seen).toEqual(await speeds());
  });
});

describe('faults of one net together', () => {
  it('a link is left to the fault that has it, and lifting one fault leaves the rules of the other', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const [delay, reset] = [makeFault('delay', context).nemesis, makeFault('reset', context).nemesis];
    await delay.invoke({ f: 'start-delay', value: ['n1'] }, never);
    expect(await reset.invoke({ f: 'start-reset', value: 'all' }, never)).toMatchObject({
      status: 'applied',
      evidence: {
        'left to': { 'n1→n2': 'delay', 'n3→n1': 'delay' },
        links: { 'n2→n3': 'reset', 'n3→n2': 'reset' },
      },
    });
    expect(await delay.invoke({ f: 'stop-delay' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual(['reset n3<n2', 'reset n2<n3']);
    await delay.invoke({ f: 'start-delay', value: ['n1'] }, never);
    await reset.invoke({ f: 'stop-reset' }, never);
    expect(everyLink(cluster).filter((fares) => fares === 'delay')).toHaveLength(4);
    expect(await reset.invoke({ f: 'start-reset', value: ['n1'] }, never)).toMatchObject({
      status: 'applied',
      evidence: {
        note: 'other faults hold the links of these nodes; all that are free instead',
        links: { 'n2→n3': 'reset', 'n3→n2': 'reset' },
      },
    });
    const slow = makeFault('slow', context).nemesis;
    expect(await slow.invoke({ f: 'start-slow', value: ['n2'] }, never)).toMatchObject({
      status: 'skipped',
      reason: 'other faults hold all links',
    });
  });

  it('a partition has every link that its shape says; the others get their rules back when it heals', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const delay = makeFault('delay', context).nemesis;
    const partition = partitionFault(context).nemesis;
    await delay.invoke({ f: 'start-delay', value: ['n1'] }, never);
    await partition.invoke({ f: 'start-partition', value: [['n1', 'n2'], ['n3']] }, never);
    expect(['n1', 'n2'].map((from) => cluster.net.fares(from, 'n3'))).toEqual(['silent', 'silent']);
    expect(cluster.net.fares('n1', 'n2')).toBe('delay');
    cluster.journal.length = 0;
    expect(await partition.invoke({ f: 'stop-partition' }, never)).toMatchObject({
      status: 'applied',
      evidence: { links: { 'n1→n3': 'delay', 'n2→n3': 'passes' } },
    });
    expect(cluster.journal).not.toContain('heal');
    expect(everyLink(cluster).filter((fares) => fares === 'delay')).toHaveLength(4);
    expect(cluster.net.fares('n2', 'n3')).toBe('passes');
    await delay.restore();
    expect(cluster.troubles()).toEqual([]);
  });

  it('lifting a link fault leaves a partition as it is, which heals whole afterwards', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const delay = makeFault('delay', context).nemesis;
    const partition = partitionFault(context).nemesis;
    await delay.invoke({ f: 'start-delay', value: 'all' }, never);
    await partition.invoke({ f: 'start-partition', value: [['n1', 'n2'], ['n3']] }, never);
    expect(await delay.invoke({ f: 'stop-delay' }, never)).toMatchObject({
      status: 'applied',
      evidence: {
        'left to': { 'n1→n3': 'partition', 'n3→n2': 'partition' },
        links: { 'n1→n2': 'passes', 'n2→n1': 'passes' },
      },
    });
    expect(cluster.net.rules.size).toBe(4);
    expect(cluster.net.shapes.size).toBe(0);
    await partition.restore();
    expect(cluster.troubles()).toEqual([]);
  });

  it('pitfall 37: a rule that does not come back when a partition heals is a failed heal', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const partition = partitionFault(context).nemesis;
    await makeFault('delay', context).nemesis.invoke({ f: 'start-delay', value: ['n1'] }, never);
    await partition.invoke({ f: 'start-partition', value: [['n1', 'n2'], ['n3']] }, never);
    cluster.net.shapesDoNothing = true;
    expect(await partition.invoke({ f: 'stop-partition' }, never)).toMatchObject({ status: 'failed' });
    cluster.net.shapesDoNothing = false;
    expect(await partition.invoke({ f: 'stop-partition' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.net.fares('n1', 'n3')).toBe('delay');
  });
});

describe('a partition that keeps clients away', () => {
  it('cuts off the clients of nodes that hear fewer than a majority, names them, and lets them back', async () => {
    const cluster = new FakeCluster(5);
    const intents: Intent[] = [];
    const intend = async (intent: Intent) => void intents.push(intent);
    const { nemesis } = partitionFault(cluster.context({ cutClients: true, intend }));
    const groups = [
      ['n1', 'n4'],
      ['n2', 'n3', 'n5'],
    ];
    expect(await nemesis.invoke({ f: 'start-partition', value: groups }, never)).toMatchObject({
      status: 'applied',
      evidence: {
        clients: ['n1', 'n4'],
        links: { 'clients→n1': 'silent', 'clients→n4': 'silent', 'n1→n2': 'silent' },
      },
    });
    expect(intents).toMatchObject([{ targets: { grudge: {}, clients: ['n1', 'n4'] } }]);
    expect([...cluster.net.clientsCut]).toEqual(['n1', 'n4']);
    expect(await nemesis.invoke({ f: 'stop-partition' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
  });

  it('a shape that leaves everybody a majority cuts off nobody’s clients', async () => {
    const cluster = new FakeCluster(5);
    const { nemesis } = partitionFault(cluster.context({ cutClients: true }));
    const { evidence } = await nemesis.invoke({ f: 'start-partition', value: 'majorities-ring' }, never);
    expect(evidence['clients']).toBeUndefined();
    expect(cluster.net.clientsCut.size).toBe(0);
  });

  it('brings the rules of other faults back after the heal that lets the clients in', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context({ cutClients: true });
    const delay = makeFault('delay', context).nemesis;
    const partition = partitionFault(context).nemesis;
    await delay.invoke({ f: 'start-delay', value: ['n1'] }, never);
    await partition.invoke({ f: 'start-partition', value: [['n1', 'n2'], ['n3']] }, never);
    expect([...cluster.net.clientsCut]).toEqual(['n3']);
    expect(await partition.invoke({ f: 'stop-partition' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.net.clientsCut.size).toBe(0);
    expect(everyLink(cluster).filter((fares) => fares === 'delay')).toHaveLength(4);
  });

  it('pitfall 37: clients that are still heard make it failed', async () => {
    const cluster = new FakeCluster(3);
    cluster.net.cutsDoNothing = true;
    const { nemesis } = partitionFault(cluster.context({ cutClients: true }));
    expect(await nemesis.invoke({ f: 'start-partition', value: 'one' }, never)).toMatchObject({
      status: 'failed',
    });
  });
});
