// A node in a real container: what it does besides what the contract of all environments asks.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { UnexpectedExit } from '../harness/environment.ts';
import { runMark } from '../harness/ledger.ts';
import { DockerNode } from './docker-node.ts';
import { describeDocker } from './engine.fixture.ts';
import { ensureImage } from './image.ts';
import { ownerLabel, runLabel } from './labels.ts';
import { ownOwner, removeRun } from './leftovers.ts';
import { Machine } from './machine.ts';
import { makeVolume } from './volume.ts';

const limits = { SIGKILL: 5_000, SIGTERM: 5_000, SIGINT: 5_000, SIGSTOP: 5_000, SIGCONT: 5_000 };
const soon = { timeout: 10_000, interval: 50 };
const idle = { argv: ['node', '-e', 'setInterval(() => undefined, 1000)'] };

await describeDocker('a node in a container', (engine) => {
  const run = runMark();
  const labels = { [runLabel]: run, [ownerLabel]: ownOwner() };
  const name = `faultline-${run.slice(0, 10)}`;
  const directory = mkdtempSync(join(tmpdir(), 'faultline-node-'));
  const exits: UnexpectedExit[] = [];
  let image: string;
  let node: DockerNode;
  let machine: Machine;

  beforeAll(async () => {
    image = (
      await ensureImage(engine, {
        software: 'register',
        note: () => {},
        signal: new AbortController().signal,
      })
    ).name;
    await makeVolume(engine, { name: `${name}-data`, labels, isLimited: true });
    const helper = await engine.attempt('create a helper', (docker) =>
      docker.createContainer({
        name: `${name}-net`,
        Image: image,
        Labels: labels,
        Entrypoint: ['sleep', '600'],
        HostConfig: {
          NetworkMode: 'none',
          Init: true,
          Mounts: [{ Type: 'volume', Source: `${name}-data`, Target: '/data' }],
        },
      }),
    );
    await helper.start();
    machine = new Machine({
      engine,
      container: name,
      image,
      helper: `${name}-net`,
      volume: `${name}-data`,
      labels,
      memoryBytes: 128 * 2 ** 20,
    });
    node = await DockerNode.up({
      name: 'n1',
      machine,
      ports: new Map([['client', { inside: 7000, published: { host: '127.0.0.1', port: 1 } }]]),
      addressOf: () => '127.0.0.1',
      directory: join(directory, 'n1'),
      limits,
      diskIsLimited: true,
      networkIsGone: () => false,
      onUnexpectedExit: (exit) => exits.push(exit),
    });
  }, 180_000);

  beforeEach(async () => {
    await node.start(idle);
  });

  afterEach(async () => {
    await node.freezer.thaw();
    if ((await node.state()) !== 'dead') await node.signal('SIGKILL');
    exits.length = 0;
  });

  afterAll(async () => {
    node.close();
    await removeRun(engine, run);
    rmSync(directory, { recursive: true, force: true });
  });

  const fresh = async (...argv: string[]) => {
    await node.signal('SIGKILL');
    await node.start({ argv });
  };

  it('runs its program without any privilege, and as nobody of importance', async () => {
    await fresh('sh', '-c', 'id -u; grep -E "^(CapEff|NoNewPrivs)" /proc/self/status; sleep 60');
    await vi.waitFor(() => {
      const log = readFileSync(node.logFiles[0] ?? '', 'utf8');
      expect(log).toMatch(/^1000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1$/m);
    }, soon);
  });

  it('passes words to a program as they are, whatever they hold', async () => {
    const words = ["it's", '$(id) `id` "x"', 'two\nlines', 'ünïcode\\', '', '-n', '*'];
    await fresh(
      'node',
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1))); setInterval(() => {}, 1e3)',
      '--',
      ...words,
    );
    await vi.waitFor(() => {
      expect(readFileSync(node.logFiles[0] ?? '', 'utf8')).toContain(JSON.stringify(words));
    }, soon);
  });

  it('loses its program with its power, and keeps its data', async () => {
    await fresh('sh', '-c', 'echo precious > /data/node/kept; echo it is kept; sleep 60');
    await vi.waitFor(() => {
      expect(readFileSync(node.logFiles[0] ?? '', 'utf8')).toMatch(/^it is kept$/m);
    }, soon);
    await node.power.off();
    expect(await node.state()).toBe('dead');
    expect(await machine.isOn()).toBe(false);
    await node.power.off();
    await node.power.on();
    await node.start({ argv: ['sh', '-c', 'cat /data/node/kept; sleep 60'] });
    await vi.waitFor(() => {
      expect(readFileSync(node.logFiles[0] ?? '', 'utf8')).toMatch(/^precious$/m);
    }, soon);
    expect(exits).toEqual([]);
  });

  it('is switched on by a start', async () => {
    await node.power.off();
    await node.start(idle);
    expect(await node.state()).toBe('running');
  });

  it('stands still while it is frozen, is no dead node then, and is thawed by either repair', async () => {
    await node.freezer.freeze();
    expect(await machine.isFrozen()).toBe(true);
    expect(await node.state()).toBe('paused');
    await node.signal('SIGCONT');
    expect(await node.state()).toBe('running');
    await node.freezer.freeze();
    await node.freezer.thaw();
    expect(await node.state()).toBe('running');
    await node.signal('SIGSTOP');
    await node.freezer.thaw();
    expect(await node.state()).toBe('running');
  });

  it('is killed although it is frozen', async () => {
    await node.freezer.freeze();
    await node.signal('SIGKILL');
    expect(await node.state()).toBe('dead');
  });

  it('has less of a processor, and all of it again', async () => {
    expect(await node.cpu.limit(0.1)).toEqual({ quota: expect.stringMatching(/^10000\b/) });
    expect(await node.cpu.limit(undefined)).toEqual({ quota: expect.stringMatching(/^(-1|max\b)/) });
  });

  it('has a disk that fills up and is freed', async () => {
    expect(await node.disk?.fill()).toMatchObject({ writable: false });
    await fresh('sh', '-c', 'head -c 9999 /dev/zero > /data/node/more; sleep 60');
    await vi.waitFor(() => {
      expect(readFileSync(node.logFiles[0] ?? '', 'utf8')).toMatch(/No space left on device/);
    }, soon);
    expect(await node.disk?.free()).toMatchObject({ writable: true });
  });

  it('comes back with a disk that cannot be written, and with one that can', async () => {
    await expect(node.disk?.setReadOnly(true)).rejects.toThrow(/n1.*program lives/);
    await node.signal('SIGKILL');
    expect(await node.disk?.setReadOnly(true)).toMatchObject({ writable: false });
    await node.start({ argv: ['sh', '-c', 'echo x > /data/node/more; sleep 60'] });
    await vi.waitFor(() => {
      expect(readFileSync(node.logFiles[0] ?? '', 'utf8')).toMatch(/Read-only file system/);
    }, soon);
    await node.signal('SIGKILL');
    expect(await node.disk?.setReadOnly(false)).toMatchObject({ writable: true });
  });

  it('tells a program that used up its memory from one that was killed', async () => {
    await fresh('node', '-e', 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))');
    await vi.waitFor(() => expect(exits).toHaveLength(1), { timeout: 30_000, interval: 100 });
    expect(exits[0]).toMatchObject({ node: 'n1', signal: 'SIGKILL' });
    expect(exits[0]?.lastWords).toMatch(/out of memory/);
  });

  it('does not report the end of a program that a fault explains', async () => {
    node.excuseExits(true);
    await fresh('sh', '-c', 'exit 3');
    await vi.waitFor(async () => expect(await node.state()).toBe('dead'), soon);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(exits).toEqual([]);
    node.excuseExits(false);
    await node.start({ argv: ['sh', '-c', 'echo it is over; exit 3'] });
    await vi.waitFor(() => expect(exits).toHaveLength(1), soon);
    expect(exits[0]).toMatchObject({
      code: 3,
      signal: null,
      lastWords: expect.stringMatching(/it is over$/),
    });
  });

  it('reports a machine that somebody else ends', async () => {
    await engine.attempt('kill the container', (docker) => docker.getContainer(name).kill());
    await vi.waitFor(() => expect(exits).toHaveLength(1), soon);
    expect(exits[0]?.lastWords).toMatch(/its container ended/);
    expect(await node.state()).toBe('dead');
  });
});
