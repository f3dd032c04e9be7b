// Histories in columns for tests and measurements, from a seed: a simulated register at which every client is always busy,
// so that as many operations are open as there are clients.

import type { Moves } from '../moves.ts';
import { NONE } from '../problem.ts';
import { randomNumbers } from '../random-history.fixture.ts';

export interface BusyShape {
  readonly operations: number;
  readonly clients: number;
  /** Different values that are written. */
  readonly values: number;
  /** Shares of all operations; the rest are reads. A cas that does not match is a read of what it found. */
  readonly writes: number;
  readonly cas: number;
  /** Share of cas that ask for the value that there is when they are invoked; the others ask for any. */
  readonly aimed?: number;
  /** Share of writes and cas whose outcome is unknown; half of them take effect. */
  readonly crashed?: number;
  /** So many reads in the last tenth see a value drawn anew. */
  readonly stale?: number;
}

type Kind = 'read' | 'write' | 'cas';

interface Call {
  readonly row: number;
  readonly kind: Kind;
  readonly from: number;
  readonly to: number;
  readonly crashed: boolean;
  done: boolean;
}

/** State 0 is there first and never written. */
export function busyMoves(seed: number, shape: BusyShape): Moves {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const needs = new Int32Array(shape.operations).fill(NONE);
  const leaves = new Int32Array(shape.operations).fill(NONE);
  const events: number[] = [];
  const clients: (Call | undefined)[] = [];
  const lingering: Call[] = [];
  const reads: number[] = [];
  let state = 0;
  let started = 0;

  function kindOf(dice: number): Kind {
    if (dice < shape.writes) return 'write';
    return dice < shape.writes + shape.cas ? 'cas' : 'read';
  }

  function invoke(): Call | undefined {
    if (started === shape.operations) return undefined;
    const row = started++;
    const kind = kindOf(random());
    const from = random() < (shape.aimed ?? 0) ? state : 1 + integer(shape.values);
    const to = 1 + integer(shape.values);
    const crashed = kind !== 'read' && random() < (shape.crashed ?? 0);
    const changes = kind === 'write' || from !== to;
    if (crashed && kind === 'cas') needs[row] = from;
    if (crashed && changes) leaves[row] = to;
    if (!crashed || changes) events.push(row * 2);
    return { row, kind, from, to, crashed, done: false };
  }

  function takeEffect({ row, kind, from, to, crashed }: Call): void {
    const matches = kind === 'write' || (kind === 'cas' && state === from);
    if (!crashed) {
      if (kind !== 'write') needs[row] = state;
      if (kind === 'read') reads.push(row);
      if (matches && (kind === 'write' || to !== state)) leaves[row] = to;
    }
    if (matches) state = to;
  }

  for (let client = 0; client < shape.clients; client++) clients.push(invoke());
  while (clients.some((call) => call !== undefined)) {
    const client = integer(shape.clients);
    const call = clients[client];
    if (call === undefined) continue;
    if (lingering.length > 0 && random() < 0.1) {
      const [late] = lingering.splice(integer(lingering.length), 1);
      if (late !== undefined) takeEffect(late);
    }
    if (call.crashed) {
      if (random() < 0.5) lingering.push(call);
      clients[client] = invoke();
    } else if (call.done) {
      events.push(call.row * 2 + 1);
      clients[client] = invoke();
    } else {
      takeEffect(call);
      call.done = true;
    }
  }
  const last = reads.filter((row) => row > shape.operations * 0.9);
  for (let i = 0; i < (shape.stale ?? 0); i++)
    needs[last[integer(last.length)] ?? 0] = 1 + integer(shape.values);
  return { needs, leaves, events: Int32Array.from(events), states: shape.values + 1 };
}
