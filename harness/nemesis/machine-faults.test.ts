import { describe, expect, it } from 'vitest';
import { invocations, simulate } from '../generator/simulate.ts';
import { Stream } from '../random.ts';
import { composeNemesis } from './compose.ts';
import { makeFault } from './registry.ts';
import { diskIs, limitedTo } from './seen-on-machine.ts';
import { FakeCluster, never } from './testdata/fake-cluster.ts';

/** Calls, what a node is between them, and how an environment lies about it. */
const faults = [
  { name: 'freeze', harm: 'freeze', repair: 'thaw', troubles: ['n2: paused', 'n2: frozen'], lie: stubborn },
  { name: 'power', harm: 'power-off', repair: 'power-on', troubles: ['n2: dead', 'n2: off'], lie: stubborn },
  { name: 'terminate', harm: 'terminate', repair: 'start-terminated', troubles: ['n2: dead'], lie: stubborn },
  { name: 'crash-loop', harm: 'crash-loop', repair: 'end-crash-loop', troubles: ['n2: dead'], lie: stubborn },
  { name: 'slow-cpu', harm: 'limit-cpu', repair: 'unlimit-cpu', troubles: ['n2: slow'], lie: lying('cpu') },
  {
    name: 'disk-full',
    harm: 'fill-disk',
    repair: 'free-disk',
    troubles: ['n2: full', 'n2: excused'],
    lie: lying('disk'),
  },
  {
    name: 'disk-read-only',
    harm: 'make-read-only',
    repair: 'make-writable',
    troubles: ['n2: read-only', 'n2: excused'],
    lie: lying('disk'),
  },
] as const;

function stubborn(cluster: FakeCluster, lies: boolean): void {
  cluster.node('n2').stubborn = lies;
}

function lying(about: 'cpu' | 'disk') {
  return (cluster: FakeCluster, lies: boolean) => {
    if (lies) cluster.node('n2').lies.add(about);
    else cluster.node('n2').lies.delete(about);
  };
}

describe.each(faults)('the fault $name', ({ name, harm, repair, troubles, lie }) => {
  const hit = { f: harm, value: ['n2'] };

  it('does harm that is seen, and undoes it, seen as well', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = makeFault(name, cluster.context());
    expect(await nemesis.invoke(hit, never)).toMatchObject({
      status: 'applied',
      evidence: { targets: ['n2'], nodes: { n2: { status: 'applied', was: 'running' } } },
    });
    expect(cluster.troubles()).toEqual(troubles);
    expect(await nemesis.invoke({ f: repair }, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n1: { status: 'skipped' }, n2: { status: 'applied', now: 'running' } } },
    });
    expect(cluster.troubles()).toEqual([]);
  });

  it('pitfall 37: where nothing happens it is failed, at the harm and at the repair', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = makeFault(name, cluster.context());
    lie(cluster, true);
    expect(await nemesis.invoke(hit, never)).toMatchObject({ status: 'failed' });
    lie(cluster, false);
    await nemesis.restore();
    expect(cluster.troubles()).toEqual([]);
    expect(await nemesis.invoke(hit, never)).toMatchObject({ status: 'applied' });
    lie(cluster, true);
    expect(await nemesis.invoke({ f: repair }, never)).toMatchObject({ status: 'failed' });
    lie(cluster, false);
    expect(await nemesis.restore()).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
  });

  it('a second harm finds nothing to do, a second repair neither', async () => {
    const cluster = new FakeCluster(3);
    const { nemesis } = makeFault(name, cluster.context());
    await nemesis.invoke(hit, never);
    const before = cluster.journal.length;
    expect(await nemesis.invoke(hit, never)).toMatchObject({
      status: 'skipped',
    });
    expect(cluster.journal).toHaveLength(before);
    await nemesis.restore();
    const after = cluster.journal.length;
    expect(await nemesis.restore()).toMatchObject({ status: 'skipped' });
    expect(cluster.journal).toHaveLength(after);
  });

  it('hangs in no environment for longer than its time', async () => {
    const cluster = new FakeCluster(3);
    cluster.node('n2').hangs = true;
    const fault = makeFault(name, cluster.context());
    const nemesis = composeNemesis([fault], { timer: cluster.timer, timeoutMs: 30_000 });
    expect(await nemesis.invoke(hit, never)).toMatchObject({
      status: 'failed',
      reason: `no end within 30000 ms; "${harm}" may be done in part`,
    });
  });

  it('leaves the dead and the paused alone', async () => {
    const cluster = new FakeCluster(3);
    cluster.node('n1').program = 'dead';
    cluster.node('n2').program = 'paused';
    const { nemesis } = makeFault(name, cluster.context());
    expect(await nemesis.invoke({ f: harm, value: ['n1', 'n2'] }, never)).toMatchObject({
      status: 'skipped',
      reason: 'n1: it is dead; n2: it is paused',
    });
    expect(cluster.journal).toEqual([]);
  });

  it('has harm and repair in turn, the leader first, and ends with its repair', () => {
    const { generator, recovery } = makeFault(name, new FakeCluster(5).context());
    const ops = invocations(simulate(generator, { maxOps: 6 }));
    expect(ops.map(({ f }) => f)).toEqual([harm, repair, harm, repair, harm, repair]);
    expect(ops[0]?.value).toBe('primaries');
    expect(invocations(simulate(recovery)).map(({ f, value }) => [f, value])).toEqual([[repair, 'all']]);
  });
});

