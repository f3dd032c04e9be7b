// The clock that programs measure time-outs and leases by goes too fast or too slow; the wall clock stays as it is.

import type { Json } from '../../checkers/json.ts';
import type { NodeClock } from '../environment.ts';
import { exponential } from './clock-amounts.ts';
import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { monotonicRate } from './seen-on-machine.ts';
import { wanted } from './wanted-ability.ts';

export const monotonicDescription: FaultDescription = {
  name: 'monotonic',
  about: 'lets the monotonic clocks of some nodes go too fast or too slow, then right again',
  needs: ['clock-monotonic'],
  band: { name: 'monotonic', from: ['rate-monotonic'], to: ['reset-monotonic'], colour: '#A0CDE9' },
};

/** Less than this cannot be told from a busy machine. */
const LEAST_FACTOR = 1.15;
const MOST_FACTOR = 2;

/** Calls: `{f: 'rate-monotonic', value: targets}` and `{f: 'reset-monotonic', value?: targets}`; all, when absent. */
export function monotonicFault(context: FaultContext): Fault {
  return nodeFault(monotonicDescription, context, {
    harm: {
      f: 'rate-monotonic',
      action: 'skew-monotonic',
      async act(node, _signal, random) {
        const faster = random.next() < 0.5;
        const factor = exponential(LEAST_FACTOR, MOST_FACTOR, random.next());
        const rate = Math.round((faster ? factor : 1 / factor) * 1000) / 1000;
        return setRate(wanted(node, 'clock'), rate);
      },
    },
    repair: {
      f: 'reset-monotonic',
      action: 'reset-monotonic',
      act: (node) => setRate(wanted(node, 'clock'), 1),
    },
    restoreOrder: restoreOrder.clocks,
  });
}

async function setRate(clock: NodeClock, rate: number): Promise<{ readonly [what: string]: Json }> {
  if (clock.setMonotonicRate === undefined) throw new Error('its monotonic clock cannot be set here');
  await clock.setMonotonicRate(rate);
  return monotonicRate(rate, await clock.monotonicRate?.());
}
