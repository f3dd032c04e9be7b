// The whole machine stands still, not only the program: nothing on it notices that time has passed.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { wanted } from './wanted-ability.ts';

export const freezeDescription: FaultDescription = {
  name: 'freeze',
  about: 'freezes the whole machines of some nodes, with everything that runs on them, and thaws them',
  needs: ['freeze'],
  band: { name: 'freeze', from: ['freeze'], to: ['thaw'], colour: '#B9A0E9' },
};

/** Calls: `{f: 'freeze', value: targets}` and `{f: 'thaw', value?: targets}`; all, when absent. */
export function freezeFault(context: FaultContext): Fault {
  return nodeFault(freezeDescription, context, {
    harm: {
      f: 'freeze',
      action: 'freeze',
      async act(node) {
        await wanted(node, 'freezer').freeze();
        return undefined;
      },
    },
    repair: {
      f: 'thaw',
      action: 'thaw',
      async act(node) {
        await wanted(node, 'freezer').thaw();
        return undefined;
      },
    },
    restoreOrder: restoreOrder.paused,
  });
}