describe('what is particular', () => {
  it('a crash loop kills 3 to 5 programs as they start, after lives of different lengths', async () => {
    const counts = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const cluster = new FakeCluster(3);
      const { nemesis } = makeFault('crash-loop', cluster.context({ stream: Stream.of(seed) }));
      await nemesis.invoke({ f: 'crash-loop', value: ['n1'] }, never);
      const starts = cluster.journal.filter((entry) => entry === 'start n1').length;
      expect(cluster.journal.filter((entry) => entry === 'SIGKILL n1')).toHaveLength(starts + 1);
      counts.add(starts);
    }
    expect([...counts].toSorted((a, b) => a - b)).toEqual([3, 4, 5]);
  });

  it('a crash loop whose program ends before it is killed goes on and tells it', async () => {
    const cluster = new FakeCluster(3);
    const node = cluster.node('n1');
    node.readOnly = true;
    node.needsItsDisk = true;
    const { nemesis } = makeFault('crash-loop', cluster.context());
    expect(await nemesis.invoke({ f: 'crash-loop', value: ['n1'] }, never)).toMatchObject({
      status: 'applied',
      evidence: { nodes: { n1: { now: 'dead', endedByItself: expect.any(Number) } } },
    });
  });

  it('what is read back is compared, in any of the ways it is told', () => {
    expect(limitedTo(0.2, { share: 0.2 })).toEqual({ share: 0.2 });
    expect(limitedTo(0.2, { quota: '20000' })).toEqual({ share: 0.2 });
    expect(limitedTo(0.2, { quota: '10000 50000' })).toEqual({ share: 0.2 });
    for (const free of [{ share: null }, { quota: '-1' }, { quota: 'max 100000' }]) {
      expect(limitedTo(undefined, free)).toEqual({});
      expect(() => limitedTo(0.2, free)).toThrow('a share of 0.2 was wished, read back');
    }
    for (const other of [{ share: 0.3 }, { quota: '30000' }, { quota: '' }, {}, null, 'yes']) {
      expect(() => limitedTo(0.2, other)).toThrow('was wished');
      expect(() => limitedTo(undefined, other)).toThrow('should be free');
    }
    expect(diskIs('writable', { writable: true, freeBytes: 7 })).toEqual({
      disk: { writable: true, freeBytes: 7 },
    });
    for (const other of [{ writable: false }, {}, null, true]) {
      expect(() => diskIs('writable', other)).toThrow('the disk should be writable, read back');
    }
  });

  it('the processor is left 5 to 30 %, each node its own share', async () => {
    const cluster = new FakeCluster(5);
    const { nemesis } = makeFault('slow-cpu', cluster.context());
    await nemesis.invoke({ f: 'limit-cpu', value: 'all' }, never);
    const shares = cluster.nodes.map(({ share }) => share ?? 1);
    expect(new Set(shares).size).toBeGreaterThan(2);
    for (const share of shares) {
      expect(share).toBeGreaterThanOrEqual(0.05);
      expect(share).toBeLessThanOrEqual(0.3);
    }
  });

  it.each([
    ['disk-full', 'fill-disk', 'free-disk'],
    ['disk-read-only', 'make-read-only', 'make-writable'],
  ])(
    '%s: a program that ends because of it is excused, left dead, and started by the repair',
    async (name, harm, repair) => {
      const cluster = new FakeCluster(3);
      const context = cluster.context();
      const kill = makeFault('kill', context).nemesis;
      const power = makeFault('power', context).nemesis;
      cluster.node('n2').needsItsDisk = true;
      const { nemesis } = makeFault(name, context);
      expect(await nemesis.invoke({ f: harm, value: ['n2'] }, never)).toMatchObject({
        status: 'applied',
        evidence: { nodes: { n2: { now: 'dead' } } },
      });
      expect(cluster.journal).toContain('ended by itself n2');
      expect(await kill.invoke({ f: 'start' }, never)).toMatchObject({
        status: 'skipped',
        evidence: { nodes: { n2: { reason: expect.stringMatching(/^its disk is (full|read-only)$/) } } },
      });
      expect(await power.invoke({ f: 'power-on' }, never)).toMatchObject({ status: 'skipped' });
      expect(await nemesis.invoke({ f: repair }, never)).toMatchObject({
        status: 'applied',
        evidence: { nodes: { n2: { was: 'dead', now: 'running', ready: true } } },
      });
      expect(cluster.troubles()).toEqual([]);
    },
  );

  it('a program on a full disk that ends between the look and the signal is no failure of the kill', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    await makeFault('disk-full', context).nemesis.invoke({ f: 'fill-disk', value: ['n1'] }, never);
    const node = cluster.node('n1');
    node.signal = async () => {
      node.program = 'dead';
      throw new Error('n1 has no program for SIGKILL');
    };
    expect(
      await makeFault('kill', context).nemesis.invoke({ f: 'kill', value: ['n1'] }, never),
    ).toMatchObject({ status: 'skipped', reason: 'n1: it ended by itself before' });
  });

  it('an environment that has no such part after all is failed with its name', async () => {
    const cluster = new FakeCluster(1);
    const [node] = cluster.nodes;
    Object.defineProperty(node, 'power', { value: undefined });
    const { nemesis } = makeFault('power', cluster.context());
    expect(await nemesis.invoke({ f: 'power-off', value: 'all' }, never)).toMatchObject({
      status: 'failed',
      reason: 'n1: the environment offers no power of n1',
    });
  });
});

