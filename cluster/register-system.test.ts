// The node program as real processes over loopback, started the way the harness starts them.

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Call, Outcome } from '../checkers/op.ts';
import type { Node } from '../harness/environment.ts';
import { programPath } from '../harness/program-path.ts';
import { mutants } from './mutants/catalogue.ts';
import { type ProcessNode, processNodes } from './process-node.fixture.ts';
import { registerSystem } from './register-system.ts';

const program = programPath('cluster/server/main.ts');
const patient = new AbortController().signal;
const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);

let cleanUps: (() => Promise<unknown>)[] = [];

async function cleanUp(): Promise<void> {
  const last = cleanUps.reverse();
  cleanUps = [];
  for (const undo of last) await undo();
}

beforeAll(() => {
  if (!existsSync(program)) throw new Error(`${program} is missing: npm run build`);
});

async function prepare(names: readonly string[]): Promise<readonly ProcessNode[]> {
  const { nodes, cleanUp: undo } = await processNodes(names, ['client', 'peer']);
  cleanUps.push(undo);
  return nodes;
}

interface Cluster {
  readonly nodes: readonly ProcessNode[];
  readonly system: ReturnType<typeof registerSystem>;
  readonly node: (i: number) => ProcessNode;
  readonly start: (some?: readonly ProcessNode[]) => Promise<void>;
  readonly invoke: (node: ProcessNode, call: Call, signal?: AbortSignal) => Promise<Outcome>;
  readonly leader: () => Promise<ProcessNode>;
}

async function cluster(options: Parameters<typeof registerSystem>[0] = {}): Promise<Cluster> {
  const nodes = await prepare(['n1', 'n2', 'n3']);
  const system = registerSystem({ heartbeatMs: 30, electionMs: 150, ...options });
  return {
    nodes,
    system,
    node: (i) => nodes[i] as ProcessNode,
    async start(some = nodes) {
      await Promise.all(some.map((node) => system.start(node, nodes)));
      await Promise.all(some.map((node) => system.awaitReady(node, within(15_000))));
    },
    async invoke(node, call, signal = patient) {
      const client = await system.openClient(node, patient);
      try {
        return await client.invoke(call, signal);
      } finally {
        await client.close();
      }
    },
    async leader() {
      const deadline = within(15_000);
      for (;;) {
        const claims = [...((await system.leaders?.(nodes, deadline)) ?? [])];
        const name = claims.sort((a, b) => b.term - a.term)[0]?.node;
        const leader = nodes.find((node) => node.name === name);
        if (leader !== undefined) return leader;
      }
    },
  };
}

async function http(
  node: ProcessNode,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; body: unknown }> {
  const { host, port } = node.endpoint('client');
  const response = await fetch(`http://${host}:${port}${path}`, {
    method,
    ...(body !== undefined && { body }),
  });
  return { status: response.status, body: await response.json() };
}

