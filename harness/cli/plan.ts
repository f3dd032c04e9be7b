// From names and numbers to a plan of objects: the only place where workload, system, environment and faults meet, so
// that the compiler checks the fit. Everything wrong is found here, before anything is touched.

import type { Model } from '../../checkers/model.ts';
import { modelNamed, models } from '../../checkers/models/registry.ts';
import { mutantNamed, mutants } from '../../cluster/mutants/catalogue.ts';
import { systemNamed, systems } from '../../cluster/systems.ts';
import { dockerEnvironment } from '../../docker/provider.ts';
import type { ValueMode } from '../../workloads/register-writes.ts';
import { workloads } from '../../workloads/registry.ts';
import type { EnvironmentProvider } from '../environment.ts';
import { UsageError } from '../errors.ts';
import { localEnvironment } from '../local/provider.ts';
import { faultBands, faultNeeds, parseFaultNames } from '../nemesis/registry.ts';
import { Stream } from '../random.ts';
import type { System } from '../system.ts';
import type { TestPlan } from '../test-plan.ts';
import type { Workload } from '../workload.ts';
import { concurrencyOf } from './concurrency.ts';
import { unknownName } from './unknown-name.ts';

/** Everything that may be decided about a run; what is absent has the command line's default. */
export interface TestConfig {
  /** Name of the run's folder. */
  readonly name?: string;
  /** A workload by name, or one of your own. */
  readonly workload: string | Workload;
  /** The system under test by name, or one of your own; our Raft-backed register when absent. */
  readonly system?: string | System;
  readonly environment?: string | EnvironmentProvider;
  /** How many nodes (named n1, n2, …), or their names. */
  readonly nodes?: number | readonly string[];
  readonly nemesis?: readonly string[];
  readonly nemesisIntervalMs?: number;
  readonly timeLimitMs?: number;
  readonly warmUpMs?: number;
  /** Operations per second, all clients together. */
  readonly rate?: number;
  /** Client threads, or a multiple of the nodes such as `2n`. */
  readonly concurrency?: number | string;
  readonly values?: ValueMode;
  readonly opsPerKey?: number;
  /** An integer from 0 to 2^53 - 1; drawn when absent. */
  readonly seed?: number;
  /** Leave the cluster running at the end. */
  readonly keep?: boolean;
  /** Partitions cut the clients off from their smaller side, too. */
  readonly cutClients?: boolean;
  /** The first violation that shows while operations go on ends the run. */
  readonly failFast?: boolean;
  /** What Docker images are built on. */
  readonly baseImage?: string;
  /** What one node in a container may use. */
  readonly nodeMemoryMiB?: number;
  /** A bug of our own register, on purpose. */
  readonly mutant?: string;
  readonly opTimeoutMs?: number;
  readonly checkTimeoutMs?: number;
  readonly checkMemoryMiB?: number;
  /** Root of the run folders. */
  readonly out?: string;
}

interface NamedEnvironment {
  readonly name: string;
  readonly about: string;
  /** What `--nemesis all` means there. */
  readonly all: readonly string[];
  make(config: TestConfig): EnvironmentProvider;
}

export const environments: readonly NamedEnvironment[] = [
  {
    name: 'local',
    about:
      'child processes on this machine; links between nodes go through user-space proxies; needs no privileges',
    all: ['partition', 'pause', 'kill'],
    make: () => localEnvironment(),
  },
  {
    name: 'docker',
    about:
      'containers with networks, disks and clocks of their own; needs a Docker engine (see "faultline doctor")',
    all: ['partition', 'pause', 'kill', 'clock'],
    make: ({ keep = false, baseImage, nodeMemoryMiB }) =>
      dockerEnvironment({
        keep,
        ...(baseImage === undefined ? {} : { baseImage }),
        ...(nodeMemoryMiB === undefined ? {} : { memoryMiB: positive('node-memory', nodeMemoryMiB) }),
      }),
  },
];

const SECOND = 1000;
const CALM_MS = 5 * SECOND;
const FINAL_MS = 30 * SECOND;
const SET_UP_MS = 60 * SECOND;

