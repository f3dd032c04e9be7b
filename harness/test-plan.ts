// Everything that is decided before a run touches anything.

import type { Model } from '../checkers/model.ts';
import type { Op } from '../checkers/op.ts';
import type { EnvironmentProvider } from './environment.ts';
import type { System } from './system.ts';
import type { PlanSummary } from './test-run.ts';
import type { Workload } from './workload.ts';

export interface TestPlan {
  readonly summary: PlanSummary;
  readonly environment: EnvironmentProvider;
  readonly system: System;
  readonly workload: Workload;
  /** Names of faults; see harness/nemesis/registry.ts. */
  readonly faults: readonly string[];
  /** Mean time between two calls of one fault. */
  readonly nemesisIntervalMs: number;
  /** Operations without faults before the first one; part of the time limit. */
  readonly warmUpMs: number;
  /** Operations without faults after the last heal, so that damage becomes visible; comes after the time limit. */
  readonly calmMs: number;
  /** For the final reads, all together. */
  readonly finalMs: number;
  /** For bringing the cluster up until every node serves. */
  readonly setUpMs: number;
  /** Leave the cluster running at the end. */
  readonly keep: boolean;
  /** A partition cuts the clients' way to the nodes of its smaller side, too. */
  readonly cutClients: boolean;
  /** What the operations are judged against while they go on: the first violation ends the run. Absent: none does. */
  readonly failFast?: Model<unknown>;
  readonly checkTimeoutMs: number;
  readonly checkMemoryBytes: number;
  /** Root of the run folders. */
  readonly directory: string;
}

/** What the user hears of a run while it goes on. All of it is talk: nothing depends on it. */
export interface RunObserver {
  stage?(name: string): void;
  folder?(path: string): void;
  /** Each op as it is recorded. */
  op?(op: Op): void;
  note?(text: string): void;
}
