// What does harm. A nemesis carries out calls such as {f: "start-partition"}; a fault joins it with its schedule, its
// repair and its colours.

import type { Json } from '../../checkers/json.ts';
import type { Call } from '../../checkers/op.ts';
import type { Capability } from '../environment.ts';
import type { OpGenerator } from '../generator/generator.ts';

/**
 * - `applied`: a probe saw the wished state.
 * - `skipped`: there was nothing to do (the node was dead already) or the run was interrupted before it, and why.
 * - `failed`: it was tried and not seen: the harness's failure, not the system's.
 */
export interface FaultOutcome {
  readonly status: 'applied' | 'skipped' | 'failed';
  readonly reason?: string;
  /**
   * What was chosen and what was seen. The faults here use `shape` or `targets` for the choice, `note` for why it is
   * not what was asked, `nodes` or `links` for what was seen by node or link, and `ms` for how long it took.
   */
  readonly evidence: { readonly [subject: string]: Json };
}

export interface Nemesis {
  /** The calls it answers to. */
  readonly fs: readonly string[];
  /** How long one call may take, where that is not the usual limit. */
  readonly timeoutMs?: number;
  /** Lower is restored earlier: the net before the paused, these before the dead. Absent means last. */
  readonly restoreOrder?: number;
  /** Never throws for what the world does: that is `failed`. Does nothing new once the signal is aborted. */
  invoke(call: Call, signal: AbortSignal): Promise<FaultOutcome>;
  /** Undoes everything this nemesis has done, on every path, twice if need be. */
  restore(): Promise<FaultOutcome>;
}

/** What is known of a fault before there is anything to harm. */
export interface FaultDescription {
  readonly name: string;
  /** One line for `faultline list`. */
  readonly about: string;
  /** Of the environment, besides cutting links, signals, and starting programs, which every one can do. */
  readonly needs?: readonly Capability[];
  readonly band: FaultBand;
}

export interface Fault extends FaultDescription {
  readonly nemesis: Nemesis;
  /** Harm and repair in turn, while the main phase lasts. */
  readonly generator: OpGenerator;
  /** The last repair. */
  readonly recovery: OpGenerator;
}

/** The shaded span in reports: from a call of `from` that applied to the next of `to`. */
export interface FaultBand {
  readonly name: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** `#rrggbb`. */
  readonly colour: string;
}
