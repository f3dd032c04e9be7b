// Every workload by name.

import type { Stream } from '../harness/random.ts';
import type { Workload } from '../harness/workload.ts';
import { registerWorkload } from './register.ts';
import type { ValueMode } from './register-writes.ts';

/** What a workload may know of the run it is for. */
export interface WorkloadSize {
  readonly nodes: number;
  /** Client threads; thread t talks to node t modulo `nodes`. */
  readonly concurrency: number;
  readonly values: ValueMode;
  readonly opsPerKey: number;
  readonly stream: Stream;
}

export const workloads: readonly { name: string; about: string; make: (size: WorkloadSize) => Workload }[] = [
  {
    name: 'register',
    about: 'reads, writes and compare-and-sets on rotating keys; linearizable, judged by key',
    make: registerWorkload,
  },
];