/** Throws UsageError for whatever cannot be run as it is written. `argv` is what repeats the run, less the seed. */
export function planTest(config: TestConfig, argv: readonly string[]): TestPlan {
  const nodes = nodeNames(config.nodes ?? usualNodes(config.system));
  const seed = config.seed ?? drawSeed();
  const words = (config.nemesis ?? ['partition', 'kill', 'pause']).join(',');
  const faults = parseFaultNames(words, allOf(config));
  const timeLimitMs = positive('time-limit', config.timeLimitMs ?? 30 * SECOND);
  const rate = positive('rate', config.rate ?? 200);
  const concurrency = concurrencyOf(String(config.concurrency ?? '2n'), nodes.length);
  const environment = environmentOf(config);
  const system = systemOf(config);
  refuseImpossible(faults, environment, config);
  refuseMisfit(config.system, environment, nodes.length);
  const workload = workloadOf(config, { nodes: nodes.length, concurrency, seed });
  const opTimeoutMs = positive('op-timeout', config.opTimeoutMs ?? 5 * SECOND);
  return {
    summary: {
      name: safeName(
        config.name ?? (system.name === 'register' ? workload.name : `${workload.name}-${system.name}`),
      ),
      workload: workload.name,
      model: workload.model,
      required: workload.required,
      environment: environment.name,
      system: { ...system.description, name: system.name },
      nodes,
      concurrency,
      rate,
      timeLimitMs,
      opTimeoutMs,
      seed,
      faults: faultBands(faults),
      command: repeatCommand(argv, seed),
      ...(config.mutant === undefined ? {} : { mutant: config.mutant }),
    },
    environment,
    system,
    workload,
    faults,
    nemesisIntervalMs: positive(
      'nemesis-interval',
      config.nemesisIntervalMs ?? Math.min(10 * SECOND, timeLimitMs / 10),
    ),
    warmUpMs: notNegative('warm-up', config.warmUpMs ?? Math.min(5 * SECOND, timeLimitMs / 6)),
    calmMs: Math.min(CALM_MS, timeLimitMs / 6),
    finalMs: FINAL_MS,
    setUpMs: SET_UP_MS,
    keep: config.keep === true,
    cutClients: config.cutClients === true,
    ...(config.failFast === true ? { failFast: modelOf(workload) } : {}),
    checkTimeoutMs: positive('time-budget', config.checkTimeoutMs ?? 300 * SECOND),
    checkMemoryBytes: positive('memory-budget', config.checkMemoryMiB ?? 2048) * 1024 * 1024,
    directory: config.out ?? 'faultline-runs',
  };
}

function refuseImpossible(
  faults: readonly string[],
  environment: EnvironmentProvider,
  { keep, cutClients }: TestConfig,
): void {
  const unable = cutClients === true ? environment.never?.('cut-clients') : undefined;
  if (unable !== undefined) {
    throw new UsageError(`--cut-clients is not possible with --env ${environment.name}: ${unable}`);
  }
  if (cutClients === true && !faults.includes('partition')) {
    throw new UsageError('--cut-clients: it is partitions that cut clients off, and --nemesis has none');
  }
  if (keep === true && environment.name === 'local') {
    throw new UsageError(
      '--keep is not possible with --env local: its nodes live no longer than the controller',
    );
  }
  for (const fault of faults) {
    for (const need of faultNeeds(fault)) {
      const reason = environment.never?.(need);
      if (reason === undefined) continue;
      throw new UsageError(`--nemesis: ${fault} is not possible with --env ${environment.name}: ${reason}`);
    }
  }
}

function usualNodes(system: TestConfig['system']): number {
  return typeof system === 'string' ? (systemNamed(system)?.nodes.usual ?? 5) : 5;
}

