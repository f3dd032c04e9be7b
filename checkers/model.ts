// A sequential specification: what a correct object answers when nobody else is there. Pure and total.

import type { Call, Operation, Result } from './op.ts';

export type Step<State> =
  | { readonly ok: true; readonly state: State }
  /** `why` is a clause that fits after "because": made only when somebody reads it. */
  | { readonly ok: false; readonly why: () => string };

/**
 * A call as a move between states. It fits models in which a call can be legal in one certain state or in all of
 * them, and leaves one certain state or the same (registers): there, much can be decided without a search.
 */
export interface Move<State> {
  /** The only state in which the call can be legal (outcome unknown: have an effect); absent: every state will do. */
  readonly needs?: { readonly state: State };
  /** The state that it leaves, whatever was before; absent: it leaves the state as it is. */
  readonly leaves?: { readonly state: State };
}

/** A call and what it told, if anything is known of it. */
export type Done = Pick<Operation, 'call' | 'result'>;

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
  /** The call as a {@link Move}; left out by models whose calls are none. Agrees with `step` on every state. */
  move?(call: Call, result: Result | undefined): Move<State>;
  /**
   * Names of the parts of the object that the call reads or writes, where the object is made of parts that do not bear on
   * each other (the keys of a map, the elements of a set); undefined: all of it. The history of one object is then split:
   * calls that share a name, also through others, are judged together. Sound because an object whose parts share nothing
   * is linearizable exactly when each of them is (Herlihy and Wing, "Linearizability", 1990, theorem 1): what a call answers
   * and changes must depend on the parts it names alone.
   */
  parts?(call: Call): readonly string[] | undefined;
  /**
   * A hint that the order of the two does not matter. Sound only if from every state both orders are legal or both are not,
   * and both leave the same state, with these results and with each outcome unknown. False when in doubt.
   */
  commutes?(a: Done, b: Done): boolean;
  /**
   * Why this call means nothing to the model (a function it does not know, a value of the wrong shape), as a clause
   * that fits after "because"; undefined when it can be judged. A refused call never becomes a verdict.
   */
  refuses?(call: Call): string | undefined;
}

export function legal<State>(state: State): Step<State> {
  return { ok: true, state };
}

export function illegal(why: () => string): { readonly ok: false; readonly why: () => string } {
  return { ok: false, why };
}
