// Machines for tests of the net: for each a helper and, in its network, a node that talks. They are on a network of
// their own and gone when the fixture is disposed of.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Attached, attach } from '../attach.ts';
import type { Engine } from '../engine.ts';
import { HelperConnection } from '../helper-connection.ts';
import { ensureImage } from '../image.ts';
import { DockerNet } from '../net.ts';
import { probePort } from './protocol.ts';

export type Happening = Readonly<Record<string, unknown>>;

export interface TestMachine {
  readonly name: string;
  readonly helperContainer: string;
  readonly nodeContainer: string;
  readonly addresses: { readonly v4: string; readonly v6: string };
  readonly connection: HelperConnection;
  readonly happened: readonly Happening[];
  tell(what: object): void;
  /** In the node's network, as its root, who may change its firewall here. Gives what it wrote. */
  run(...argv: string[]): Promise<string>;
}

export interface TestNet extends AsyncDisposable {
  readonly machines: readonly TestMachine[];
  readonly net: DockerNet;
  readonly lost: readonly string[];
  /** A helper's container that nothing is attached to yet, not started, and a node in its network later. */
  createHelper(name: string, address: number): Promise<HelperPlace>;
  startNode(name: string, helperContainer: string): Promise<Attached>;
}

interface HelperPlace {
  readonly container: string;
  readonly addresses: { readonly v4: string; readonly v6: string };
}

const label = 'faultline.test.net';
const talker = readFileSync(new URL('../testdata/talker.mjs', import.meta.url), 'utf8');
const helperProgram = '/opt/faultline/dist/docker/helper/main.js';

export async function testNet(engine: Engine, names: readonly string[]): Promise<TestNet> {
  const { name: image } = await ensureImage(engine, {
    software: 'register',
    programs: ['docker/helper/main.ts'],
    note: () => undefined,
    signal: new AbortController().signal,
  });
  const mark = randomBytes(4).toString('hex');
  const prefix = `faultline-test-net-${mark}`;
  const labels = { [label]: mark };
  // One of many, so that two of these tests may run beside each other.
  const third = 1 + ((randomBytes(1)[0] ?? 0) % 250);
  const v4 = (last: number) => `172.29.${third}.${last}`;
  const v6 = (last: number) => `fd77:fa17:${mark.slice(0, 4)}::${last.toString(16)}`;
  const lost: string[] = [];

  const dispose = async () => {
    const filters = { label: [`${label}=${mark}`] };
    await engine.attempt('remove the test', async (docker) => {
      const containers = await docker.listContainers({ all: true, filters });
      await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
      for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
    });
  };

  const createHelper = async (name: string, last: number): Promise<HelperPlace> => {
    const container = `${prefix}-${name}-net`;
    await engine.attempt('create a helper', (docker) =>
      docker.createContainer({
        name: container,
        Image: image,
        Labels: labels,
        User: '0:0',
        Entrypoint: ['node', helperProgram],
        Cmd: [],
        OpenStdin: true,
        StdinOnce: true,
        ExposedPorts: { [`${probePort}/tcp`]: {} },
        HostConfig: {
          NetworkMode: prefix,
          CapDrop: ['ALL'],
          CapAdd: ['NET_ADMIN', 'NET_RAW'],
          SecurityOpt: ['no-new-privileges'],
          PortBindings: { [`${probePort}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
        },
        NetworkingConfig: {
          EndpointsConfig: { [prefix]: { IPAMConfig: { IPv4Address: v4(last), IPv6Address: v6(last) } } },
        },
      }),
    );
    return { container, addresses: { v4: v4(last), v6: v6(last) } };
  };

  const startNode = async (name: string, helperContainer: string): Promise<Attached> => {
    const container = `${prefix}-${name}`;
    await engine.attempt('create a node', (docker) =>
      docker.createContainer({
        name: container,
        Image: image,
        Labels: labels,
        User: '0:0',
        Entrypoint: ['node', '--input-type=module', '-e', talker],
        Cmd: [],
        OpenStdin: true,
        HostConfig: { NetworkMode: `container:${helperContainer}`, CapAdd: ['NET_ADMIN'] },
      }),
    );
    const attached = await attach(engine, container);
    await engine.attempt('start a node', (docker) => docker.getContainer(container).start());
    return attached;
  };

  const startMachine = async (name: string, last: number): Promise<TestMachine & { clientPort: number }> => {
    const { container, addresses } = await createHelper(name, last);
    const attached = await attach(engine, container);
    attached.stderr.pipe(process.stderr, { end: false });
    await engine.attempt('start a helper', (docker) => docker.getContainer(container).start());
    const connection = await HelperConnection.open(name, attached, (reason) => lost.push(reason), addresses);
    const facts = await engine.attempt('inspect a helper', (docker) =>
      docker.getContainer(container).inspect(),
    );
    const { stdin, stdout } = await startNode(name, container);
    const happened: Happening[] = [];
    createInterface({ input: stdout }).on('line', (line) => {
      happened.push(JSON.parse(line) as Happening);
    });
    const nodeContainer = `${prefix}-${name}`;
    return {
      name,
      helperContainer: container,
      nodeContainer,
      addresses,
      connection,
      happened,
      clientPort: Number(facts.NetworkSettings.Ports[`${probePort}/tcp`]?.[0]?.HostPort),
      tell: (what) => stdin.write(`${JSON.stringify(what)}\n`),
      run: (...argv) => runIn(engine, nodeContainer, argv),
    };
  };

  try {
    await engine.attempt('make a network', (docker) =>
      docker.createNetwork({
        Name: prefix,
        Labels: labels,
        EnableIPv6: true,
        IPAM: { Driver: 'default', Config: [{ Subnet: `${v4(0)}/24` }, { Subnet: `${v6(0)}/64` }] },
      }),
    );
    const machines = await Promise.all(names.map((name, i) => startMachine(name, i + 11)));
    const net = new DockerNet({
      nodes: machines.map(({ name, addresses, connection, clientPort }) => ({
        name,
        addresses,
        helper: connection,
        clientProbe: { host: '127.0.0.1', port: clientPort },
      })),
    });
    return { machines, net, lost, createHelper, startNode, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Gives what it wrote, both kinds. Throws when it fails. */
export async function runIn(engine: Engine, container: string, argv: readonly string[]): Promise<string> {
  return engine.attempt(`run ${argv.join(' ')} in ${container}`, async (docker) => {
    const exec = await docker
      .getContainer(container)
      .exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true, Tty: true });
    const stream = await exec.start({ Tty: true });
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) throw new Error(`exit code ${ExitCode}: ${text}`);
    return text;
  });
}
