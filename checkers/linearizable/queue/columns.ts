// A part of a queue's history in columns, where it is one that the patterns of this folder can judge.

import type { Model } from '../../model.ts';
import { type QueueState, queue } from '../../models/queue.ts';
import { registerKey } from '../../models/register.ts';
import type { Operation } from '../../op.ts';
import type { Part } from '../part.ts';
import { NONE } from '../problem.ts';

/** Indexed by row, but for the events. */
export interface QueueColumns {
  /** 1 for an enqueue, 0 for a dequeue. */
  readonly enqueues: Uint8Array;
  /** The number of the value enqueued or dequeued; NONE for a dequeue that found nothing, or whose outcome is unknown. */
  readonly values: Int32Array;
  /** Both ends of the operations in the order of the history: twice the row, plus one for a completion. */
  readonly events: Int32Array;
  /** Numbers of values are below this. */
  readonly valueCount: number;
}

const plain = queue();
const known = new WeakMap<object, QueueColumns | { readonly none: true }>();

/**
 * Undefined where the model is not our queue, empty at first, where a value may have been enqueued twice, and where a
 * dequeue was refused. Read once a part.
 */
export function queueColumns<State>(part: Part<State>): QueueColumns | undefined {
  let columns = known.get(part);
  if (columns === undefined) {
    columns = (isPlainQueue(part.model) ? columnsOf(part.operations()) : undefined) ?? { none: true };
    known.set(part, columns);
  }
  return 'none' in columns ? undefined : columns;
}

/** With our `step`, whatever else was replaced: states are compared by nobody here. */
function isPlainQueue<State>(model: Model<State>): boolean {
  const candidate = model as Model<unknown>;
  if (candidate.step !== (plain as Model<unknown>).step || candidate.refuses !== plain.refuses) return false;
  return (candidate.init() as QueueState).front === undefined;
}

function columnsOf(operations: readonly Operation[]): QueueColumns | undefined {
  const size = operations.length;
  const enqueues = new Uint8Array(size);
  const values = new Int32Array(size).fill(NONE);
  const numbers = new Map<string | number, number>();
  const numberOf = (key: string | number): number => {
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
    }
    return number;
  };
  for (const [row, { call, result }] of operations.entries()) {
    if (result?.mismatch === true) return undefined;
    if (call.f === 'enqueue') {
      if (call.value === undefined) return undefined;
      enqueues[row] = 1;
      values[row] = numberOf(registerKey(call.value));
    } else if (call.f !== 'dequeue') return undefined;
    else if (result?.value !== undefined) values[row] = numberOf(registerKey(result.value));
  }
  const valueCount = numbers.size;
  if (!areEnqueuedOnce(enqueues, values, valueCount)) return undefined;
  return { enqueues, values, events: eventsOf(operations), valueCount };
}

function areEnqueuedOnce(enqueues: Uint8Array, values: Int32Array, valueCount: number): boolean {
  const seen = new Uint8Array(valueCount);
  for (let row = 0; row < values.length; row++) {
    if (enqueues[row] === 0) continue;
    const value = values[row] as number;
    if (seen[value] === 1) return false;
    seen[value] = 1;
  }
  return true;
}

/** Invocations are in order already; completions are sorted and woven in. */
function eventsOf(operations: readonly Operation[]): Int32Array {
  const size = operations.length;
  // A position and a row in one number: with a row for two positions at least, exact up to 2^26 operations.
  const completions = new Float64Array(size);
  let count = 0;
  for (let row = 0; row < size; row++) {
    const { completedAt } = operations[row] as Operation;
    if (completedAt !== Infinity) completions[count++] = completedAt * size + row;
  }
  const sorted = completions.subarray(0, count).sort();
  const events = new Int32Array(size + count);
  let row = 0;
  let next = 0;
  for (let event = 0; event < events.length; event++) {
    const completion = next < count ? (sorted[next] as number) : Infinity;
    if (row < size && (operations[row] as Operation).invokedAt * size < completion) events[event] = row++ * 2;
    else {
      events[event] = (completion % size) * 2 + 1;
      next++;
    }
  }
  return events;
}
