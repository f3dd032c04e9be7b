// SIGKILL and start again. What was not synced survives all the same: the machine's page cache is not lost, so this is
// no power failure.

import type { FaultContext } from './fault-context.ts';
import type { Fault, FaultDescription } from './nemesis.ts';
import { nodeFault } from './node-fault.ts';
import { elapsedMs, inTime } from './timer.ts';

export const killDescription: FaultDescription = {
  name: 'kill',
  about: 'ends the programs of some nodes with SIGKILL and starts them again on their data',
  band: { name: 'kill', from: ['kill'], to: ['start'], colour: '#E9A4A0' },
};

const READY_MS = 3_000;

/** Calls: `{f: 'kill', value: targets}` and `{f: 'start', value?: targets}`; all, when absent. */
export function killFault(context: FaultContext): Fault {
  const { environment, system, timer, readyTimeoutMs = READY_MS } = context;
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
      async act(node, signal) {
        const begun = timer.now();
        await system.start(node, environment.nodes);
        // A node that is cut off may run without serving: that is told, but it is no failure of the start.
        const serving = async (late: AbortSignal) => {
          await system.awaitReady(node, late);
          return { ready: true, readyMs: elapsedMs(timer, begun) };
        };
        const ready = await inTime(timer, readyTimeoutMs, serving, signal).catch(() => undefined);
        return ready ?? { ready: false };
      },
    },
    restoreOrder: 2,
  });
}
