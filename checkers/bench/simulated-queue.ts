// Histories of an atomic FIFO queue for benchmarks, from a seed: clients always busy, half of their calls enqueue a value of
// its own, half dequeue. Linearizable by construction, but for the swap asked for.

import { History, type NewOp } from '../history.ts';
import { EventQueue } from './event-queue.ts';
import { randomNumbers } from './simulated-history.ts';

export interface QueueShape {
  readonly operations: number;
  /** Each has one operation open at any time. */
  readonly clients: number;
  /** Share of enqueues whose outcome is unknown; half of them take effect. */
  readonly crashed?: number;
  /** Two dequeues near the end, one long after the other, get each other's values. */
  readonly swapped?: boolean;
}

interface Open {
  readonly process: number;
  /** Undefined: a dequeue. */
  readonly value: number | undefined;
  readonly crashed: boolean;
  answer: number | undefined;
}

const KINDS = 3;
const INVOKE = 0;
const EFFECT = 1;
const RETURN = 2;

export function simulatedQueue(seed: number, shape: QueueShape): History {
  const random = randomNumbers(seed);
  /** Mostly short, at times long. */
  const delay = (): number => -Math.log(1 - random());
  const queue: number[] = [];
  let taken = 0;
  const open: Open[] = [];
  const processes = Array.from({ length: shape.clients }, (_, client) => client);
  const due = new EventQueue();
  const ops: NewOp[] = [];
  let started = 0;

  const invoke = (client: number, at: number): void => {
    started++;
    const value = random() < 0.5 ? started : undefined;
    const crashed = value !== undefined && random() < (shape.crashed ?? 0);
    const process = processes[client] as number;
    open[client] = { process, value, crashed, answer: undefined };
    ops.push({ ...callOf(value), time: time(at), process, type: 'invoke' });
    const effect = at + delay();
    if (!crashed || random() < 0.5) due.push(effect, client * KINDS + EFFECT);
    due.push(effect + delay(), client * KINDS + RETURN);
  };
  const complete = (client: number, at: number): void => {
    const { process, value, crashed, answer } = open[client] as Open;
    const common = { time: time(at), process };
    if (crashed) {
      ops.push({ ...callOf(value), ...common, type: 'info' });
      processes[client] = process + shape.clients;
    } else if (value !== undefined) ops.push({ ...callOf(value), ...common, type: 'ok' });
    else
      ops.push({ f: 'dequeue', ...common, type: 'ok', ...(answer === undefined ? {} : { value: answer }) });
  };

  for (let client = 0; client < shape.clients; client++) due.push(delay(), client * KINDS + INVOKE);
  for (let next = due.pop(); next !== undefined; next = due.pop()) {
    const client = Math.floor(next.item / KINDS);
    const kind = next.item % KINDS;
    if (kind === INVOKE) {
      if (started < shape.operations) invoke(client, next.time);
    } else if (kind === RETURN) {
      complete(client, next.time);
      due.push(next.time + delay() / 100, client * KINDS + INVOKE);
    } else {
      const one = open[client] as Open;
      if (one.value !== undefined) queue.push(one.value);
      else if (taken < queue.length) one.answer = queue[taken++];
    }
  }
  if (shape.swapped === true) swap(ops, shape.clients);
  return History.of(ops);
}

function callOf(value: number | undefined): { f: string; value?: number } {
  return value === undefined ? { f: 'dequeue' } : { f: 'enqueue', value };
}

/** A mean delay is a millisecond. */
function time(at: number): number {
  return Math.floor(at * 1e6);
}

function swap(ops: NewOp[], clients: number): void {
  const dequeues = ops.flatMap(({ f, type, value }, index) =>
    f === 'dequeue' && type === 'ok' && value !== undefined ? [index] : [],
  );
  const second = dequeues[Math.floor(dequeues.length * 0.99)];
  const first = dequeues[Math.max(0, Math.floor(dequeues.length * 0.99) - 20 * clients)];
  if (first === undefined || second === undefined) return;
  const [a, b] = [ops[first] as NewOp, ops[second] as NewOp];
  ops[first] = { ...a, value: b.value as number };
  ops[second] = { ...b, value: a.value as number };
}
