// The real world behind the host interface: this and its two neighbours are the only files of the server that may
// touch a clock, a timer, randomness, the disk or the network.

import type { Host } from './host.ts';
import { realDisk } from './real-disk.ts';
import { realNetwork } from './real-network.ts';

export const realHost: Host = {
  clock: {
    now: () => performance.now(),
    timer(delayMs, action) {
      const timeout = setTimeout(action, Math.ceil(delayMs));
      return { cancel: () => clearTimeout(timeout) };
    },
  },
  wall: () => Date.now(),
  random: () => Math.random(),
  disk: realDisk,
  network: realNetwork,
  log(line) {
    process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  },
  pid: process.pid,
};
