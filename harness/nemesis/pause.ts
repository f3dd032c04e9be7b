// SIGSTOP and SIGCONT: a node that is neither dead nor alive, and wakes up believing that no time has passed.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';

export const pauseDescription: FaultDescription = {
  name: 'pause',
  about: 'stops the programs of some nodes with SIGSTOP and lets them go on with SIGCONT',
  band: { name: 'pause', from: ['pause'], to: ['resume'], colour: '#A0B1E9' },
};

/** Calls: `{f: 'pause', value: targets}` and `{f: 'resume', value?: targets}`; all, when absent. */
export function pauseFault(context: FaultContext): Fault {
  return nodeFault(pauseDescription, context, {
    harm: {
      f: 'pause',
      action: 'pause',
      async act(node) {
        await node.signal('SIGSTOP');
        return undefined;
      },
    },
    repair: {
      f: 'resume',
      action: 'resume',
      async act(node) {
        await node.signal('SIGCONT');
        return undefined;
      },
    },
    restoreOrder: restoreOrder.paused,
  });
}
