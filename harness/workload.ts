// What clients do and how it is judged. A workload states the calls it makes; any system whose client answers them fits.

import type { Checker } from '../checkers/checker.ts';
import type { OpGenerator } from './generator/generator.ts';

export interface Workload {
  readonly name: string;
  readonly generator: OpGenerator;
  /** After everything is healed: not counted as coverage. */
  readonly finalGenerator?: OpGenerator;
  readonly checker: Checker;
  /** Functions that need ok operations before, during and after faults, or the run is worth nothing. */
  readonly required: readonly string[];
  /** The model by name, for `faultline check`. */
  readonly model: string;
}
