// SIGTERM: the program ends by its own hand, tidies up, and is started again. What it tidies may be what is broken.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { startProgram } from './start-program.ts';

export const terminateDescription: FaultDescription = {
  name: 'terminate',
  about: 'asks the programs of some nodes to end with SIGTERM and starts them again on their data',
  band: { name: 'terminate', from: ['terminate'], to: ['start-terminated'], colour: '#E9C0A0' },
};

/** Calls: `{f: 'terminate', value: targets}` and `{f: 'start-terminated', value?: targets}`; all, when absent. */
export function terminateFault(context: FaultContext): Fault {
  return nodeFault(terminateDescription, context, {
    harm: {
      f: 'terminate',
      action: 'terminate',
      async act(node) {
        await node.signal('SIGTERM');
        return undefined;
      },
    },
    repair: {
      f: 'start-terminated',
      action: 'start',
      act: (node, signal) => startProgram(context, node, signal),
    },
    restoreOrder: restoreOrder.dead,
  });
}
