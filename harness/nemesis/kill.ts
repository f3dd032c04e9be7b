// SIGKILL and start again. What was not synced survives all the same: the machine's page cache is not lost, so this is
// no power failure.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { startProgram } from './start-program.ts';

export const killDescription: FaultDescription = {
  name: 'kill',
  about: 'ends the programs of some nodes with SIGKILL and starts them again on their data',
  band: { name: 'kill', from: ['kill'], to: ['start'], colour: '#E9A4A0' },
};

/** Calls: `{f: 'kill', value: targets}` and `{f: 'start', value?: targets}`; all, when absent. */
export function killFault(context: FaultContext): Fault {
  return nodeFault(killDescription, context, {
    harm: {
      f: 'kill',
      action: 'kill',
      async act(node) {
        await node.signal('SIGKILL');
        return undefined;
      },
    },
    repair: {
      f: 'start',
      action: 'start',
      act: (node, signal) => startProgram(context, node, signal),
    },
    restoreOrder: restoreOrder.dead,
  });
}