describe('a cluster of three nodes', () => {
  let shared: Cluster;

  beforeAll(async () => {
    shared = await cluster();
    for (const node of shared.nodes) await shared.system.setUp(node, shared.nodes);
    await shared.start();
  });

  afterEach(async () => {
    const states = await Promise.all(shared.nodes.map((node) => node.state()));
    await shared.start(shared.nodes.filter((_, i) => states[i] === 'dead'));
  });

  afterAll(cleanUp);

  test('elects a leader and answers reads, writes and cas on every node', async () => {
    const { nodes, invoke, leader } = shared;
    await leader();
    for (const node of nodes) expect(await invoke(node, { f: 'read', key: 'a' })).toEqual({ type: 'ok' });
    for (const [i, node] of nodes.entries()) {
      expect(await invoke(node, { f: 'write', key: 'a', value: i })).toEqual({ type: 'ok' });
      for (const other of nodes) {
        expect(await invoke(other, { f: 'read', key: 'a' })).toEqual({ type: 'ok', value: i });
      }
    }
    for (const node of nodes) {
      expect(await invoke(node, { f: 'cas', key: node.name, value: [null, 1] })).toMatchObject({
        type: 'fail',
        error: { code: 'cas-mismatch' },
        found: {},
      });
      expect(await invoke(node, { f: 'write', key: node.name, value: null })).toEqual({ type: 'ok' });
      expect(await invoke(node, { f: 'cas', key: node.name, value: [null, { x: 1 }] })).toEqual({
        type: 'ok',
      });
      expect(await invoke(node, { f: 'read', key: node.name })).toEqual({ type: 'ok', value: { x: 1 } });
    }
  });

  test('can be used with plain HTTP', async () => {
    const { node, leader } = shared;
    await leader();
    const n2 = node(1);
    const exchanges: readonly (readonly [string, string, string | undefined, number, unknown])[] = [
      ['GET', '/registers/a%20b', undefined, 200, {}],
      ['PUT', '/registers/a%20b', '[1]', 200, { written: true }],
      ['GET', '/registers/a%20b', undefined, 200, { value: [1] }],
      ['POST', '/registers/a%20b/cas', '{"from":1,"to":2}', 200, { swapped: false, found: { value: [1] } }],
      ['POST', '/registers/a%20b/cas', '{"from":[1],"to":2}', 200, { swapped: true }],
      ['PUT', '/registers/a', '{', 400, { error: { code: 'bad-request', definite: true } }],
      ['PUT', '/registers/a', `"${'x'.repeat(100_000)}"`, 413, { error: { code: 'too-large' } }],
      ['PATCH', '/registers/a', undefined, 405, { error: { code: 'method-not-allowed' } }],
    ];
    for (const [method, path, sent, status, body] of exchanges) {
      expect(await http(n2, method, path, sent)).toMatchObject({ status, body });
    }
    const { body } = await http(n2, 'GET', '/status');
    expect(body).toMatchObject({ id: 'n2', term: expect.any(Number), pid: n2.pid() });
    expect(Object.keys(body as object)).toEqual(
      expect.arrayContaining(['role', 'leader', 'commit', 'applied', 'lastContactMs', 'hash']),
    );
  });

  test('has every acknowledged write after all its nodes were killed at once, amid writes', async () => {
    const { nodes, node, system, start, invoke, leader } = shared;
    await leader();
    const acknowledged = new Map<string, number>();
    const attempted = new Map<string, number>();
    const killed = new AbortController();
    const writers = nodes.flatMap((each) =>
      ['x', 'y'].map(async (writer) => {
        const client = await system.openClient(each, patient);
        for (let value = 1; !killed.signal.aborted; value += 1) {
          const key = `${each.name}-${writer}`;
          attempted.set(key, value);
          const { type } = await client.invoke({ f: 'write', key, value }, within(3_000));
          if (type === 'ok') acknowledged.set(key, value);
        }
        await client.close();
      }),
    );
    while (acknowledged.size < writers.length || [...acknowledged.values()].some((value) => value < 5)) {
      await new Promise(setImmediate);
    }
    await Promise.all(nodes.map((each) => each.signal('SIGKILL')));
    killed.abort();
    await Promise.all(writers);
    await start();
    await leader();
    for (const [key, value] of acknowledged) {
      // A read says nothing while another candidate still deposes the first leader.
      let outcome = await invoke(node(0), { f: 'read', key });
      for (let again = 0; again < 100 && outcome.type !== 'ok'; again += 1) {
        outcome = await invoke(node(0), { f: 'read', key });
      }
      expect(outcome).toMatchObject({ type: 'ok' });
      // Writes after the last acknowledged one were under way and may have happened.
      const found = outcome.type === 'ok' ? Number(outcome.value) : Number.NaN;
      expect(found).toBeGreaterThanOrEqual(value);
      expect(found).toBeLessThanOrEqual(attempted.get(key) ?? 0);
    }
  });

  test('goes on with another leader when its leader is killed', async () => {
    const { nodes, invoke, leader } = shared;
    const first = await leader();
    expect(await invoke(first, { f: 'write', key: 'a', value: 1 })).toEqual({ type: 'ok' });
    await first.signal('SIGKILL');
    await leader();
    for (const node of nodes) {
      if (node === first) continue;
      expect(await invoke(node, { f: 'read', key: 'a' })).toEqual({ type: 'ok', value: 1 });
    }
  });

  test('pitfall 5: what was forwarded to a leader that leads no longer is info', async () => {
    const { nodes, invoke, leader } = shared;
    const first = await leader();
    const follower = nodes.find((node) => node !== first) as ProcessNode;
    expect(await invoke(follower, { f: 'write', key: 'a', value: 1 })).toEqual({ type: 'ok' });
    await first.signal('SIGSTOP');
    const outcome = await invoke(follower, { f: 'write', key: 'a', value: 2 });
    await first.signal('SIGCONT');
    expect(outcome).toMatchObject({ type: 'info' });
    expect(outcome).toMatchObject({ error: { code: expect.stringMatching(/^(forward-lost|timeout)$/) } });
  });

  test('ends by its own hand on SIGTERM, answering what is pending', async () => {
    const { nodes, system, invoke, leader } = shared;
    const first = await leader();
    expect(await invoke(first, { f: 'write', key: 'a', value: 1 })).toEqual({ type: 'ok' });
    for (const node of nodes) if (node !== first) await node.signal('SIGKILL');
    const pending = invoke(first, { f: 'write', key: 'a', value: 2 });
    const lag = async (): Promise<number> => {
      const { lastIndex, commit } = (await http(first, 'GET', '/status')).body as Record<string, number>;
      return (lastIndex ?? 0) - (commit ?? 0);
    };
    while ((await lag()) === 0) await new Promise(setImmediate);
    await system.stop(first);
    expect(await pending).toMatchObject({ type: 'info', error: { code: 'stopped' } });
    expect(await first.exit()).toBe(0);
  });

  test('pitfall 4: a node that knows no leader refuses definitely', async () => {
    const { nodes, node, start, invoke } = shared;
    await Promise.all(nodes.map((each) => each.signal('SIGTERM')));
    await start([node(0)]);
    expect(await invoke(node(0), { f: 'write', key: 'a', value: 1 })).toMatchObject({
      type: 'fail',
      error: { code: 'no-leader' },
    });
  });
});

