// Histories of queues and stacks for tests, from a seed: a simulated atomic one whose answers can then be made wrong, and
// intervals and answers drawn at random. Every value that goes in is new.

import type { Json } from '../../json.ts';
import type { Operation, Result } from '../../op.ts';
import { randomNumbers } from '../random-history.fixture.ts';

export interface Names {
  readonly put: string;
  readonly take: string;
  /** Which of the values takes out. */
  readonly from: 'front' | 'back';
}

export const queueNames: Names = { put: 'enqueue', take: 'dequeue', from: 'front' };

export interface BoxShape {
  readonly operations: number;
  readonly processes: number;
  /** Share of the calls that put in. */
  readonly puts: number;
  /** Share of operations whose outcome is unknown (half of them took effect at some time). */
  readonly crashed?: number;
  /** Share of completed takes whose answer is exchanged with a random other. */
  readonly wrong?: number;
}

interface Open {
  readonly id: number;
  readonly process: number;
  readonly put: number | undefined;
  result: Result | undefined;
  readonly crashed: boolean;
  takesEffect: boolean;
}

/** Operations by invocation. Without `wrong` they are linearizable. */
export function simulatedBox(seed: number, shape: BoxShape, names: Names = queueNames): Operation[] {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const box: number[] = [];
  let head = 0;
  const finished: Operation[] = [];
  const threads: (Open | undefined)[] = Array.from({ length: shape.processes }, () => undefined);
  const lingering: Open[] = [];
  let [position, started, put] = [0, 0, 0];

  const takeEffect = (open: Open): void => {
    open.takesEffect = false;
    open.result = {};
    if (open.put !== undefined) box.push(open.put);
    else if (box.length > head) {
      const value = names.from === 'front' ? box[head++] : box.pop();
      open.result = { value: value as Json };
    }
  };
  const operationOf = (open: Open, completedAt: number): Operation => ({
    id: open.id,
    process: open.process,
    call: open.put === undefined ? { f: names.take } : { f: names.put, value: open.put },
    ...(completedAt === Infinity ? {} : { result: open.result ?? {} }),
    invokedAt: open.id,
    completedAt,
  });
  while (started < shape.operations || threads.some((open) => open !== undefined)) {
    const thread = integer(shape.processes);
    const open = threads[thread];
    if (open === undefined) {
      if (started === shape.operations) continue;
      started++;
      const crashed = random() < (shape.crashed ?? 0);
      threads[thread] = {
        id: position++,
        process: started,
        put: random() < shape.puts ? ++put : undefined,
        result: undefined,
        crashed,
        takesEffect: !crashed || random() < 0.5,
      };
    } else if (open.takesEffect && random() < 0.7) takeEffect(open);
    else if (open.crashed) {
      finished.push(operationOf(open, Infinity));
      if (open.takesEffect) lingering.push(open);
      threads[thread] = undefined;
    } else if (!open.takesEffect) {
      finished.push(operationOf(open, position++));
      threads[thread] = undefined;
    }
    if (lingering.length > 0 && random() < 0.1)
      takeEffect(lingering.splice(integer(lingering.length), 1)[0] as Open);
  }
  const operations = finished.sort((a, b) => a.invokedAt - b.invokedAt);
  const takes = operations.flatMap(({ call, result }, row) => (call.f === names.take && result ? [row] : []));
  for (const row of takes) {
    if (random() >= (shape.wrong ?? 0)) continue;
    const other = takes[integer(takes.length)] as number;
    exchange(operations, row, other);
  }
  return operations;
}

function exchange(operations: Operation[], row: number, other: number): void {
  const [a, b] = [operations[row] as Operation, operations[other] as Operation];
  operations[row] = { ...a, ...(b.result === undefined ? {} : { result: b.result }) };
  operations[other] = { ...b, ...(a.result === undefined ? {} : { result: a.result }) };
}

/** Intervals, calls and answers at random; a value comes out more than once, or from nowhere, now and then. */
export function drawnBox(seed: number, most: number, names: Names = queueNames): Operation[] {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const count = 1 + integer(most);
  const ends = Array.from({ length: count * 2 }, (_, i) => i);
  const width = 2 + integer(6);
  for (let i = ends.length - 1; i > 0; i--) {
    const j = integer(Math.min(i + 1, width));
    [ends[i], ends[i - j]] = [ends[i - j] as number, ends[i] as number];
  }
  const crashed = random() < 0.3 ? 0 : random() * 0.5;
  const puts = 0.3 + random() * 0.5;
  const nothing = random() * 0.4;
  const careless = random() < 0.1;
  let put = 0;
  const values = Array.from({ length: count }, (_, i) => 1 + i);
  const isPut = values.map(() => random() < puts);
  const inside = isPut.filter((is) => is).length;
  const left = values.slice(0, careless ? count : inside);
  const operations = values.map((_, i): Operation => {
    const [a, b] = [ends[i * 2] as number, ends[i * 2 + 1] as number];
    const [invokedAt, completedAt] = [Math.min(a, b), Math.max(a, b)];
    const open = { id: invokedAt, process: i, invokedAt };
    const isCrashed = random() < crashed;
    const end = (result: Result) => (isCrashed ? { completedAt: Infinity } : { completedAt, result });
    if (isPut[i]) return { ...open, call: { f: names.put, value: ++put }, ...end({}) };
    const place = random() < 0.6 ? 0 : integer(left.length);
    const value = random() < nothing || left.length === 0 ? undefined : left[place];
    if (value !== undefined && !isCrashed && !careless) left.splice(place, 1);
    return { ...open, call: { f: names.take }, ...end(value === undefined ? {} : { value }) };
  });
  return operations.sort((a, b) => a.invokedAt - b.invokedAt);
}
