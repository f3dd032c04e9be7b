// The machine loses its power and comes back, and with it its network, its processes and what they held in memory.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { startProgram } from './start-program.ts';
import { wanted } from './wanted-ability.ts';

export const powerDescription: FaultDescription = {
  name: 'power',
  about: 'turns the machines of some nodes off at once, and on again with their programs',
  needs: ['power'],
  band: { name: 'power', from: ['power-off'], to: ['power-on'], colour: '#C98F8B' },
};

/** Calls: `{f: 'power-off', value: targets}` and `{f: 'power-on', value?: targets}`; all, when absent. */
export function powerFault(context: FaultContext): Fault {
  return nodeFault(powerDescription, context, {
    harm: {
      f: 'power-off',
      action: 'power-off',
      async act(node) {
        await wanted(node, 'power').off();
        return undefined;
      },
    },
    repair: {
      f: 'power-on',
      action: 'power-on',
      async act(node, signal) {
        // What another fault left dead is on all the same.
        if (context.nodeStates.has(node.name, 'off')) await wanted(node, 'power').on();
        return startProgram(context, node, signal);
      },
    },
    restoreOrder: restoreOrder.dead,
  });
}
