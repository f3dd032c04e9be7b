// A node that has hardly any processor: alive, but late with everything it promised in time.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { limitedTo } from './seen-on-machine.ts';
import { wanted } from './wanted-ability.ts';

export const slowCpuDescription: FaultDescription = {
  name: 'slow-cpu',
  about: 'leaves the machines of some nodes 5 to 30 % of one processor, and then all they want',
  needs: ['cpu'],
  band: { name: 'slow-cpu', from: ['limit-cpu'], to: ['unlimit-cpu'], colour: '#D9C39A' },
};

const LEAST_SHARE = 0.05;
const MOST_SHARE = 0.3;

/** Calls: `{f: 'limit-cpu', value: targets}` and `{f: 'unlimit-cpu', value?: targets}`; all, when absent. */
export function slowCpuFault(context: FaultContext): Fault {
  return nodeFault(slowCpuDescription, context, {
    harm: {
      f: 'limit-cpu',
      action: 'limit-cpu',
      async act(node, _signal, random) {
        const drawn = LEAST_SHARE * (MOST_SHARE / LEAST_SHARE) ** random.next();
        const share = Math.round(drawn * 100) / 100;
        return limitedTo(share, await wanted(node, 'cpu').limit(share));
      },
    },
    repair: {
      f: 'unlimit-cpu',
      action: 'unlimit-cpu',
      async act(node) {
        return limitedTo(undefined, await wanted(node, 'cpu').limit(undefined));
      },
    },
    restoreOrder: restoreOrder.machine,
  });
}
