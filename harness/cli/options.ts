// Every option once, with its help line and its default.

import type { Argv, Options } from 'yargs';

export const defaults = {
  concurrency: '2n',
  rate: 200,
  timeLimit: '30s',
  opTimeout: '5s',
  checkTimeout: '300s',
  checkMemory: 2048,
  opsPerKey: 200,
  out: 'faultline-runs',
} as const;

export const testOptions = {
  nodes: {
    type: 'string',
    describe: 'how many nodes, or their names: 5, or n1,n2,n3 [5, or what the system usually has]',
  },
  nemesis: {
    type: 'string',
    default: 'partition,kill,pause',
    describe: 'faults, joined by commas; none for none (see "faultline list")',
  },
  'nemesis-interval': {
    type: 'string',
    describe: 'mean time between two calls of one fault [10s, at most a tenth of the time limit]',
  },
  'time-limit': {
    type: 'string',
    default: defaults.timeLimit,
    describe: 'how long to run operations under faults; healing, final reads and judging come after it',
  },
  'warm-up': {
    type: 'string',
    describe: 'operations before the first fault, part of the time limit [5s, at most a sixth of it]',
  },
  rate: { type: 'number', default: defaults.rate, describe: 'operations per second, all clients together' },
  concurrency: {
    type: 'string',
    default: defaults.concurrency,
    describe: 'client threads: a number, or a multiple of the nodes such as 2n',
  },
  values: {
    choices: ['unique', 'small'],
    default: 'unique',
    describe: 'written values: each once (cheap to judge), or 0 to 4 (more contention)',
  },
  'ops-per-key': {
    type: 'number',
    default: defaults.opsPerKey,
    describe: 'operations before a key is left for a fresh one, less up to 10 %',
  },
  seed: { type: 'string', describe: 'seed of every random choice [drawn and printed]' },
  env: { type: 'string', default: 'local', describe: 'where nodes live (see "faultline list")' },
  system: { type: 'string', describe: 'what is under test [register] (see "faultline list")' },
  keep: {
    type: 'boolean',
    default: false,
    describe: 'leave the cluster running and say how to look at it (docker)',
  },
  'cut-clients': {
    type: 'boolean',
    default: false,
    describe: 'partitions also cut clients off from the smaller side (docker)',
  },
  'base-image': { type: 'string', describe: 'what the Docker images are built on [see docker/Dockerfile]' },
  'node-memory': { type: 'number', describe: 'what one node may use, in MiB (docker) [no limit]' },
  'fail-fast': {
    type: 'boolean',
    default: false,
    describe: 'end the run at the first violation that shows while it goes on',
  },
  mutant: { type: 'string', describe: 'run a cluster with this bug on purpose (see "faultline list")' },
  'op-timeout': {
    type: 'string',
    default: defaults.opTimeout,
    describe: 'after which an operation without an answer is recorded as unknown',
  },
  out: { type: 'string', default: defaults.out, describe: 'folder for run folders' },
} as const satisfies Record<string, Options>;

export const checkOptions = {
  'time-budget': {
    alias: 'check-timeout',
    type: 'string',
    default: defaults.checkTimeout,
    describe: 'time for judging; beyond it the verdict is unknown',
  },
  'memory-budget': {
    alias: 'check-memory',
    type: 'number',
    default: defaults.checkMemory,
    describe: 'memory for judging in MiB; beyond it the verdict is unknown',
  },
  json: { type: 'boolean', default: false, describe: 'print the results as JSON on stdout' },
} as const satisfies Record<string, Options>;

export function testArguments(yargs: Argv) {
  return yargs
    .positional('workload', {
      type: 'string',
      demandOption: true,
      describe: 'what clients do (see "faultline list")',
    })
    .options(testOptions)
    .options(checkOptions);
}

export type TestArguments = Awaited<ReturnType<typeof testArguments>['argv']>;
