// The phases of every run: warm-up without faults, faults, repair of everything, a calm while, final reads. Clients work
// through all of it until the final reads, so that damage done in one phase can be seen in the next.

import { any, during } from './generator/choice.ts';
import { type OpGenerator, pipe } from './generator/generator.ts';
import { once, phases } from './generator/order.ts';
import { none, repeat } from './generator/sources.ts';
import { onClients, onNemesis } from './generator/threads.ts';
import { sleep, stagger, timeLimit } from './generator/timing.ts';
import type { Fault } from './nemesis/nemesis.ts';
import type { Stream } from './random.ts';
import type { Workload } from './workload.ts';

/** Marks in the history where a phase begins, so that a recorded history can be judged by itself. */
export type Phase = 'warm-up' | 'main' | 'recovery' | 'final';

export interface ScheduleOptions {
  readonly workload: Workload;
  readonly faults: readonly Fault[];
  /** Operations per second of all clients together. */
  readonly rate: number;
  /** Warm-up and faults; everything else comes after. */
  readonly timeLimitMs: number;
  readonly warmUpMs: number;
  readonly calmMs: number;
  readonly finalMs: number;
  readonly stream: Stream;
}

export function schedule(options: ScheduleOptions): OpGenerator {
  const { workload, faults, timeLimitMs, warmUpMs, calmMs, finalMs } = options;
  const script = phases(
    mark('warm-up'),
    sleep(warmUpMs),
    mark('main'),
    during(sleep(Math.max(0, timeLimitMs - warmUpMs)), any(...faults.map((fault) => fault.generator))),
    mark('recovery'),
    ...faults.map((fault) => fault.recovery),
    pipe(repeat({ f: 'await-leader' }), once),
    sleep(calmMs),
  );
  const traffic = pipe(
    workload.generator,
    stagger(1000 / options.rate, options.stream.fork('stagger')),
    onClients,
  );
  return phases(
    during(pipe(script, onNemesis), traffic),
    pipe(mark('final'), onNemesis),
    pipe(workload.finalGenerator ?? none, timeLimit(finalMs), onClients),
  );
}

function mark(phase: Phase): OpGenerator {
  return pipe(repeat({ f: 'phase', value: phase }), once);
}
