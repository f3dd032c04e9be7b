// Killed again and again while it starts: recovery is interrupted, and so is the recovery from that.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { restoreOrder } from './restore-order.ts';
import { startProgram } from './start-program.ts';
import { elapsedMs } from './timer.ts';

export const crashLoopDescription: FaultDescription = {
  name: 'crash-loop',
  about: 'kills the programs of some nodes and each of the next 3 to 5 that are started in their place',
  band: { name: 'crash-loop', from: ['crash-loop'], to: ['end-crash-loop'], colour: '#E9A0C6' },
};

/** Long enough to come anywhere from the first read of its data to its first vote. */
const LONGEST_LIFE_MS = 400;

/** Calls: `{f: 'crash-loop', value: targets}` and `{f: 'end-crash-loop', value?: targets}`; all, when absent. */
export function crashLoopFault(context: FaultContext): Fault {
  const { environment, system, timer } = context;
  return nodeFault(crashLoopDescription, context, {
    harm: {
      f: 'crash-loop',
      action: 'crash-loop',
      async act(node, signal, random) {
        await node.signal('SIGKILL');
        const wished = 3 + random.integer(3);
        const lives: string[] = [];
        let endedByItself = 0;
        while (lives.length < wished && !signal.aborted) {
          const begun = timer.now();
          await system.start(node, environment.nodes);
          await timer.sleep(random.integer(LONGEST_LIFE_MS), signal);
          if ((await node.state()) === 'dead') endedByItself++;
          else await node.signal('SIGKILL');
          lives.push(`${elapsedMs(timer, begun)} ms`);
        }
        return { crashes: lives.length, lives, ...(endedByItself > 0 ? { endedByItself } : {}) };
      },
    },
    repair: {
      f: 'end-crash-loop',
      action: 'start',
      act: (node, signal) => startProgram(context, node, signal),
    },
    restoreOrder: restoreOrder.dead,
  });
}
