// The Docker environment: each node is a container without privileges, which lives in the network of a helper container
// that can break it. Everything carries the run's label; a reaper process removes it all if the controller cannot.

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type {
  Address,
  Capability,
  Environment,
  EnvironmentProvider,
  PortName,
} from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { Ledger, runMark } from '../harness/ledger.ts';
import { DockerEnvironment } from './docker-environment.ts';
import { DockerNode, type SignalLimits } from './docker-node.ts';
import { Engine } from './engine.ts';
import { type Helper, startHelper } from './helper-container.ts';
import { ensureImage } from './image.ts';
import type { Software } from './image-inputs.ts';
import { keepLabel, nodeLabel, ownerLabel, roleLabel, runLabel } from './labels.ts';
import { ownOwner, undoOf } from './leftovers.ts';
import { Machine } from './machine.ts';
import { DockerNet } from './net.ts';
import { makeNetwork } from './network.ts';
import { NodeClockKit } from './node-clock.ts';
import { startReaper } from './reaper-connection.ts';
import { makeVolume } from './volume.ts';

export interface DockerOptions {
  /** The image that all others are built on; see docker/Dockerfile. */
  readonly baseImage?: string;
  /** Leave the cluster running at the end. */
  readonly keep?: boolean;
  /** What a node may use; the kernel kills what takes more. */
  readonly memoryMiB?: number;
  readonly limits?: Partial<SignalLimits>;
}

const usualLimits: SignalLimits = {
  SIGKILL: 5_000,
  SIGTERM: 10_000,
  SIGINT: 10_000,
  SIGSTOP: 2_000,
  SIGCONT: 2_000,
};
const firstPort = 7_000;

export function dockerEnvironment(options: DockerOptions = {}): EnvironmentProvider {
  return { name: 'docker', up: (wanted) => up(wanted, options) };
}

type Wanted = Parameters<EnvironmentProvider['up']>[0];

