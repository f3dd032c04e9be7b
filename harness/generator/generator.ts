// The plan of operations as an immutable value. `next` asks what to do now; `update` tells what happened and gives the
// plan that knows it. Neither changes anything: the same question has the same answer, so plans can be simulated,
// forked and replayed. Random plans carry their own stream (see random.ts) for the same reason.
// The idea is jepsen.generator's.

import type { Call, Op, Process } from '../../checkers/op.ts';

/** A slot of concurrency; runs one process at a time. */
export type Thread = number | 'nemesis';

export interface Context {
  /** Nanoseconds since the start of the run. */
  readonly time: number;
  /** All threads this plan may use: clients in rising order, then the nemesis. The same at every question. */
  readonly threads: readonly Thread[];
  /** Those of them that are free now, in a fair random order: a plan that does not care takes the first. */
  readonly free: readonly Thread[];
  readonly processOf: (thread: Thread) => Process;
  /** Also for processes that are retired. */
  readonly threadOf: (process: Process) => Thread;
}

export interface Planned {
  /** Not before this time; a time in the past means now. */
  readonly time: number;
  readonly thread: Thread;
  readonly call: Call;
}

export type Next =
  | {
      readonly kind: 'op';
      readonly op: Planned;
      /** The plan after this op. Dropped unless the op is carried out. */
      readonly rest: OpGenerator;
      /** The plan if the op is not carried out: it may have noted that time has passed. Absent: as it was. */
      readonly kept?: OpGenerator;
    }
  /**
   * Nothing to do until something happens or time passes; asked again then. `until` is a promise that without an event
   * nothing changes before that time (Infinity: only an event helps); without it the plan is asked every millisecond.
   */
  | { readonly kind: 'pending'; readonly rest: OpGenerator; readonly until?: number }
  /** For good: it is not asked again. */
  | { readonly kind: 'exhausted' };

export interface OpGenerator {
  next(context: Context): Next;
  /** Told of every invocation and completion of the threads in its context. */
  update(context: Context, event: Op): OpGenerator;
}

export type Wrapper = (plan: OpGenerator) => OpGenerator;

/** `pipe(plan, stagger(…), onClients)`: each wrapper around what came before it. */
export function pipe(plan: OpGenerator, ...wrappers: readonly Wrapper[]): OpGenerator {
  return wrappers.reduce((wrapped, wrapper) => wrapper(wrapped), plan);
}
