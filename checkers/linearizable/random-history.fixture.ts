// Histories for tests and benchmarks, from a seed: a simulated atomic register whose answers can then be made wrong, and
// answers drawn at random.

import { type Json, sameValue } from '../json.ts';
import type { Operation, Result } from '../op.ts';

export interface HistoryShape {
  readonly operations: number;
  readonly processes: number;
  /** How many different values are written; absent: every written value is new. */
  readonly values?: number;
  /** Shares of all calls; the rest are reads. */
  readonly writes: number;
  readonly cas?: number;
  /** Share of operations whose outcome is unknown (half of them took effect at some time). */
  readonly crashed?: number;
  /** Share of completed observations whose answer is replaced by a random value. */
  readonly wrong?: number;
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

interface Open {
  readonly operation: Operation;
  result: Result | undefined;
  crashed: boolean;
  takesEffect: boolean;
  effectDone: boolean;
}

/** Operations on one key, by invocation. Without `wrong` they are linearizable. */
export function randomHistory(seed: number, shape: HistoryShape): Operation[] {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const finished: Operation[] = [];
  const threads: (Open | undefined)[] = Array.from({ length: shape.processes }, () => undefined);
  const lingering: Open[] = [];
  /** Of each thread; a process is retired when its operation crashed. */
  const process = Array.from(threads.keys());
  const written: Json[] = [];
  let state: Json | undefined;
  let position = 0;
  let started = 0;

  const newValue = (): Json => {
    const value = shape.values === undefined ? written.length + 1 : 1 + integer(shape.values);
    written.push(value);
    return value;
  };
  const anyValue = (): Json | undefined => {
    if (random() < 0.1) return undefined;
    if (shape.values !== undefined) return 1 + integer(shape.values);
    return written[Math.max(0, written.length - 1 - integer(5))] ?? 1;
  };

  function invoke(thread: number): Open {
    const dice = random();
    const id = position++;
    const isCas = dice >= shape.writes && dice < shape.writes + (shape.cas ?? 0);
    const call = isCas
      ? { f: 'cas', value: [(random() < 0.7 ? state : anyValue()) ?? 1, newValue()] }
      : dice < shape.writes
        ? { f: 'write', value: newValue() }
        : { f: 'read' };
    const crashed = random() < (shape.crashed ?? 0);
    return {
      operation: { id, process: process[thread] ?? 0, call, invokedAt: id, completedAt: Infinity },
      result: undefined,
      crashed,
      takesEffect: !crashed || random() < 0.5,
      effectDone: false,
    };
  }

  function takeEffect(open: Open): void {
    open.effectDone = true;
    const { f, value } = open.operation.call;
    if (f === 'write') state = value;
    if (f === 'write') open.result = {};
    else if (f === 'read') open.result = seen(state);
    else {
      const [from, to] = value as readonly [Json, Json];
      const matches = sameValue(state, from);
      open.result = matches ? {} : { ...seen(state), mismatch: true };
      if (matches) state = to;
    }
  }

  function complete(open: Open): void {
    const { f } = open.operation.call;
    let result = open.result as Result;
    if (random() < (shape.wrong ?? 0)) {
      if (f === 'read') result = seen(anyValue());
      else if (f === 'cas') result = random() < 0.5 ? {} : { ...seen(anyValue()), mismatch: true };
    }
    finished.push({ ...open.operation, result, completedAt: position++ });
  }

  while (started < shape.operations || threads.some((open) => open !== undefined)) {
    const thread = integer(shape.processes);
    const open = threads[thread];
    if (open === undefined) {
      if (started === shape.operations) continue;
      started++;
      threads[thread] = invoke(thread);
    } else if (!open.effectDone && open.takesEffect && random() < 0.7) {
      takeEffect(open);
    } else if (open.crashed) {
      finished.push(open.operation);
      if (open.takesEffect && !open.effectDone) lingering.push(open);
      threads[thread] = undefined;
      process[thread] = (process[thread] ?? 0) + shape.processes;
    } else if (open.effectDone) {
      complete(open);
      threads[thread] = undefined;
    }
    if (lingering.length > 0 && random() < 0.1) {
      const [late] = lingering.splice(integer(lingering.length), 1);
      if (late !== undefined) takeEffect(late);
    }
  }
  return finished.sort((a, b) => a.invokedAt - b.invokedAt);
}

function seen(state: Json | undefined): Result {
  return state === undefined ? {} : { value: state };
}
