// Against the real etcd: three members as processes of this machine.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, Outcome } from '../../checkers/op.ts';
import type { Node } from '../../harness/environment.ts';
import { type ProcessNode, type ProcessNodes, processNodes, testsNeed } from '../process-node.fixture.ts';
import { etcdSystem } from './etcd-system.ts';

const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);
const patienceMs = 60_000;

const isHere = testsNeed(['etcd'], 'etcd-server');

describe.runIf(isHere)('three members of etcd', () => {
  const system = etcdSystem();
  let all: ProcessNodes;
  let nodes: readonly ProcessNode[];

  const ready = () => Promise.all(nodes.map((node) => system.awaitReady(node, within(patienceMs))));
  const invoke = async (node: Node, call: Call, how = system): Promise<Outcome> => {
    const client = await how.openClient(node, within(10_000));
    try {
      return await client.invoke(call, within(10_000));
    } finally {
      await client.close();
    }
  };
  const leader = async (among: readonly ProcessNode[] = nodes): Promise<ProcessNode> => {
    const limit = within(patienceMs);
    for (;;) {
      const [claim, ...others] = (await system.leaders?.(among, limit)) ?? [];
      const found = among.find(({ name }) => name === claim?.node);
      if (found !== undefined && others.length === 0) return found;
    }
  };
  const at = (i: number) => nodes[i] as ProcessNode;

  beforeAll(async () => {
    all = await processNodes(['n1', 'n2', 'n3'], system.ports);
    ({ nodes } = all);
    for (const node of nodes) await system.setUp(node, nodes);
    await Promise.all(nodes.map((node) => system.start(node, nodes)));
    await ready();
  }, 2 * patienceMs);

  afterAll(() => all?.cleanUp());

  test('answer reads, writes and cas on every node', async () => {
    expect(await invoke(at(0), { f: 'read', key: 'a' })).toEqual({ type: 'ok' });
    for (const [i, node] of nodes.entries()) {
      expect(await invoke(node, { f: 'write', key: 'a', value: { i } })).toEqual({ type: 'ok' });
      for (const other of nodes) {
        expect(await invoke(other, { f: 'read', key: 'a' })).toEqual({ type: 'ok', value: { i } });
      }
    }
    expect(await invoke(at(0), { f: 'cas', key: 'a', value: [{ i: 2 }, 'ü'] })).toEqual({ type: 'ok' });
    const mismatch = await invoke(at(1), { f: 'cas', key: 'a', value: [1, 2] });
    expect(mismatch).toMatchObject({ type: 'fail', error: { code: 'cas-mismatch' }, found: { value: 'ü' } });
    const absent = await invoke(at(2), { f: 'cas', key: 'absent', value: [1, 2] });
    expect(absent).toMatchObject({ type: 'fail', error: { code: 'cas-mismatch' } });
    expect(absent).toHaveProperty('found', {});
  });

  test('refuse what is too large, definitely', async () => {
    const value = 'x'.repeat(2_000_000);
    expect(await invoke(at(0), { f: 'write', key: 'large', value })).toMatchObject({
      type: 'fail',
      error: { code: 'too-large' },
    });
    expect(await invoke(at(0), { f: 'read', key: 'large' })).toEqual({ type: 'ok' });
  });

  test('tell what time it is', async () => {
    const told = (await system.wallClockMs?.(at(0), within(patienceMs))) ?? 0;
    expect(Math.abs(told - Date.now())).toBeLessThan(1_000);
  });

  test('keep what was acknowledged when all of them are killed', async () => {
    expect(await invoke(at(1), { f: 'write', key: 'kept', value: 7 })).toEqual({ type: 'ok' });
    await Promise.all(nodes.map((node) => node.signal('SIGKILL')));
    await expect(invoke(at(1), { f: 'read', key: 'kept' })).rejects.toThrow('ECONNREFUSED');
    await Promise.all(nodes.map((node) => system.start(node, nodes)));
    await ready();
    for (const node of nodes) {
      expect(await invoke(node, { f: 'read', key: 'kept' })).toEqual({ type: 'ok', value: 7 });
    }
  });

  test('go on with another leader, and without a majority answer serializable reads only', async () => {
    const first = await leader();
    await first.signal('SIGKILL');
    const rest = nodes.filter((node) => node !== first);
    const second = await leader(rest);
    expect(await invoke(second, { f: 'write', key: 'b', value: 1 })).toEqual({ type: 'ok' });
    const third = rest.find((node) => node !== second) as ProcessNode;
    await second.signal('SIGKILL');
    expect((await invoke(third, { f: 'read', key: 'b' })).type).toBe('fail');
    expect((await invoke(third, { f: 'write', key: 'b', value: 2 })).type).toBe('info');
    const serializable = etcdSystem({ serializable: true });
    expect(await invoke(third, { f: 'read', key: 'kept' }, serializable)).toEqual({ type: 'ok', value: 7 });
    await Promise.all([first, second].map((node) => system.start(node, nodes)));
    await ready();
    // A proposal that timed out may have happened, now or later.
    const found = await invoke(first, { f: 'read', key: 'b' });
    expect([1, 2]).toContain(found.type === 'ok' ? found.value : found);
  }, 120_000);

  test('end by SIGTERM', async () => {
    await system.stop(at(2));
    expect(await at(2).state()).toBe('dead');
  });
});

test('where nodes reach each other by links of their own, etcd is not set up', async () => {
  const node = (name: string, link: number): Node => {
    const seen = { name, peer: (other: string) => ({ host: '127.0.0.1', port: other === name ? 1 : link }) };
    return seen as unknown as Node;
  };
  const nodes = [node('n1', 10), node('n2', 20)];
  const setUps = nodes.map((each) => etcdSystem().setUp(each, nodes));
  for (const setUp of setUps) await expect(setUp).rejects.toThrow('nodes with addresses of their own');
});