describe('faults of nodes together', () => {
  it('resume lets a frozen machine go on, and thaw a paused program', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const [pause, freeze] = [makeFault('pause', context).nemesis, makeFault('freeze', context).nemesis];
    await freeze.invoke({ f: 'freeze', value: ['n1'] }, never);
    await pause.invoke({ f: 'pause', value: ['n2'] }, never);
    expect(await pause.invoke({ f: 'pause', value: ['n1'] }, never)).toMatchObject({ status: 'skipped' });
    expect(await freeze.invoke({ f: 'freeze', value: ['n2'] }, never)).toMatchObject({ status: 'skipped' });
    expect(await pause.invoke({ f: 'resume', value: ['n1'] }, never)).toMatchObject({ status: 'applied' });
    expect(await freeze.invoke({ f: 'thaw', value: ['n2'] }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
  });

  it('nobody kills or turns off what is frozen, and nobody reaches into it: its disk waits for the thaw', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const fault = (name: string) => makeFault(name, context).nemesis;
    const disk = fault('disk-full');
    const freeze = fault('freeze');
    await disk.invoke({ f: 'fill-disk', value: ['n1'] }, never);
    await freeze.invoke({ f: 'freeze', value: ['n1'] }, never);
    for (const [name, f] of [
      ['kill', 'kill'],
      ['power', 'power-off'],
      ['terminate', 'terminate'],
      ['crash-loop', 'crash-loop'],
    ] as const) {
      expect(await fault(name).invoke({ f, value: ['n1'] }, never)).toMatchObject({ status: 'skipped' });
    }
    expect(await disk.invoke({ f: 'free-disk' }, never)).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('n1: its machine is frozen'),
    });
    await freeze.invoke({ f: 'thaw' }, never);
    expect(await disk.invoke({ f: 'free-disk' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
  });

  it('a machine stays on while its processor or its disk is to be repaired', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    await makeFault('slow-cpu', context).nemesis.invoke({ f: 'limit-cpu', value: ['n1'] }, never);
    await makeFault('disk-full', context).nemesis.invoke({ f: 'fill-disk', value: ['n2'] }, never);
    expect(
      await makeFault('power', context).nemesis.invoke({ f: 'power-off', value: ['n1', 'n2'] }, never),
    ).toMatchObject({
      status: 'skipped',
      reason: 'n1: its processor is limited; n2: its disk is full',
    });
  });

  it('the start of the killed turns a machine on that is off; what is dead otherwise is started only', async () => {
    const cluster = new FakeCluster(3);
    const context = cluster.context();
    const [kill, power] = [makeFault('kill', context).nemesis, makeFault('power', context).nemesis];
    await power.invoke({ f: 'power-off', value: ['n1'] }, never);
    await kill.invoke({ f: 'kill', value: ['n2'] }, never);
    expect(await kill.invoke({ f: 'start', value: ['n1'] }, never)).toMatchObject({ status: 'applied' });
    expect(await power.invoke({ f: 'power-on' }, never)).toMatchObject({ status: 'applied' });
    expect(cluster.troubles()).toEqual([]);
    expect(cluster.journal).not.toContain('power on n1');
  });
});