describe('the program', () => {
  let n1: ProcessNode;
  const system = registerSystem({ mutant: 'stale-read' });

  beforeAll(async () => {
    [n1] = (await prepare(['n1'])) as [ProcessNode];
    await system.start(n1, [n1]);
    await system.awaitReady(n1, within(10_000));
  });

  afterAll(async () => {
    // A test that failed may have left the program running.
    if ((await n1.state()) === 'running') await n1.signal('SIGKILL');
    await cleanUp();
  });

  test('says in its log and its status that it is a mutant', async () => {
    expect(system.description).toMatchObject({ mutant: 'stale-read' });
    expect(await n1.log()).toContain('MUTANT stale-read');
    expect((await http(n1, 'GET', '/status')).body).toMatchObject({ mutant: 'stale-read' });
    expect(() => registerSystem({ mutant: 'nonsense' })).toThrow(
      `mutant nonsense: allowed are ${mutants.map(({ name }) => name).join(', ')}`,
    );
  });

  test('pitfall 22: is asked at its endpoint, with no link between that a nemesis could slow', async () => {
    const asked: string[] = [];
    const watched: Node = new Proxy(n1, {
      get(target, member) {
        asked.push(String(member));
        const value: unknown = Reflect.get(target, member, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const client = await system.openClient(watched, patient);
    await client.close();
    expect(asked).toEqual(['endpoint']);
  });

  test('ends as a second copy on the same addresses before it touches the data', async () => {
    const first = n1.pid() ?? 0;
    await system.start(n1, [n1]);
    expect(await n1.exit()).toBe(1);
    expect(await n1.log()).toMatch(/fatal: listen EADDRINUSE[^\n]+\n$/);
    process.kill(first, 'SIGKILL');
    while (isAlive(first)) await new Promise(setImmediate);
  });

  test('refuses a damaged log, with one line that names file and place', async () => {
    const path = join(n1.dataDirectory, 'raft.log');
    await registerSystem().start(n1, [n1]);
    const magicBytes = 8;
    while (((await readFile(path).catch(() => undefined))?.length ?? 0) <= magicBytes) {
      await new Promise(setImmediate);
    }
    await n1.signal('SIGKILL');
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(path, Buffer.concat([bytes, bytes.subarray(8)]));
    const before = (await n1.log()).length;
    await registerSystem().start(n1, [n1]);
    expect(await n1.exit()).toBe(1);
    expect((await n1.log()).slice(before)).toMatch(/^fatal: \S+raft\.log: damaged at byte 8: [^\n]+\n$/);
  });

  test('takes a mistyped flag for a mistake: one line and exit code 254', async () => {
    const before = (await n1.log()).length;
    await n1.start({ argv: [process.execPath, program, '--idd=n1'] });
    expect(await n1.exit()).toBe(254);
    expect((await n1.log()).slice(before)).toMatch(/^Unknown option '--idd'[^\n]+\n$/);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
