// Nodes that are programs of this machine over loopback, without links between them that could be cut: for tests of
// systems against the real program.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import type { Address, Command, Node, Signal } from '../harness/environment.ts';
import { identityOf, livingInGroup, type ProcessIdentity } from '../harness/os-process.ts';
import { programPath } from '../harness/program-path.ts';

const loopback = '127.0.0.1';

export class ProcessNode implements Node {
  readonly name: string;
  readonly dataDirectory: string;
  readonly logFiles: readonly string[];
  readonly #ports: Readonly<Record<string, number>>;
  readonly #all: ReadonlyMap<string, ProcessNode>;
  #child: ChildProcess | undefined;

  constructor(
    name: string,
    directory: string,
    ports: Readonly<Record<string, number>>,
    all: Map<string, ProcessNode>,
  ) {
    this.name = name;
    this.dataDirectory = join(directory, name);
    this.logFiles = [join(directory, `${name}.log`)];
    this.#ports = ports;
    this.#all = all;
    all.set(name, this);
  }

  excuseExits(): void {}

  argvOf(source: string): readonly string[] {
    return [process.execPath, programPath(source)];
  }

  listen(port: string): Address {
    return { host: loopback, port: this.#ports[port] ?? 0 };
  }

  endpoint(port: string): Address {
    return this.listen(port);
  }

  peer(name: string, port: string): Address {
    const peer = this.#all.get(name);
    if (peer === undefined) throw new Error(`no node ${name}`);
    return peer.listen(port);
  }

  async wipe(): Promise<void> {
    await rm(this.dataDirectory, { recursive: true, force: true });
    await mkdir(this.dataDirectory, { recursive: true });
  }

  async start({ argv: [file = '', ...args], env }: Command): Promise<void> {
    const log = await open(this.logFiles[0] ?? '', 'a');
    this.#child = spawn(file, args, {
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, ...env },
      detached: true,
    });
    await log.close();
  }

  /** To the process group. No program to signal is no error here. */
  async signal(signal: Signal): Promise<void> {
    const pid = this.#child?.pid;
    const leader = pid === undefined ? undefined : identityOf(pid);
    if (leader !== undefined && (await this.state()) === 'running') process.kill(-leader.pid, signal);
    if (signal !== 'SIGKILL' && signal !== 'SIGTERM') return;
    await this.exit();
    if (leader !== undefined) await groupEnd(leader);
  }

  /** Exit code, or the signal that ended it. */
  async exit(): Promise<number | string | null> {
    const child = this.#child;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => {
        child.once('exit', resolve);
      });
    }
    return child.exitCode ?? child.signalCode;
  }

  async state(): Promise<'running' | 'dead'> {
    return this.#child?.exitCode === null && this.#child.signalCode === null ? 'running' : 'dead';
  }

  pid(): number | undefined {
    return this.#child?.pid;
  }

  async log(): Promise<string> {
    return readFile(this.logFiles[0] ?? '', 'utf8');
  }
}

async function groupEnd(leader: ProcessIdentity): Promise<void> {
  while (livingInGroup(leader).length > 0) await sleep(5);
}

export interface ProcessNodes {
  readonly nodes: readonly ProcessNode[];
  /** Ends every program and removes every file. */
  readonly cleanUp: () => Promise<void>;
}

/** Nothing runs on them yet. */
export async function processNodes(
  names: readonly string[],
  portNames: readonly string[],
): Promise<ProcessNodes> {
  const directory = await mkdtemp(join(tmpdir(), 'faultline-nodes-'));
  const free = await freePorts(names.length * portNames.length);
  const all = new Map<string, ProcessNode>();
  const nodes = names.map((name) => {
    const ports = Object.fromEntries(portNames.map((port) => [port, free.pop() ?? 0]));
    return new ProcessNode(name, directory, ports, all);
  });
  return {
    nodes,
    async cleanUp() {
      await Promise.all(nodes.map((node) => node.signal('SIGKILL')));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => {
        server.listen(0, loopback, resolve);
      });
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => {
        server.close(resolve);
      });
      return port;
    }),
  );
}

/**
 * `test.skip` where one of the programs is not installed, said loudly with Debian's packages that bring it; in CI a test
 * that fails instead.
 */
export function testsNeed(programs: readonly string[], packages: string): boolean {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0) return true;
  const line = `${missing.join(', ')} not found: apt-get install ${packages}`;
  if (process.env['CI'] === undefined) {
    process.stderr.write(`\nSKIPPED: ${line}\n`);
    test.skip(`needs ${line}`, () => {});
  } else {
    test('has the programs that it tests', () => {
      throw new Error(line);
    });
  }
  return false;
}
