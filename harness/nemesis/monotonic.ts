// The clock that programs measure time-outs and leases by goes too fast or too slow, and the wall clock with it. Nothing
// jumps: a monotonic clock that goes back hangs programs, so this fault and the fault clock exclude each other.

import { type ClockHarm, clockFaultOf } from './clock-fault.ts';
import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';

export const monotonicDescription: FaultDescription = {
  name: 'monotonic',
  about: 'lets the clocks of some nodes, the monotonic one too, go too fast or too slow; then right again',
  needs: ['clock-monotonic'],
  band: { name: 'monotonic', from: ['rate-monotonic'], to: ['reset-monotonic'], colour: '#A0CDE9' },
};

const f: ClockHarm = 'rate-monotonic';

/** A leader whose clock is slow trusts a lease that has run out: this is what finds most. */
const harms = [
  { call: { f, value: { targets: 'primaries', rate: 0.5 } }, weight: 2 },
  { call: { f, value: 'primaries' }, weight: 2 },
  { call: { f, value: 'one' }, weight: 1 },
  { call: { f, value: 'minority' }, weight: 1 },
  { call: { f, value: 'majority' }, weight: 1 },
  { call: { f, value: 'all' }, weight: 1 },
];

/** Calls: `rate-monotonic` and `reset-monotonic`; see `clockFaultOf` for their values. */
export function monotonicFault(context: FaultContext): Fault {
  return clockFaultOf(monotonicDescription, context, harms);
}
