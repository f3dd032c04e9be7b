// A sequential specification: what a correct object answers when nobody else is there. Pure and total.

import type { Call, Result } from './op.ts';

export type Step<State> =
  | { readonly ok: true; readonly state: State }
  /** `why` is a clause that fits after "because": made only when somebody reads it. */
  | { readonly ok: false; readonly why: () => string };

export interface Model<State> {
  readonly name: string;
  /** Calls on different keys do not meet: the history may be split by key, and `init` is the state of one key. */
  readonly keyed: boolean;
  init(): State;
  /**
   * What the call does to the state. Without a result the outcome is unknown and every state must accept the call
   * (with its effect). Never throws, whatever the call: the search visits states that no real run reached.
   */
  step(state: State, call: Call, result: Result | undefined): Step<State>;
  /** Equal exactly when two states are equal; the search compares whole keys, never a hash of them. */
  key(state: State): string | number;
  /** The state in words, for reports. */
  describe(state: State): string;
  /** True when the call can never change the state (a read): such a call with an unknown outcome may be dropped. */
  isObserver(call: Call, result: Result | undefined): boolean;
}

export function legal<State>(state: State): Step<State> {
  return { ok: true, state };
}

export function illegal(why: () => string): { readonly ok: false; readonly why: () => string } {
  return { ok: false, why };
}
