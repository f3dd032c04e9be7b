// What is recorded: calls, their outcomes, and the two ops (invocation and completion) that each leaves in a history.

import type { Json } from './json.ts';

/** One logical thread of calls; the nemesis is one as well. A number is never used again after `info`. */
export type Process = number | 'nemesis';

/** What is asked. The key is a field of its own, so that splitting a history by key needs no unwrapping. */
export interface Call {
  readonly f: string;
  readonly key?: string;
  /** Absent and `null` are different. `write`: the value; `cas`: `[from, to]`; `read`: absent. */
  readonly value?: Json;
}

export interface OpError {
  /** Short and stable, e.g. `timeout`, `no-leader`, `cas-mismatch`: what reports group by. */
  readonly code: string;
  readonly message?: string;
}

/**
 * What became of a call.
 * - `ok`: it took effect between invocation and completion. A `read` without `value` saw that the key is absent.
 * - `fail`: it certainly had no effect and never will. `found` is what it saw on the way, if the store told: a cas
 *   that did not match found this value (`found: {}`: the key was absent). It is judged as an observation.
 * - `info`: nobody knows; it may take effect at any later time, or never.
 */
export type Outcome =
  | { readonly type: 'ok'; readonly value?: Json }
  | { readonly type: 'fail'; readonly error: OpError; readonly found?: { readonly value?: Json } }
  | { readonly type: 'info'; readonly error?: OpError; readonly value?: Json };

export type OpType = 'invoke' | 'ok' | 'fail' | 'info';

/** One line of a history. */
export interface Op extends Call {
  /** Position in the history; the authority on order. */
  readonly index: number;
  /** Nanoseconds since the start of the run, on one monotonic clock; never decreasing. */
  readonly time: number;
  readonly type: OpType;
  readonly process: Process;
  /** The node this process talks to. */
  readonly node?: string;
  readonly error?: OpError;
  readonly found?: { readonly value?: Json };
  /** Fields that are not ours (a revision, a debug note): kept, never judged. */
  readonly ext?: { readonly [field: string]: Json };
}

/** What a completed call told its caller. A cas that did not match has `mismatch`; its `value` is what it found. */
export interface Result {
  readonly value?: Json;
  readonly mismatch?: true;
}

/** Both ends of a client's call joined, for checkers. */
export interface Operation {
  /** Index of the invocation in the history: the operation's name in every report. */
  readonly id: number;
  readonly process: number;
  readonly node?: string;
  readonly call: Call;
  /** Absent: the outcome is unknown, and it may take effect at any time after the invocation, or never. */
  readonly result?: Result;
  /** Positions in the history (not times). `completedAt` is Infinity where the outcome is unknown. */
  readonly invokedAt: number;
  readonly completedAt: number;
}
