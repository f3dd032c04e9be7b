// A queue: first in, first out.

import { canonicalJson, type Json, sameValue } from '../json.ts';
import { illegal, legal, type Model, type Step } from '../model.ts';
import type { Call, Result } from '../op.ts';
import { initialArray } from './initial.ts';
import { stepUnknown } from './unknown-call.ts';

/** A value and those after it. */
export interface Cell {
  readonly value: Json;
  readonly next: Cell | undefined;
}

/**
 * What comes out next, first first, and what came in since, last first: with two chains a call costs a constant time on
 * average, however long the queue (Hood and Melville, "Real-time queue operations in pure LISP", 1981, section 1). `front`
 * is empty only when all is.
 */
export interface QueueState {
  readonly front: Cell | undefined;
  readonly back: Cell | undefined;
}

const name = 'queue';
const empty: QueueState = { front: undefined, back: undefined };

/**
 * A model of calls `enqueue` (of a value) and `dequeue` (tells the value; none: it found the queue empty). `initial` is a
 * list of values, the first to come out first.
 */
export function queue(initial?: Json): Model<QueueState> {
  const start = initialArray(name, initial).reduce<QueueState>(enqueued, empty);
  return {
    name,
    keyed: true,
    init: () => start,
    step,
    key: (state) => valuesOf(state).map(canonicalJson).join(','),
    describe: (state) => canonicalJson(valuesOf(state)),
    isObserver: (call, result) =>
      result !== undefined && (result.mismatch === true || foundEmpty(call, result)),
    refuses,
  };
}

function foundEmpty(call: Call, result: Result): boolean {
  return call.f === 'dequeue' && result.value === undefined;
}

function enqueued({ front, back }: QueueState, value: Json): QueueState {
  return front === undefined
    ? { front: { value, next: undefined }, back: undefined }
    : { front, back: { value, next: back } };
}

function dequeued({ front, back }: QueueState): QueueState {
  if (front?.next !== undefined) return { front: front.next, back };
  let turned: Cell | undefined;
  for (let cell = back; cell !== undefined; cell = cell.next) turned = { value: cell.value, next: turned };
  return { front: turned, back: undefined };
}

/** First to last. */
function valuesOf({ front, back }: QueueState): Json[] {
  const values: Json[] = [];
  const recent: Json[] = [];
  for (let cell = front; cell !== undefined; cell = cell.next) values.push(cell.value);
  for (let cell = back; cell !== undefined; cell = cell.next) recent.push(cell.value);
  return values.concat(recent.reverse());
}

function step(state: QueueState, call: Call, result: Result | undefined): Step<QueueState> {
  if (result?.mismatch === true) return legal(state);
  if (call.f === 'enqueue' && call.value !== undefined) return legal(enqueued(state, call.value));
  if (call.f !== 'dequeue') return stepUnknown(name, state, call, result);
  const first = state.front?.value;
  if (result !== undefined && !sameValue(first, result.value)) {
    const told = result.value === undefined ? 'nothing' : canonicalJson(result.value);
    return illegal(() =>
      first === undefined
        ? `it dequeued ${told} where the queue was empty`
        : `it dequeued ${told} where ${canonicalJson(first)} was first`,
    );
  }
  return legal(first === undefined ? state : dequeued(state));
}

function refuses(call: Call): string | undefined {
  if (call.f === 'dequeue') return undefined;
  if (call.f !== 'enqueue') return 'a queue has enqueue and dequeue only';
  return call.value === undefined ? 'an enqueue needs a value' : undefined;
}
