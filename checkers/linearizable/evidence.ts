// What the words about a counterexample are drawn from.

import type { History } from '../history.ts';
import type { Model } from '../model.ts';
import type { Operation } from '../op.ts';
import type { Shrunk } from './shrink.ts';

export interface Evidence<State> {
  /** The whole history: certain failures and times are only there. */
  readonly history: History;
  readonly model: Model<State>;
  readonly key: string | undefined;
  /** The operations of the key; of a long history with a proof, its neighbourhood. */
  readonly all: readonly Operation[];
  /** How many operations of the key there are. */
  readonly size: number;
  readonly shrunk: Shrunk;
}
