// Reads, writes and compare-and-sets on registers, judged key by key. Most operations go to keys that are soon left for
// fresh ones, so that judging stays cheap; some go to a few keys that live as long as the run, since some damage only
// shows in a long history. Reserved readers sit on every node: a client that also writes would wait for its first write
// at an isolated node and never ask it what it believes.

import { linearizable } from '../checkers/linearizable/linearizable.ts';
import { casRegister } from '../checkers/models/cas-register.ts';
import { mix } from '../harness/generator/choice.ts';
import { processLimit, untilOk } from '../harness/generator/feedback.ts';
import { type OpGenerator, pipe } from '../harness/generator/generator.ts';
import { concurrentKeys } from '../harness/generator/keys.ts';
import { limit, phases } from '../harness/generator/order.ts';
import { repeat } from '../harness/generator/sources.ts';
import { eachThread, reserve } from '../harness/generator/threads.ts';
import { delay } from '../harness/generator/timing.ts';
import type { Stream } from '../harness/random.ts';
import type { Workload } from '../harness/workload.ts';
import { registerWrites, type ValueMode } from './register-writes.ts';
import type { WorkloadSize } from './registry.ts';

const LONG_LIVED_KEYS = ['long-1', 'long-2'];
/** Operations on rotating keys for one on a long-lived key. */
const ROTATING_SHARE = 4;
const PROCESSES_PER_KEY = 20;
/** A long-lived key sees many retired processes; its values are unique, so they cost little. */
const PROCESSES_PER_LONG_KEY = 100;
const OPS_PER_LONG_KEY = 5000;

/** Between two final reads of a thread, so that a node that is not there yet is not asked at full speed. */
const FINAL_PAUSE_MS = 20;

const read = { f: 'read' };

export function registerWorkload(size: WorkloadSize): Workload {
  const threadsPerKey = groupSize(size);
  const readers = Math.min(size.nodes, Math.floor(threadsPerKey / 2));
  const onKeys = (name: string, keys: (n: number) => string | undefined, bounds: Bounds, values: ValueMode) =>
    concurrentKeys({
      keys,
      threadsPerKey,
      stream: size.stream.fork(name),
      plan: (_key, stream) => oneKey(readers, bounds, values, stream),
    });
  const rotating = onKeys(
    'rotating',
    (n) => `k${n + 1}`,
    { ops: size.opsPerKey, processes: PROCESSES_PER_KEY },
    size.values,
  );
  const longLived = LONG_LIVED_KEYS.map((key) =>
    onKeys(
      key,
      (n) => (n === 0 ? key : `${key}-${n + 1}`),
      { ops: OPS_PER_LONG_KEY, processes: PROCESSES_PER_LONG_KEY },
      'unique',
    ),
  );
  return {
    name: 'register',
    generator: mix(
      size.stream.fork('mix'),
      { weight: ROTATING_SHARE * longLived.length, plan: rotating },
      ...longLived,
    ),
    finalGenerator: phases(
      ...LONG_LIVED_KEYS.map((key) =>
        eachThread(pipe(repeat({ ...read, key }), delay(FINAL_PAUSE_MS), untilOk)),
      ),
    ),
    checker: linearizable({ model: casRegister() }),
    required: ['read', 'write', 'cas'],
    model: 'cas-register',
  };
}

interface Bounds {
  readonly ops: number;
  readonly processes: number;
}

/** Operations on one key until it is left: readers on the first threads, writers on the rest. */
function oneKey(readers: number, bounds: Bounds, values: ValueMode, stream: Stream): OpGenerator {
  const writes = registerWrites(values, stream.fork('writes'));
  const reads = repeat(read);
  const plan = readers === 0 ? mix(stream.fork('mix'), reads, writes) : reserve([[readers, reads]], writes);
  return pipe(plan, limit(jittered(bounds.ops, stream)), processLimit(bounds.processes));
}

/** Up to a tenth fewer, so that keys do not change in step with faults. */
function jittered(ops: number, stream: Stream): number {
  return Math.max(1, Math.round(ops * (1 - stream.fork('limit').draw(0) / 10)));
}

/** Two threads a node on one key, as Jepsen has it; all threads where they do not divide into such groups. */
function groupSize({ nodes, concurrency }: WorkloadSize): number {
  return concurrency % (2 * nodes) === 0 ? 2 * nodes : concurrency;
}
