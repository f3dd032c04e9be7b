// Against the real redis-server: one, as a process of this machine.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, Outcome } from '../../checkers/op.ts';
import { UsageError } from '../../harness/errors.ts';
import { type ProcessNode, type ProcessNodes, processNodes, testsNeed } from '../process-node.fixture.ts';
import { redisSystem } from './redis-system.ts';

const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);
const patienceMs = 30_000;
const system = redisSystem();

describe.runIf(testsNeed(['redis-server'], 'redis-server'))('one Redis server', () => {
  let all: ProcessNodes;
  let node: ProcessNode;

  const start = async () => {
    await system.start(node, [node]);
    await system.awaitReady(node, within(patienceMs));
  };
  const invoke = async (call: Call): Promise<Outcome> => {
    const client = await system.openClient(node, within(patienceMs));
    try {
      return await client.invoke(call, within(patienceMs));
    } finally {
      await client.close();
    }
  };

  beforeAll(async () => {
    all = await processNodes(['n1'], system.ports);
    node = all.nodes[0] as ProcessNode;
    await system.setUp(node, [node]);
    await start();
  });

  afterAll(() => all?.cleanUp());

  test('answers reads, writes and cas', async () => {
    expect(await invoke({ f: 'read', key: 'a' })).toEqual({ type: 'ok' });
    expect(await invoke({ f: 'write', key: 'a', value: { x: 'ü' } })).toEqual({ type: 'ok' });
    expect(await invoke({ f: 'read', key: 'a' })).toEqual({ type: 'ok', value: { x: 'ü' } });
    expect(await invoke({ f: 'cas', key: 'a', value: [{ x: 'ü' }, null] })).toEqual({ type: 'ok' });
    expect(await invoke({ f: 'cas', key: 'a', value: [1, 2] })).toMatchObject({
      type: 'fail',
      error: { code: 'cas-mismatch' },
      found: { value: null },
    });
    expect(await invoke({ f: 'cas', key: 'absent', value: [null, 2] })).toHaveProperty('found', {});
  });

  test('keeps what was acknowledged when it is killed amid writes', async () => {
    const client = await system.openClient(node, within(patienceMs));
    let acknowledged = 0;
    let attempted = 0;
    const writing = (async () => {
      for (;;) {
        attempted += 1;
        const { type } = await client.invoke({ f: 'write', key: 'n', value: attempted }, within(patienceMs));
        if (type !== 'ok') return type;
        acknowledged = attempted;
      }
    })();
    await expect.poll(() => acknowledged, { timeout: patienceMs }).toBeGreaterThan(20);
    await node.signal('SIGKILL');
    await writing;
    await client.close();
    await expect(invoke({ f: 'read', key: 'n' })).rejects.toThrow('ECONNREFUSED');
    await start();
    const found = await invoke({ f: 'read', key: 'n' });
    const value = found.type === 'ok' ? Number(found.value) : Number.NaN;
    expect(value).toBeGreaterThanOrEqual(acknowledged);
    expect(value).toBeLessThanOrEqual(attempted);
  });

  test('leads, tells the time, and ends by its own hand', async () => {
    expect(await system.leaders?.([node], within(patienceMs))).toEqual([{ node: 'n1', term: 0 }]);
    const told = (await system.wallClockMs?.(node, within(patienceMs))) ?? 0;
    expect(Math.abs(told - Date.now())).toBeLessThan(1_000);
    await system.stop(node);
    expect(await node.exit()).toBe(0);
    expect(await system.leaders?.([node], within(patienceMs))).toEqual([]);
  });

  test('takes one node only', async () => {
    const setUp = system.setUp(node, [node, node]);
    await expect(setUp).rejects.toThrow(UsageError);
    await expect(setUp).rejects.toThrow('takes one node, not 2');
  });
});
