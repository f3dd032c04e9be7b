// What is left after a run: plain data that reports render and that `faultline check` rebuilds from the run folder.

import type { CheckResult } from '../checkers/checker.ts';
import type { History } from '../checkers/history.ts';
import type { Json } from '../checkers/json.ts';
import type { FaultBand } from './nemesis/nemesis.ts';

/** Everything decided beforehand, as it is written to run.json. */
export interface PlanSummary {
  readonly name: string;
  readonly workload: string;
  /** The model's name, for judging again. */
  readonly model: string;
  readonly required: readonly string[];
  readonly environment: string;
  readonly system: { readonly name: string; readonly [field: string]: Json };
  readonly nodes: readonly string[];
  /** Threads of clients. */
  readonly concurrency: number;
  /** Requested operations per second, all threads together. */
  readonly rate: number;
  readonly timeLimitMs: number;
  readonly opTimeoutMs: number;
  readonly seed: number;
  readonly faults: readonly FaultBand[];
  /** The command to repeat this run. */
  readonly command: string;
  /** Set when the system is a mutant: a report must say so on its face. */
  readonly mutant?: string;
}

/** Why the process ends as it does. Violation outranks all; see harness/cli/exit-codes.ts for the numbers. */
export type Conclusion = 'valid' | 'violation' | 'unknown' | 'harness-failure' | 'interrupted';

export interface Verdict {
  readonly conclusion: Conclusion;
  /** The one sentence that banner, terminal, summary and JUnit all carry. */
  readonly sentence: string;
  /** The history ends early: interrupted, crashed, or its last line cut off. */
  readonly partial: boolean;
}

/** A failure of the harness or its environment, never of the system under test. */
export interface HarnessProblem {
  readonly stage: string;
  readonly message: string;
  readonly node?: string;
}

export interface StageTiming {
  readonly stage: string;
  readonly ms: number;
}

/** How the controller itself did: its stalls widen intervals and can hide bugs. */
export interface HarnessMeasures {
  /** Event-loop delay in milliseconds while operations ran. */
  readonly eventLoopLagMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Completed client operations per second, from the first invocation to the last completion. */
  readonly achievedRate: number;
  /** Replies that came after their operation had been recorded as unknown; they reached nobody. */
  readonly lateReplies: number;
}

export interface TestRun {
  readonly plan: PlanSummary;
  readonly history: History;
  readonly result: CheckResult;
  readonly verdict: Verdict;
  readonly problems: readonly HarnessProblem[];
  readonly stages: readonly StageTiming[];
  readonly measures?: HarnessMeasures;
  /** Wall-clock start, ISO 8601. */
  readonly startedAt: string;
  readonly versions: { readonly [what: string]: string };
}
