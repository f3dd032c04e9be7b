// Two containers as a run has them, for the doctor to try things in: one that may change the network, and one without
// any rights that lives in it. They carry a run's labels, so that "faultline clean" finds them if nobody else can.

import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runMark } from '../harness/ledger.ts';
import type { Engine } from './engine.ts';
import { ownerLabel, roleLabel, runLabel } from './labels.ts';
import { ownOwner, removeRun } from './leftovers.ts';
import { makeNetwork } from './network.ts';

export interface Bench extends AsyncDisposable {
  /** With NET_ADMIN, as root; it serves `answer` on a published port. */
  readonly helper: string;
  /** Without rights, in the helper's network, with a size-limited volume at /data. */
  readonly machine: string;
  /** Where the helper's port is reached from here. */
  readonly published: { readonly host: string; readonly port: number };
}

export const answer = 'faultline doctor';

const port = 7_000;
const limitMs = 60_000;
const serve = `require('node:http').createServer((_, r) => r.end(${JSON.stringify(answer)})).listen(${port}, '0.0.0.0')`;

/** `image` is the register's. Throws EnvironmentError; what was made until then is removed. */
export async function openBench(engine: Engine, image: string): Promise<Bench> {
  const run = runMark();
  const labels = (role: string) => ({ [runLabel]: run, [roleLabel]: role, [ownerLabel]: ownOwner() });
  const name = `faultline-doctor-${run.slice(0, 10)}`;
  const exposed = `${port}/tcp`;
  const close = async () => {
    await removeRun(engine, run);
  };
  try {
    const network = await makeNetwork(engine, { name, run, labels: labels('network') });
    await engine.attempt('create a size-limited volume', (docker) =>
      docker.createVolume({
        Name: name,
        Labels: labels('data'),
        DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=8m,uid=1000,gid=1000' },
      }),
    );
    const common = { Image: image, Cmd: [], Tty: false };
    const guarded = { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Init: true };
    const helper = await start(engine, {
      ...common,
      name: `${name}-net`,
      Labels: labels('helper'),
      User: '0:0',
      Entrypoint: ['node', '-e', serve],
      ExposedPorts: { [exposed]: {} },
      HostConfig: {
        ...guarded,
        NetworkMode: network,
        CapAdd: ['NET_ADMIN', 'NET_RAW'],
        PortBindings: { [exposed]: [{ HostIp: engine.isRemote ? '' : '127.0.0.1', HostPort: '' }] },
      },
    });
    const machine = await start(engine, {
      ...common,
      name,
      Labels: labels('node'),
      User: '1000:1000',
      Entrypoint: ['sleep', '3600'],
      HostConfig: {
        ...guarded,
        NetworkMode: `container:${helper}`,
        Mounts: [{ Type: 'volume', Source: name, Target: '/data' }],
      },
    });
    const facts = await engine.attempt('look at a container', (docker) =>
      docker.getContainer(helper).inspect(),
    );
    const published = Number(facts.NetworkSettings.Ports[exposed]?.[0]?.HostPort);
    return {
      helper,
      machine,
      published: { host: engine.host, port: published },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Docker = Parameters<Parameters<Engine['attempt']>[1]>[0];

async function start(engine: Engine, how: Parameters<Docker['createContainer']>[0]): Promise<string> {
  return engine.attempt(
    `start the container ${how.name}`,
    async (docker) => {
      const container = await docker.createContainer(how);
      await container.start();
      return container.id;
    },
    limitMs,
  );
}

/** The output of a shell script in the container. Throws EnvironmentError when it does not end. */
export async function runIn(engine: Engine, container: string, script: string): Promise<string> {
  return engine.attempt(
    'try things in a container',
    async (docker) => {
      const exec = await docker
        .getContainer(container)
        .exec({ Cmd: ['/bin/sh', '-c', script], AttachStdout: true, AttachStderr: true });
      const stream = await exec.start({ hijack: true, stdin: false });
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      docker.modem.demuxStream(stream, stdout, stderr);
      stderr.resume();
      stream.once('close', () => stdout.end());
      return text(stdout);
    },
    limitMs,
  );
}
