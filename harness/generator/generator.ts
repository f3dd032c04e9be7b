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
  /** All threads this plan may use, and those of them that are free now. */
  readonly threads: readonly Thread[];
  readonly free: readonly Thread[];
  processOf(thread: Thread): Process;
  threadOf(process: Process): Thread;
}

export interface Planned {
  /** Not before this time; a time in the past means now. */
  readonly time: number;
  readonly thread: Thread;
  readonly call: Call;
}

export type Next =
  | { readonly kind: 'op'; readonly op: Planned; readonly rest: OpGenerator }
  /** Nothing to do until something happens or time passes; asked again then. */
  | { readonly kind: 'pending'; readonly rest: OpGenerator }
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
