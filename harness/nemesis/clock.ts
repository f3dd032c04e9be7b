// Wall clocks of nodes jump, flicker, and go too fast or too slow, as in Jepsen.

import { type ClockHarm, clockFaultOf } from './clock-fault.ts';
import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';

export const clockDescription: FaultDescription = {
  name: 'clock',
  about: 'sets the clocks of some nodes forwards or back, back and forth, or faster or slower; then right',
  needs: ['clock'],
  band: {
    name: 'clock',
    from: ['bump-clock', 'strobe-clock', 'rate-clock'],
    to: ['reset-clock'],
    colour: '#A0E9E3',
  },
};

/** A leader whose clock goes back trusts a lease that has run out: this is what finds most. */
const LEADER_BACK = { f: 'bump-clock' as const, value: { targets: 'primaries', byMs: -30_000 } };

const ways: readonly ClockHarm[] = ['bump-clock', 'strobe-clock', 'rate-clock'];

const harms = [
  { call: LEADER_BACK, weight: 2 },
  ...ways.flatMap((f) => [
    { call: { f, value: 'primaries' }, weight: 2 },
    { call: { f, value: 'one' }, weight: 1 },
    { call: { f, value: 'minority' }, weight: 1 },
    { call: { f, value: 'majority' }, weight: 1 },
    { call: { f, value: 'all' }, weight: 1 },
  ]),
];

/** Calls: `bump-clock`, `strobe-clock`, `rate-clock` and `reset-clock`; see `clockFaultOf` for their values. */
export function clockFault(context: FaultContext): Fault {
  return clockFaultOf(clockDescription, context, harms);
}