function refuseMisfit(system: TestConfig['system'], { name }: EnvironmentProvider, count: number): void {
  const entry = typeof system === 'string' ? systemNamed(system) : undefined;
  if (entry === undefined) return;
  const { least, most } = entry.nodes;
  if (count < least || count > most) {
    const allowed = least === most ? String(least) : `${least} to ${most}`;
    throw new UsageError(`--nodes: ${count} nodes; allowed for ${entry.name}: ${allowed}`);
  }
  if (name === 'local' && (entry.needsOwnAddresses || entry.name !== 'register')) {
    throw new UsageError(`--system ${entry.name} needs nodes that are machines of their own: --env docker`);
  }
}

function nodeNames(nodes: number | readonly string[]): readonly string[] {
  if (typeof nodes !== 'number') {
    const bad = nodes.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name));
    if (bad !== undefined)
      throw new UsageError(`--nodes: "${bad}" is no node name; write a number, or names such as n1,n2,n3`);
    if (new Set(nodes).size !== nodes.length)
      throw new UsageError(`--nodes: a name occurs twice in ${nodes.join(',')}`);
    return nodeNames(nodes.length) && nodes;
  }
  if (!Number.isSafeInteger(nodes) || nodes < 1 || nodes > 15) {
    throw new UsageError(`--nodes: ${nodes} nodes; allowed: 1 to 15`);
  }
  return Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
}

function positive(flag: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0)
    throw new UsageError(`--${flag}: ${value}; allowed: more than 0`);
  return value;
}

function notNegative(flag: string, value: number): number {
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`--${flag}: ${value}; allowed: 0 or more`);
  return value;
}

/** From the system's own entropy: the one random choice that no seed decides. */
function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

function allOf({ environment = 'local' }: TestConfig): { all?: readonly string[] } {
  const named = environments.find(({ name }) => name === environment);
  return named === undefined ? {} : { all: named.all };
}

function environmentOf(config: TestConfig): EnvironmentProvider {
  const { environment = 'local' } = config;
  if (typeof environment !== 'string') return environment;
  const found = environments.find(({ name }) => name === environment);
  if (found === undefined)
    throw unknownName(
      '--env',
      environment,
      environments.map(({ name }) => name),
    );
  return found.make(config);
}

function systemOf(config: TestConfig): System {
  if (config.mutant !== undefined && mutantNamed(config.mutant) === undefined) {
    throw unknownName(
      '--mutant',
      config.mutant,
      mutants.map(({ name }) => name),
    );
  }
  const { system = 'register', mutant } = config;
  if (typeof system !== 'string') {
    if (mutant !== undefined)
      throw new UsageError('--mutant: only our own register has mutants, not a system of yours');
    return system;
  }
  const entry = systemNamed(system);
  if (entry === undefined)
    throw unknownName(
      '--system',
      system,
      systems.map(({ name }) => name),
    );
  return entry.make(mutant === undefined ? {} : { mutant });
}

function workloadOf(
  config: TestConfig,
  size: { nodes: number; concurrency: number; seed: number },
): Workload {
  if (typeof config.workload !== 'string') return config.workload;
  const found = workloads.find(({ name }) => name === config.workload);
  if (found === undefined)
    throw unknownName(
      'workload',
      config.workload,
      workloads.map(({ name }) => name),
    );
  return found.make({
    nodes: size.nodes,
    concurrency: size.concurrency,
    values: config.values ?? 'unique',
    opsPerKey: positive('ops-per-key', config.opsPerKey ?? 200),
    stream: Stream.of(size.seed).fork('workload'),
  });
}

/** What a run that is to fail fast is judged against while it goes on. */
function modelOf(workload: Workload): Model<unknown> {
  const entry = modelNamed(workload.model);
  if (entry === undefined) {
    throw new UsageError(
      `--fail-fast: the workload ${workload.name} names the model "${workload.model}", which there is not; ` +
        `allowed: ${models.map(({ name }) => name).join(', ')}`,
    );
  }
  return entry.make();
}

function safeName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'run';
}

function repeatCommand(argv: readonly string[], seed: number): string {
  const words = [
    'faultline',
    ...argv,
    ...(argv.some((word) => word.startsWith('--seed')) ? [] : ['--seed', String(seed)]),
  ];
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
