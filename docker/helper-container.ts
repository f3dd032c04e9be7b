// The container beside each node's: it owns the network that the node's container lives in, publishes its ports, and is
// the only one that may change it. Since it outlives every kill of the node, so do its rules.

import { createWriteStream } from 'node:fs';
import type { Address } from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { attach } from './attach.ts';
import type { Engine } from './engine.ts';
import { probePort } from './helper/protocol.ts';
import { HelperConnection } from './helper-connection.ts';
import { dataMount } from './machine.ts';

export interface HelperWish {
  readonly container: string;
  readonly node: string;
  readonly image: string;
  readonly network: string;
  /** To be published. */
  readonly ports: readonly number[];
  /** Held, so that a volume in memory outlives the node's container. */
  readonly volume: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly onLost: (reason: string) => void;
}

export interface Helper {
  readonly container: string;
  readonly addresses: { readonly v4: string; readonly v6?: string };
  readonly connection: HelperConnection;
  /** Where the helper itself is reached by the clients' way. */
  readonly clientProbe: Address;
  /** Where a port of the node is reached from here. */
  published(port: number): Address;
}

const startLimitMs = 60_000;
const program = '/opt/faultline/dist/docker/helper/main.js';

export async function startHelper(engine: Engine, wish: HelperWish): Promise<Helper> {
  const { container, network } = wish;
  const exposed = [...wish.ports, probePort].map((port) => `${port}/tcp`);
  // Whoever asks an engine on another machine comes from outside; on this one nobody else needs to.
  const hostIp = engine.isRemote ? '' : '127.0.0.1';
  await engine.attempt(
    `create the container ${container}`,
    (docker) =>
      docker.createContainer({
        name: container,
        Hostname: wish.node,
        Image: wish.image,
        Labels: { ...wish.labels },
        User: '0:0',
        Entrypoint: ['node', program],
        Cmd: [],
        OpenStdin: true,
        StdinOnce: true,
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
        HostConfig: {
          NetworkMode: network,
          PortBindings: Object.fromEntries(exposed.map((port) => [port, [{ HostIp: hostIp, HostPort: '' }]])),
          CapDrop: ['ALL'],
          CapAdd: ['NET_ADMIN', 'NET_RAW'],
          SecurityOpt: ['no-new-privileges'],
          RestartPolicy: { Name: 'no' },
          LogConfig: { Type: 'none', Config: {} },
          Init: true,
          Mounts: [{ Type: 'volume', Source: wish.volume, Target: dataMount }],
        },
      }),
    startLimitMs,
  );
  const attached = await attach(engine, container);
  attached.stderr.pipe(createWriteStream(wish.logFile, { flags: 'a' }));
  await engine.attempt(
    `start the container ${container}`,
    (docker) => docker.getContainer(container).start(),
    startLimitMs,
  );
  const facts = await engine.attempt(`look at the container ${container}`, (docker) =>
    docker.getContainer(container).inspect(),
  );
  if (facts.HostConfig.NetworkMode === 'host') {
    throw new EnvironmentError(
      `${container} is on the host's own network: cutting that would cut the machine off`,
    );
  }
  const place = facts.NetworkSettings.Networks[network];
  if (place === undefined || place.IPAddress === '') {
    throw new EnvironmentError(`${container} has no address on the network ${network}`);
  }
  const v6 = place.GlobalIPv6Address;
  const addresses = { v4: place.IPAddress, ...(v6 === '' ? {} : { v6 }) };
  const connection = await HelperConnection.open(wish.node, attached, wish.onLost, addresses);
  const published = (port: number): Address => {
    const number = Number(facts.NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort);
    if (!(number > 0)) throw new EnvironmentError(`the engine did not publish port ${port} of ${container}`);
    return { host: engine.host, port: number };
  };
  return { container, addresses, connection, published, clientProbe: published(probePort) };
}
