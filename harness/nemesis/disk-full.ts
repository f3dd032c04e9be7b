// No byte can be written any more, and a program may well end because of it. The excuse for that begins before the harm
// and ends when the program is seen to live on without it.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { reviveProgram } from './revive-program.ts';
import { diskIs } from './seen-on-machine.ts';
import { wanted } from './wanted-ability.ts';

export const diskFullDescription: FaultDescription = {
  name: 'disk-full',
  about: 'fills the disks of some nodes to the last byte, then frees them and starts what ended meanwhile',
  needs: ['disk-full'],
  band: { name: 'disk-full', from: ['fill-disk'], to: ['free-disk'], colour: '#99F2E2' },
};

/** Calls: `{f: 'fill-disk', value: targets}` and `{f: 'free-disk', value?: targets}`; all, when absent. */
export function diskFullFault(context: FaultContext): Fault {
  return nodeFault(diskFullDescription, context, {
    harm: {
      f: 'fill-disk',
      action: 'fill-disk',
      async act(node) {
        node.excuseExits(true);
        return diskIs('not writable', await wanted(node, 'disk').fill());
      },
    },
    repair: {
      f: 'free-disk',
      action: 'free-disk',
      async act(node, signal) {
        const seen = diskIs('writable', await wanted(node, 'disk').free());
        const revived = await reviveProgram(context, node, signal);
        node.excuseExits(false);
        return { ...seen, ...revived };
      },
    },
    restoreOrder: restoreOrder.machine,
  });
}
