// The two families of addresses, each with a firewall of its own.

import { isIPv4 } from 'node:net';

export type Family = 'v4' | 'v6';

export const families: readonly Family[] = ['v4', 'v6'];

export function ofFamily(addresses: readonly string[], family: Family): string[] {
  return addresses.filter((address) => isIPv4(address) === (family === 'v4'));
}
