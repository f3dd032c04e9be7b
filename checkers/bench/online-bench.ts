// What judging while a run goes on costs: `node --expose-gc dist/checkers/bench/online-bench.js [operations]`.
// Histories of a simulated atomic register are made as they are fed, so that nothing but the checker grows. Times are of
// the processor, less what making the same history without a checker takes.

import { casRegister } from '../models/cas-register.ts';
import { OnlineChecker } from '../online/online-checker.ts';
import type { Op } from '../op.ts';

interface Shape {
  readonly name: string;
  readonly clients: number;
  readonly crashed?: number;
  /** Different values; absent: every one is new. */
  readonly values?: number;
  /** Operations on a key before it is left for another; absent: one key. */
  readonly opsPerKey?: number;
}

const shapes: readonly Shape[] = [
  { name: 'one key, new values, 10 clients', clients: 10 },
  { name: 'one key, new values, 100 clients', clients: 100 },
  { name: 'one key, new values, 10 clients, 1 % crashed', clients: 10, crashed: 0.01 },
  { name: '200 operations a key, new values, 10 clients', clients: 10, opsPerKey: 200 },
  { name: '200 operations a key, 5 values, 5 clients', clients: 5, values: 5, opsPerKey: 200 },
];

/** Ops of clients that each have one operation open, which takes effect at a random moment. */
function feed(shape: Shape, operations: number, take: (op: Op) => void): void {
  let random = 1;
  const integer = (bound: number): number => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor((random / 2 ** 32) * bound);
  };
  const open = new Map<number, { op: Op; told: Partial<Op> | undefined }>();
  const processes = Array.from({ length: shape.clients }, (_, i) => i);
  let index = 0;
  let written = 0;
  let state: number | undefined;
  let key = 0;
  let onKey = 0;
  for (let begun = 0; begun < operations; ) {
    const client = integer(shape.clients);
    const now = open.get(client);
    if (now === undefined) {
      if (onKey === shape.opsPerKey) {
        if (open.size > 0) continue;
        key++;
        onKey = 0;
        state = undefined;
      }
      begun++;
      onKey++;
      const dice = integer(4);
      const value = shape.values === undefined ? ++written : integer(shape.values);
      const call =
        dice < 2
          ? { f: 'read' }
          : dice === 2 || state === undefined
            ? { f: 'write', value }
            : { f: 'cas', value: [state, value] };
      const process = processes[client] as number;
      const op: Op = { index, time: index, type: 'invoke', process, key: `k${key}`, ...call };
      index++;
      open.set(client, { op, told: undefined });
      take(op);
    } else if (now.told === undefined) {
      const { f, value } = now.op;
      if (f === 'cas' && (value as number[])[0] !== state) {
        now.told = {
          type: 'fail',
          error: { code: 'cas-mismatch' },
          found: state === undefined ? {} : { value: state },
        };
      } else if (f === 'read') now.told = { type: 'ok', ...(state === undefined ? {} : { value: state }) };
      else {
        state = f === 'cas' ? ((value as number[])[1] as number) : (value as number);
        now.told = { type: 'ok' };
      }
    } else {
      const isCrashed = integer(1_000_000) < (shape.crashed ?? 0) * 1_000_000;
      if (isCrashed) processes[client] = (processes[client] as number) + shape.clients;
      open.delete(client);
      const { value: _, ...both } = now.op;
      take({ ...both, ...(isCrashed ? { type: 'info' } : now.told), index, time: index });
      index++;
    }
  }
}

function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const most = Number(process.argv[2] ?? 1_000_000);
for (const shape of shapes) {
  // The configuration search is slower by far.
  const operations = shape.values === undefined ? most : Math.ceil(most / 50);
  const warm = new OnlineChecker(casRegister());
  feed(shape, Math.min(operations, 20_000), (op) => warm.append(op));
  const alone = seconds(() => feed(shape, operations, () => {}));
  const checker = new OnlineChecker(casRegister());
  const heap = heapMiB();
  let mostHeld = 0;
  let count = 0;
  const time = seconds(() =>
    feed(shape, operations, (op) => {
      checker.append(op);
      if (++count % 100_000 === 0) mostHeld = Math.max(mostHeld, checker.size);
    }),
  );
  const cost = Math.max(time - alone, 1e-6);
  const share = ((cost / operations) * 1000 * 100).toFixed(2);
  process.stdout.write(
    `${shape.name}, ${operations}: ${checker.verdict().validity}, ${Math.round(operations / cost).toLocaleString('en')} operations/s, ` +
      `${share} % of a core at 1,000/s, holds ${checker.size} (at most ${mostHeld} when looked), ` +
      `heap +${(heapMiB() - heap).toFixed(1)} MiB\n`,
  );
}
