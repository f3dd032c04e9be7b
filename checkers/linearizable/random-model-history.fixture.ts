// Histories of any model from a seed: a simulated atomic object with calls that overlap at random, crashes, and answers
// that can be made wrong.

import type { Call, Operation, Result } from '../op.ts';
import { randomNumbers } from './random-history.fixture.ts';

/** Random choices from a seed. */
export class Dice {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = randomNumbers(seed);
  }

  /** From 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  chance(share: number): boolean {
    return this.random() < share;
  }
}

/** An object at work, and who calls it how. Knows nothing of models. */
export interface SimulatedObject {
  /** What this process calls next. */
  call(process: number): Call;
  /** Does it at once, and what it tells; undefined: it cannot be done now (a lock is held). */
  apply(call: Call): Result | undefined;
  /** An answer that the call may get, drawn at random. */
  anyAnswer(call: Call): Result;
}

export interface ModelHistoryShape {
  readonly operations: number;
  readonly processes: number;
  /** Share of operations whose outcome is unknown (half of them take effect at some time). */
  readonly crashed: number;
  /** Share of completed operations whose answer is drawn at random. */
  readonly wrong: number;
}

interface Open {
  readonly operation: Operation;
  readonly crashed: boolean;
  readonly takesEffect: boolean;
  result?: Result;
}

/** Operations by invocation. Without `wrong` they are linearizable. */
export function randomModelHistory(
  object: SimulatedObject,
  dice: Dice,
  shape: ModelHistoryShape,
): Operation[] {
  const finished: Operation[] = [];
  const threads: (Open | undefined)[] = Array.from({ length: shape.processes }, () => undefined);
  /** Crashed operations that have still to take effect. */
  const lingering: Open[] = [];
  const process = Array.from(threads.keys());
  let position = 0;
  let started = 0;

  function invoke(thread: number): Open {
    const id = position++;
    const crashed = dice.chance(shape.crashed);
    const own = process[thread] ?? 0;
    return {
      operation: { id, process: own, call: object.call(own), invokedAt: id, completedAt: Infinity },
      crashed,
      takesEffect: !crashed || dice.chance(0.5),
    };
  }

  function retire(thread: number, open: Open): void {
    finished.push(open.operation);
    threads[thread] = undefined;
    process[thread] = (process[thread] ?? 0) + shape.processes;
  }

  /** Whether it could be done now. */
  function takeEffect(open: Open): boolean {
    const result = object.apply(open.operation.call);
    if (result !== undefined) open.result = result;
    return result !== undefined;
  }

  // Operations that wait for a lock that nobody will release are given up in the end, their outcome unknown.
  for (let turns = shape.operations * 30; turns > 0; turns--) {
    const thread = dice.below(shape.processes);
    const open = threads[thread];
    if (open === undefined) {
      if (started < shape.operations) {
        started++;
        threads[thread] = invoke(thread);
      } else if (threads.every((other) => other === undefined)) break;
    } else if (open.result === undefined && open.takesEffect && dice.chance(0.7)) {
      if (!takeEffect(open) && !open.crashed && dice.chance(shape.wrong)) {
        open.result = object.anyAnswer(open.operation.call);
      }
    } else if (open.crashed) {
      retire(thread, open);
      if (open.takesEffect && open.result === undefined) lingering.push(open);
    } else if (open.result !== undefined) {
      const result = dice.chance(shape.wrong) ? object.anyAnswer(open.operation.call) : open.result;
      finished.push({ ...open.operation, result, completedAt: position++ });
      threads[thread] = undefined;
    }
    if (lingering.length > 0 && dice.chance(0.1)) {
      const [late] = lingering.splice(dice.below(lingering.length), 1);
      if (late !== undefined) takeEffect(late);
    }
  }
  for (const [thread, open] of threads.entries()) if (open !== undefined) retire(thread, open);
  return finished.sort((a, b) => a.invokedAt - b.invokedAt);
}
