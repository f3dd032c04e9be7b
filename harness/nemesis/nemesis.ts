// What does harm. A nemesis carries out calls such as {f: "start-partition"}; a fault joins it with its schedule, its
// repair and its colours.

import type { Json } from '../../checkers/json.ts';
import type { Call } from '../../checkers/op.ts';
import type { OpGenerator } from '../generator/generator.ts';

/**
 * - `applied`: a probe saw the wished state.
 * - `skipped`: there was nothing to do (the node was dead already), and why.
 * - `failed`: it was tried and not seen: the harness's failure, not the system's.
 */
export interface FaultOutcome {
  readonly status: 'applied' | 'skipped' | 'failed';
  readonly reason?: string;
  /** What was seen, by node or link. */
  readonly evidence: { readonly [subject: string]: Json };
}

export interface Nemesis {
  /** The calls it answers to. */
  readonly fs: readonly string[];
  /** Never throws for what the world does: that is `failed`. */
  invoke(call: Call, signal: AbortSignal): Promise<FaultOutcome>;
  /** Undoes everything this nemesis has done, on every path, twice if need be. */
  restore(): Promise<FaultOutcome>;
}

export interface Fault {
  readonly name: string;
  /** One line for `faultline list`. */
  readonly about: string;
  readonly nemesis: Nemesis;
  /** Harm and repair in turn, while the main phase lasts. */
  readonly generator: OpGenerator;
  /** The last repair. */
  readonly recovery: OpGenerator;
  readonly band: FaultBand;
}

/** The shaded span in reports: from a call of `from` that applied to the next of `to`. */
export interface FaultBand {
  readonly name: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** `#rrggbb`. */
  readonly colour: string;
}
