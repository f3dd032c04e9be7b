// What the wall clock does to real nodes: told truly, used for nothing by the product, and for a lease by the mutant. The
// clocks are those of the programs alone, by libfaketime.

import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Call, Outcome } from '../checkers/op.ts';
import type { Address, Command, Node } from '../harness/environment.ts';
import type { System } from '../harness/system.ts';
import { type ProcessNode, processNodes } from './process-node.fixture.ts';
import { registerSystem } from './register-system.ts';

const library = faketimeLibrary();
if (library === undefined) {
  if (process.env['CI'] === 'true')
    throw new Error('the tests of wall clocks must run in CI: install libfaketime');
  process.stderr.write('\nNOT TESTED: nodes with a wrong wall clock: libfaketime is not installed\n\n');
}

function faketimeLibrary(): string | undefined {
  return readdirSync('/usr/lib')
    .map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path));
}

const electionMs = 300;
const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** The way from one node to another's peer port, which can be cut. */
class Way {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(target: Address) {
    this.#server = createServer((near) => {
      const far = connect(target);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      if (this.#isCut) near.destroy();
      near.pipe(far).pipe(near);
    });
  }

  async open(): Promise<Address> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  cut(isCut: boolean): void {
    this.#isCut = isCut;
    if (isCut) for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut(true);
    this.#server.close();
  }
}

interface Cluster {
  readonly nodes: readonly Node[];
  readonly system: System;
  isolate(node: Node): void;
  /** By how much the node's wall clock is wrong. */
  setClock(node: Node, aheadMs: number): void;
  leader(among?: readonly Node[]): Promise<Node>;
  invoke(node: Node, call: Call): Promise<Outcome>;
}

async function startCluster(mutant?: string): Promise<Cluster> {
  const { nodes: programs, cleanUp } = await processNodes(['n1', 'n2', 'n3'], ['client', 'peer']);
  cleanUps.push(async () => {
    await cleanUp();
    // What libfaketime leaves of programs that were killed.
    for (const pid of programs.map((program) => program.pid())) {
      for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
        await rm(`/dev/shm/${name}`, { force: true });
    }
  });
  const directory = await mkdtemp(join(tmpdir(), 'faultline-wall-'));
  cleanUps.push(() => rm(directory, { recursive: true, force: true }));
  const ways: { readonly from: string; readonly to: string; readonly way: Way; readonly address: Address }[] =
    [];
  for (const from of programs) {
    for (const to of programs.filter((other) => other !== from)) {
      const way = new Way(to.listen('peer'));
      cleanUps.push(() => way.close());
      ways.push({ from: from.name, to: to.name, way, address: await way.open() });
    }
  }
  const setClock = ({ name }: { readonly name: string }, aheadMs: number): void => {
    writeFileSync(join(directory, 'new'), `${aheadMs < 0 ? '' : '+'}${aheadMs / 1000}\n`);
    renameSync(join(directory, 'new'), join(directory, name));
  };
  const nodes = programs.map((program) => {
    setClock(program, 0);
    return withClockAndWays(program, {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: join(directory, program.name),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
  });

  function withClockAndWays(program: ProcessNode, env: Record<string, string>): Node {
    const own = {
      peer: (name: string) =>
        ways.find(({ from, to }) => from === program.name && to === name)?.address ??
        program.peer(name, 'peer'),
      start: (command: Command) => program.start({ ...command, env: { ...command.env, ...env } }),
    };
    return new Proxy<Node>(program, {
      get(_target, member) {
        const owner = Object.hasOwn(own, member) ? own : program;
        const value: unknown = Reflect.get(owner, member, owner);
        return typeof value === 'function' ? (value.bind(owner) as unknown) : value;
      },
    });
  }

  const system = registerSystem({ heartbeatMs: 50, electionMs, ...(mutant !== undefined && { mutant }) });
  for (const node of nodes) await system.setUp(node, nodes);
  for (const node of nodes) await system.start(node, nodes);
  for (const node of nodes) await system.awaitReady(node, within(30_000));
  return {
    nodes,
    system,
    setClock,
    isolate({ name }) {
      for (const { from, to, way } of ways) if (from === name || to === name) way.cut(true);
    },
    async leader(among = nodes) {
      const patience = within(30_000);
      for (;;) {
        const [claim] = (await system.leaders?.(among, patience)) ?? [];
        const leader = among.find(({ name }) => name === claim?.node);
        if (leader !== undefined) return leader;
        await sleep(20);
      }
    },
    async invoke(node, call) {
      const client = await system.openClient(node, within(10_000));
      try {
        return await client.invoke(call, within(10_000));
      } finally {
        await client.close();
      }
    },
  };
}

/** Cuts the leader off, has the others write something new, and gives both. */
async function replaceLeader(cluster: Cluster): Promise<{ readonly old: Node; readonly next: Node }> {
  const old = await cluster.leader();
  expect(await cluster.invoke(old, { f: 'write', key: 'a', value: 'old' })).toEqual({ type: 'ok' });
  expect(await cluster.invoke(old, { f: 'read', key: 'a' })).toEqual({ type: 'ok', value: 'old' });
  cluster.isolate(old);
  const next = await cluster.leader(cluster.nodes.filter((node) => node !== old));
  expect(await cluster.invoke(next, { f: 'write', key: 'a', value: 'new' })).toEqual({ type: 'ok' });
  return { old, next };
}

describe.skipIf(library === undefined)('nodes with a wall clock that is wrong', { timeout: 120_000 }, () => {
  const read: Call = { f: 'read', key: 'a' };

  test('the mutant reads right with right clocks, and stale with one that was set back', async () => {
    const cluster = await startCluster('wall-clock-lease');
    const { old, next } = await replaceLeader(cluster);
    expect(await cluster.invoke(next, read)).toEqual({ type: 'ok', value: 'new' });
    expect((await cluster.invoke(old, read)).type).toBe('fail');
    cluster.setClock(old, -60_000);
    expect(await cluster.invoke(old, read)).toEqual({ type: 'ok', value: 'old' });
    cluster.setClock(old, 0);
    expect((await cluster.invoke(old, read)).type).toBe('fail');
  });

  test('the product tells its wall clock and goes by another', async () => {
    const cluster = await startCluster();
    const { old, next } = await replaceLeader(cluster);
    for (const aheadMs of [-60_000, 3_600_000]) {
      for (const node of [old, next]) {
        cluster.setClock(node, aheadMs);
        const toldMs = await cluster.system.wallClockMs?.(node, within(10_000));
        expect(Math.abs((toldMs ?? 0) - Date.now() - aheadMs)).toBeLessThan(5_000);
      }
      expect((await cluster.invoke(old, read)).type).toBe('fail');
      expect(await cluster.invoke(next, read)).toEqual({ type: 'ok', value: 'new' });
      expect(await cluster.leader(cluster.nodes.filter((node) => node !== old))).toBe(next);
    }
    await old.signal('SIGKILL');
    await expect(cluster.system.wallClockMs?.(old, within(10_000))).rejects.toThrow('does not tell its time');
  });
});
