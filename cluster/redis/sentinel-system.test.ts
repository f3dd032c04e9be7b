// Against the real redis-server and redis-sentinel: three of each, as processes of this machine.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, Outcome } from '../../checkers/op.ts';
import { UsageError } from '../../harness/errors.ts';
import { type ProcessNode, type ProcessNodes, processNodes, testsNeed } from '../process-node.fixture.ts';
import { askOnce } from './redis-connection.ts';
import { sentinelSystem } from './sentinel-system.ts';

const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);
const patienceMs = 60_000;

const isHere = testsNeed(['redis-server', 'redis-sentinel'], 'redis-server redis-sentinel');

describe.runIf(isHere)('three Redis servers and their sentinels', () => {
  const system = sentinelSystem({ downAfterMs: 1_000 });
  let all: ProcessNodes;
  let nodes: readonly ProcessNode[];

  const at = (i: number) => nodes[i] as ProcessNode;
  const ready = () => Promise.all(nodes.map((node) => system.awaitReady(node, within(patienceMs))));
  const invoke = async (node: ProcessNode, call: Call): Promise<Outcome> => {
    const client = await system.openClient(node, within(10_000));
    try {
      return await client.invoke(call, within(10_000));
    } finally {
      await client.close();
    }
  };
  const leaders = async () => (await system.leaders?.(nodes, within(patienceMs))) ?? [];
  const soon = { timeout: patienceMs, interval: 100 };

  beforeAll(async () => {
    all = await processNodes(['n1', 'n2', 'n3'], system.ports);
    ({ nodes } = all);
    for (const node of nodes) await system.setUp(node, nodes);
    await Promise.all(nodes.map((node) => system.start(node, nodes)));
    await ready();
  }, 2 * patienceMs);

  afterAll(() => all?.cleanUp());

  test('answer at every node, by the one primary', async () => {
    expect(await leaders()).toEqual([{ node: 'n1', term: 0 }]);
    expect(await invoke(at(2), { f: 'read', key: 'a' })).toEqual({ type: 'ok' });
    for (const [i, node] of nodes.entries()) {
      expect(await invoke(node, { f: 'write', key: 'a', value: [i] })).toEqual({ type: 'ok' });
      for (const other of nodes) {
        expect(await invoke(other, { f: 'read', key: 'a' })).toEqual({ type: 'ok', value: [i] });
      }
    }
    expect(await invoke(at(1), { f: 'cas', key: 'a', value: [[2], 'ü'] })).toEqual({ type: 'ok' });
    expect(await invoke(at(2), { f: 'cas', key: 'a', value: [[2], 3] })).toMatchObject({
      type: 'fail',
      error: { code: 'cas-mismatch' },
      found: { value: 'ü' },
    });
    expect(await invoke(at(0), { f: 'cas', key: 'absent', value: [1, 2] })).toHaveProperty('found', {});
  });

  test('are refused by a replica in words that are definite', async () => {
    const replica = at(1).endpoint('client');
    for (const command of [
      ['SET', 'a', '1'],
      ['EVAL', "return redis.call('SET', KEYS[1], '1')", '1', 'a'],
    ] as const) {
      await expect(askOnce(replica, command, within(patienceMs))).rejects.toThrow(/: READONLY /);
    }
  });

  test('tell what time it is', async () => {
    const told = (await system.wallClockMs?.(at(1), within(patienceMs))) ?? 0;
    expect(Math.abs(told - Date.now())).toBeLessThan(1_000);
  });

  test('make another the primary when theirs is killed, and lead clients to it', async () => {
    expect(await invoke(at(0), { f: 'write', key: 'b', value: 1 })).toEqual({ type: 'ok' });
    const client = await system.openClient(at(1), within(10_000));
    await at(0).signal('SIGKILL');
    // Server and sentinel are one group: both are gone.
    for (const port of ['client', 'sentinel']) {
      await expect(askOnce(at(0).endpoint(port), ['PING'], within(10_000))).rejects.toThrow('ECONNREFUSED');
    }
    await expect(system.openClient(at(0), within(10_000))).rejects.toThrow('ECONNREFUSED');
    await expect.poll(async () => (await leaders())[0]?.term, soon).toBeGreaterThan(0);
    await expect
      .poll(() => client.invoke({ f: 'read', key: 'b' }, within(10_000)), soon)
      .toEqual({
        type: 'ok',
        value: 1,
      });
    expect(await client.invoke({ f: 'write', key: 'b', value: 2 }, within(10_000))).toEqual({ type: 'ok' });
    await client.close();
  });

  test('take the old primary back as a replica, with what its files say', async () => {
    await system.start(at(0), nodes);
    await ready();
    await expect.poll(async () => (await leaders()).map(({ node }) => node), soon).not.toContain('n1');
    const config = () => readFile(join(at(0).dataDirectory, 'redis.conf'), 'utf8');
    await expect.poll(config, soon).toMatch(/^replicaof /m);
    await expect.poll(() => invoke(at(0), { f: 'read', key: 'b' }), soon).toEqual({ type: 'ok', value: 2 });
    await at(0).signal('SIGKILL');
    await system.start(at(0), nodes);
    await ready();
    expect((await leaders()).map(({ node }) => node)).not.toContain('n1');
    expect(await config()).toMatch(/^replicaof /m);
  }, 120_000);

  test('lose what an isolated primary acknowledged', async () => {
    // Without a network to cut, the others are stopped for as long as it takes them to be taken for dead; the primary
    // goes on acknowledging what nobody else has.
    const [claim] = await leaders();
    const primary = nodes.find(({ name }) => name === claim?.node) as ProcessNode;
    const others = nodes.filter((node) => node !== primary);
    await Promise.all(others.map((node) => node.signal('SIGKILL')));
    const isolated = await system.openClient(primary, within(10_000));
    expect(await isolated.invoke({ f: 'write', key: 'lost', value: 1 }, within(10_000))).toEqual({
      type: 'ok',
    });
    await primary.signal('SIGKILL');
    await isolated.close();
    await Promise.all(others.map((node) => system.start(node, nodes)));
    const survivor = others[0] as ProcessNode;
    await expect
      .poll(() => invoke(survivor, { f: 'write', key: 'c', value: 1 }).catch(() => undefined), soon)
      .toEqual({
        type: 'ok',
      });
    expect(await invoke(survivor, { f: 'read', key: 'lost' })).toEqual({ type: 'ok' });
  }, 120_000);

  test('end by their own hand, server and sentinel', async () => {
    const node = at(2);
    if ((await node.state()) === 'dead') await system.start(node, nodes);
    await system.awaitReady(node, within(patienceMs));
    await system.stop(node);
    expect(await node.exit()).toBe(0);
    await expect(askOnce(node.endpoint('sentinel'), ['PING'], within(10_000))).rejects.toThrow(
      'ECONNREFUSED',
    );
  }, 120_000);

  test('where the server ends, the sentinel of its node ends too, and the other way round', async () => {
    for (const [killed, left] of [
      ['client', 'sentinel'],
      ['sentinel', 'client'],
    ] as const) {
      const node = at(2);
      await system.start(node, nodes);
      await system.awaitReady(node, within(patienceMs));
      const info = String(await askOnce(node.endpoint(killed), ['INFO', 'server'], within(10_000)));
      process.kill(Number(/process_id:(\d+)/.exec(info)?.[1]), 'SIGKILL');
      await node.exit();
      await expect(askOnce(node.endpoint(left), ['PING'], within(10_000))).rejects.toThrow('ECONNREFUSED');
    }
  }, 120_000);

  test('are three at least', async () => {
    await expect(system.setUp(at(0), nodes.slice(1))).rejects.toThrow(UsageError);
  });
});
