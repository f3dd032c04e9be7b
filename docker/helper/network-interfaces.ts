// The interfaces of the network that this program stands in.

import { existsSync, readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { NetworkInterface } from './own-namespace.ts';

const kernelsList = '/sys/class/net';

/** Those without an address, and those that are down, too. */
export function allInterfaces(): readonly NetworkInterface[] {
  const addressed = networkInterfaces();
  return readdirSync(kernelsList).map((name) => ({
    name,
    isBridge: existsSync(`${kernelsList}/${name}/bridge`),
    addresses: (addressed[name] ?? []).map(({ address }) => address),
  }));
}
