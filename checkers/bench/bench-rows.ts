// The rows of the benchmark: which histories, and which model judges them.

import type { History } from '../history.ts';
import { type SimulationShape, simulatedHistory } from './simulated-history.ts';
import { type QueueShape, simulatedQueue } from './simulated-queue.ts';

export interface BenchRow {
  /** Words by which rows are chosen. */
  readonly name: string;
  /** Of the registry. */
  readonly model: string;
  /** Operations, rising. */
  readonly lengths: readonly number[];
  /** A seed for each history that is judged; more than one: the figures are those over all of them. */
  readonly seeds: number;
  readonly history: (seed: number, operations: number) => History;
}

const POWERS = [1_000, 10_000, 100_000, 1_000_000];
const CLIENTS = [5, 10, 30, 100, 1_000];

const calls = {
  'read-write': { writes: 0.5 },
  'read-write-cas': { writes: 0.25, cas: 0.25 },
  'read-write-refused-cas': { writes: 0.25, cas: 0.15, refusedCas: 0.1 },
} as const satisfies Record<string, Partial<SimulationShape>>;

function registerRow(
  name: string,
  shape: Omit<SimulationShape, 'operations'>,
  lengths: readonly number[] = POWERS,
  seeds = 1,
): BenchRow {
  return {
    name,
    model: 'cas-register',
    lengths,
    seeds,
    history: (seed, operations) => simulatedHistory(seed, { ...shape, operations }),
  };
}

function uniqueRows(): BenchRow[] {
  return Object.entries(calls).flatMap(([name, mix]) =>
    CLIENTS.flatMap((clients) =>
      [0, 0.01, 0.05].flatMap((crashed) =>
        [false, true].map((stale) =>
          registerRow(
            `unique ${name} ${clients}-clients ${crashed * 100}%-crashed ${stale ? 'stale' : 'good'}`,
            { ...mix, clients, crashed, stale },
          ),
        ),
      ),
    ),
  );
}

function fiveValueRows(): BenchRow[] {
  return [5, 10, 20, 30].map((clients) =>
    registerRow(
      `five-values read-write-cas ${clients}-clients 0%-crashed good`,
      { ...calls['read-write-cas'], clients, values: 5 },
      POWERS.slice(0, 3),
    ),
  );
}

/** Of 1 to 10 % crashed operations, by seed. */
function crashedRow(): BenchRow {
  return {
    name: 'five-values read-write-cas 10-clients 1-10%-crashed good',
    model: 'cas-register',
    lengths: [20_000],
    seeds: 60,
    history: (seed, operations) =>
      simulatedHistory(seed, {
        ...calls['read-write-cas'],
        clients: 10,
        values: 5,
        crashed: 0.01 + (0.09 * ((seed * 7) % 60)) / 59,
        operations,
      }),
  };
}

function keyRows(): BenchRow[] {
  return [10, 100].flatMap((clients) =>
    [0, 0.01, 0.05].map((crashed) =>
      registerRow(
        `unique read-write-cas ${clients}-clients ${crashed * 100}%-crashed good 1000-keys`,
        { ...calls['read-write-cas'], clients, crashed, keys: 1_000 },
        POWERS.slice(1),
      ),
    ),
  );
}

function queueRow(name: string, shape: Omit<QueueShape, 'operations'>): BenchRow {
  return {
    name,
    model: 'queue',
    lengths: POWERS,
    seeds: 1,
    history: (seed, operations) => simulatedQueue(seed, { ...shape, operations }),
  };
}

export const rows: readonly BenchRow[] = [
  ...uniqueRows(),
  ...fiveValueRows(),
  crashedRow(),
  ...keyRows(),
  queueRow('queue 10-clients 0%-crashed good', { clients: 10 }),
  queueRow('queue 10-clients 1%-crashed good', { clients: 10, crashed: 0.01 }),
  queueRow('queue 100-clients 0%-crashed good', { clients: 100 }),
  queueRow('queue 10-clients 0%-crashed swapped', { clients: 10, swapped: true }),
];

export function rowNamed(name: string): BenchRow {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  return row;
}
