// A damaged disk that the machine mounts read-only when it comes up: the program is started on data it cannot add to.

import type { Node } from '../environment.ts';
import { type FaultContext, reasonOf } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { reviveProgram } from './revive-program.ts';
import { diskIs } from './seen-on-machine.ts';
import { wanted } from './wanted-ability.ts';

export const diskReadOnlyDescription: FaultDescription = {
  name: 'disk-read-only',
  about: 'kills the programs of some nodes and starts them on read-only disks; then makes these writable',
  needs: ['disk-read-only'],
  band: { name: 'disk-read-only', from: ['make-read-only'], to: ['make-writable'], colour: '#A0E9B4' },
};

/** Calls: `{f: 'make-read-only', value: targets}` and `{f: 'make-writable', value?: targets}`; all, when absent. */
export function diskReadOnlyFault(context: FaultContext): Fault {
  const { environment, system } = context;
  return nodeFault(diskReadOnlyDescription, context, {
    harm: {
      f: 'make-read-only',
      action: 'make-read-only',
      async act(node) {
        const disk = wanted(node, 'disk');
        node.excuseExits(true);
        await node.signal('SIGKILL');
        const seen = diskIs('not writable', await disk.setReadOnly(true));
        // A program that will not start like this is what was to be seen, not a failure to do harm.
        const refused = await system.start(node, environment.nodes).then(() => undefined, reasonOf);
        return refused === undefined ? seen : { ...seen, start: refused };
      },
    },
    repair: {
      f: 'make-writable',
      action: 'make-writable',
      async act(node, signal) {
        const disk = wanted(node, 'disk');
        if ((await node.state()) !== 'dead') await killIfAlive(node);
        const seen = diskIs('writable', await disk.setReadOnly(false));
        const revived = await reviveProgram(context, node, signal);
        node.excuseExits(false);
        return { ...seen, ...revived };
      },
    },
    restoreOrder: restoreOrder.machine,
  });
}

/** It may end by itself just before. */
async function killIfAlive(node: Node): Promise<void> {
  try {
    await node.signal('SIGKILL');
  } catch (error) {
    if ((await node.state()) !== 'dead') throw error;
  }
}
