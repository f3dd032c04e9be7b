// Histories for benchmarks, from a seed: clients of one atomic register a key, always busy. Of each operation the times at
// which it is invoked, takes effect and returns are drawn. Linearizable by construction, but for the stale read asked for.

import { History, type NewOp } from '../history.ts';
import type { Json } from '../json.ts';
import { EventQueue } from './event-queue.ts';

export interface SimulationShape {
  readonly operations: number;
  /** Each has one operation open at any time. */
  readonly clients: number;
  /** Shares of all calls; the rest are reads. */
  readonly writes: number;
  /** Successful ones. */
  readonly cas?: number;
  /** Those that found another value than they asked for, which is recorded. */
  readonly refusedCas?: number;
  /** How many different values are written; absent: every written value is new. */
  readonly values?: number;
  /** Share of operations whose outcome is unknown; half of them take effect, some much later. */
  readonly crashed?: number;
  /** 1 by default. */
  readonly keys?: number;
  /** A read near the end returns a value that was overwritten long before. */
  readonly stale?: boolean;
}

interface Open {
  readonly process: number;
  readonly key: number;
  readonly f: 'read' | 'write' | 'cas';
  /** A cas that is to be refused asks for a value that is not there. */
  readonly refused: boolean;
  readonly crashed: boolean;
  /** Index of the invocation. */
  readonly index: number;
  answer: Json | undefined;
}

const KINDS = 4;
const INVOKE = 0;
const EFFECT = 1;
const RETURN = 2;
const LATE_EFFECT = 3;

/** How many changes ago a stale read's value was written, for each client; half of all where there are fewer. */
const STALE_CHANGES = 20;

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

export function simulatedHistory(seed: number, shape: SimulationShape): History {
  return History.of(simulatedOps(seed, shape));
}

/** A mean delay is a millisecond. */
function nanoseconds(due: number): number {
  return Math.floor(due * 1e6);
}

/** The ops by time. A cas asks for what it will find, so that as many succeed as were asked for. */
export function simulatedOps(seed: number, shape: SimulationShape): NewOp[] {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  /** Mostly short, at times long. */
  const delay = (): number => -Math.log(1 - random());
  const keys = shape.keys ?? 1;
  const states: (number | undefined)[] = Array.from({ length: keys }, () => undefined);
  /** Values of the first key, in the order in which they were there. */
  const past: number[] = [];
  const ops: NewOp[] = [];
  const open: (Open | undefined)[] = Array.from({ length: shape.clients }, () => undefined);
  const lingering: Open[] = [];
  const processes = Array.from(open.keys());
  const queue = new EventQueue();
  let written = 0;
  let started = 0;
  let staleAt = shape.stale === true ? Math.floor(shape.operations * 0.99) : Infinity;

  const newValue = (): number => (shape.values === undefined ? ++written : integer(shape.values));
  const keyName = (key: number): { key: string } | undefined => (keys === 1 ? undefined : { key: `k${key}` });

  function invoke(client: number, due: number): void {
    const dice = random();
    const cas = shape.writes + (shape.cas ?? 0);
    const refused = dice >= cas && dice < cas + (shape.refusedCas ?? 0);
    const f = dice < shape.writes ? 'write' : dice < cas || refused ? 'cas' : 'read';
    const key = integer(keys);
    const crashed = random() < (shape.crashed ?? 0);
    const effective = !crashed || random() < 0.5;
    const process = processes[client] as number;
    const value = f === 'read' ? undefined : f === 'write' ? newValue() : [-1, newValue()];
    const op = {
      time: nanoseconds(due),
      process,
      type: 'invoke',
      f,
      ...keyName(key),
      ...(value === undefined ? {} : { value }),
    };
    const index = ops.push(op as NewOp) - 1;
    const begun: Open = { process, key, f, refused, crashed, index, answer: undefined };
    open[client] = begun;
    started++;
    const effect = due + delay();
    if (effective && !(crashed && random() < 0.2)) queue.push(effect, client * KINDS + EFFECT);
    else if (effective) {
      queue.push(effect + delay() * 100, (lingering.push(begun) - 1) * KINDS + LATE_EFFECT);
    }
    queue.push(effect + delay(), client * KINDS + RETURN);
  }

  function takeEffect(one: Open): void {
    const state = states[one.key];
    const { value } = ops[one.index] as { value?: Json };
    one.answer = state;
    if (one.f === 'read') return;
    let to = value as number;
    if (one.f === 'cas') {
      to = (value as number[])[1] as number;
      const from = one.refused ? -1 - integer(1000) : (state ?? -1);
      ops[one.index] = { ...(ops[one.index] as NewOp), value: [from, to] };
      // What is absent matches no cas.
      if (one.refused || state === undefined) return;
    }
    states[one.key] = to;
    if (one.key === 0) past.push(to);
  }

  function complete(client: number, one: Open, due: number): void {
    const time = nanoseconds(due);
    const asked = ops[one.index] as NewOp;
    const { value: _, ...call } = asked;
    open[client] = undefined;
    if (one.crashed) {
      ops.push({ ...asked, time, type: 'info' });
      processes[client] = one.process + shape.clients;
    } else if (one.f === 'read') {
      const ago = Math.min(STALE_CHANGES * shape.clients, past.length >>> 1);
      const old = past[past.length - 1 - ago];
      const isStale = one.key === 0 && started >= staleAt && old !== undefined;
      if (isStale) staleAt = Infinity;
      const answer = isStale ? old : one.answer;
      ops.push({ ...call, time, type: 'ok', ...(answer === undefined ? {} : { value: answer }) });
    } else if (one.f === 'cas' && (one.refused || one.answer === undefined)) {
      const found = one.answer === undefined ? {} : { value: one.answer };
      ops.push({ ...asked, time, type: 'fail', error: { code: 'cas-mismatch' }, found });
    } else {
      ops.push({ ...asked, time, type: 'ok' });
    }
  }

  for (let client = 0; client < shape.clients; client++) queue.push(delay(), client * KINDS + INVOKE);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { time: due, item } = next;
    const kind = item % KINDS;
    const who = Math.floor(item / KINDS);
    const one = kind === LATE_EFFECT ? lingering[who] : open[who];
    if (kind === INVOKE) {
      if (started < shape.operations) invoke(who, due);
    } else if (one !== undefined && kind === RETURN) {
      complete(who, one, due);
      queue.push(due + delay() / 100, who * KINDS + INVOKE);
    } else if (one !== undefined) takeEffect(one);
  }
  return ops;
}