async function up(wanted: Wanted, options: DockerOptions): Promise<Environment> {
  const { nodes, signal } = wanted;
  const note = wanted.note ?? (() => {});
  refuseWhatCannotBe(nodes);
  throwIfAborted(signal);
  const engine = await Engine.open();
  const directory = resolve(wanted.directory);
  await mkdir(join(directory, 'nodes'), { recursive: true });
  const stopwatch = new Stopwatch();
  const image = (software: Software) =>
    ensureImage(engine, {
      software,
      ...(options.baseImage === undefined ? {} : { base: options.baseImage }),
      note,
      signal,
    });
  const own = await image('register');
  const software = softwareOf(wanted.software);
  const nodeImage = software === 'register' ? own : await image(software);
  stopwatch.lap('images');
  throwIfAborted(signal);

  const run = runMark();
  const ledger = Ledger.open(directory);
  const entry = await ledger.record('what the run has on the Docker engine', undoOf(run));
  const reaper = await startReaper({ run, directory, logFile: join(directory, 'nodes', 'reaper.log') });
  const labelled = (role: string, node?: string): Record<string, string> => ({
    [runLabel]: run,
    [roleLabel]: role,
    [ownerLabel]: ownOwner(),
    ...(options.keep === true ? { [keepLabel]: 'true' } : {}),
    ...(node === undefined ? {} : { [nodeLabel]: node }),
  });
  const prefix = `faultline-${run.slice(0, 10)}`;
  const environment = new DockerEnvironment({
    engine,
    run,
    prefix,
    ledger,
    entry,
    reaper,
    keep: options.keep === true,
    versions: {
      docker: `engine ${engine.facts.version}, API ${engine.facts.apiVersion}, ${engine.facts.system}`,
      image: `${nodeImage.name} (${nodeImage.id})`,
    },
  });
  try {
    const network = await makeNetwork(engine, { name: prefix, run, labels: labelled('network') });
    const needs = new Set<Capability>(wanted.needs);
    const diskIsLimited = needs.has('disk-full');
    const volumeOf = (name: string) => `${prefix}-${name}-data`;
    await Promise.all(
      nodes.map((name) =>
        makeVolume(engine, {
          name: volumeOf(name),
          labels: labelled('data', name),
          isLimited: diskIsLimited,
        }),
      ),
    );
    stopwatch.lap('network');
    throwIfAborted(signal);
    const inside = new Map(wanted.ports.map((port, index) => [port, firstPort + index]));
    const helpers = await Promise.all(
      nodes.map((name) =>
        startHelper(engine, {
          container: `${prefix}-${name}-net`,
          node: name,
          image: own.name,
          network,
          ports: [...inside.values()],
          volume: volumeOf(name),
          labels: labelled('helper', name),
          logFile: join(directory, 'nodes', `${name}-net.log`),
          onLost: (reason) => environment.isLost(reason, wanted.onLost ?? note),
        }),
      ),
    );
    stopwatch.lap('helpers');
    throwIfAborted(signal);
    const helperOf = new Map(nodes.map((name, index) => [name, helpers[index] as Helper]));
    environment.net = new DockerNet({
      nodes: [...helperOf].map(([name, { addresses, connection, clientProbe }]) => ({
        name,
        addresses,
        helper: connection,
        clientProbe,
      })),
    });
    environment.helpers = helpers;
    environment.nodes = await Promise.all(
      [...helperOf].map(([name, helper]) =>
        DockerNode.up({
          name,
          machine: new Machine({
            engine,
            container: `${prefix}-${name}`,
            image: nodeImage.name,
            helper: helper.container,
            volume: volumeOf(name),
            labels: labelled('node', name),
            ...(options.memoryMiB === undefined ? {} : { memoryBytes: options.memoryMiB * 2 ** 20 }),
          }),
          ports: publishedPorts(inside, helper),
          addressOf: (other) => helperOf.get(other)?.addresses.v4 ?? unknownNode(other, nodes),
          directory: join(directory, 'nodes', name),
          limits: { ...usualLimits, ...options.limits },
          diskIsLimited,
          networkIsGone: () => helper.connection.isGone,
          ...(needs.has('clock') || needs.has('clock-monotonic')
            ? { clock: new NodeClockKit(needs.has('clock-monotonic')) }
            : {}),
          onUnexpectedExit: wanted.onUnexpectedExit,
        }),
      ),
    );
    stopwatch.lap('nodes');
    throwIfAborted(signal);
    note(`Docker: ${stopwatch.text()}`);
    return environment;
  } catch (error) {
    await environment[Symbol.asyncDispose]().catch((failure: unknown) => {
      note(`could not remove everything: ${failure instanceof Error ? failure.message : String(failure)}`);
    });
    throw error;
  }
}

function publishedPorts(
  inside: ReadonlyMap<PortName, number>,
  helper: Helper,
): ReadonlyMap<PortName, { inside: number; published: Address }> {
  return new Map(
    [...inside].map(([port, number]) => [port, { inside: number, published: helper.published(number) }]),
  );
}

function softwareOf(name: string | undefined): Software {
  if (name === undefined) return 'register';
  if (name === 'etcd' || name === 'redis') return name;
  throw new EnvironmentError(`there is no image for "${name}"; there are some for etcd and redis`);
}

function unknownNode(name: string, nodes: readonly string[]): never {
  throw new EnvironmentError(`no node is called "${name}": there are ${nodes.join(', ')}`);
}

function refuseWhatCannotBe(nodes: readonly string[]): void {
  for (const [index, name] of nodes.entries()) {
    if (!/^[A-Za-z0-9][\w.-]{0,40}$/.test(name)) {
      throw new EnvironmentError(
        `"${name}" cannot name a container: up to 41 letters, digits, ".", "_" and "-" can`,
      );
    }
    if (nodes.indexOf(name) !== index) throw new EnvironmentError(`two nodes are called "${name}"`);
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new EnvironmentError('the environment was not brought up: interrupted', { cause: signal.reason });
  }
}

/** How long each stage took. */
class Stopwatch {
  readonly #laps: string[] = [];
  #last = performance.now();

  lap(what: string): void {
    const now = performance.now();
    this.#laps.push(`${what} ${((now - this.#last) / 1000).toFixed(1)} s`);
    this.#last = now;
  }

  text(): string {
    return this.#laps.join(', ');
  }
}
