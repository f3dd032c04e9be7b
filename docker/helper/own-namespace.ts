// Whether the network that a helper stands in is a node's own. In the host's it must not touch anything. Pure.

import { isIPv4 } from 'node:net';
import { ofFamily } from './family.ts';

export interface NetworkInterface {
  readonly name: string;
  /** A switch for others: what the engine makes on the host. */
  readonly isBridge: boolean;
  readonly addresses: readonly string[];
}

export interface OwnAddresses {
  readonly v4: string;
  readonly v6?: string;
}

/** Why this is not a node's network, or not that of the node with these addresses; undefined: it is. */
export function notOwnNamespace(
  interfaces: readonly NetworkInterface[],
  expected: OwnAddresses | null,
): string | undefined {
  const hosts = interfaces.find(
    ({ name, isBridge }) => isBridge || /^(docker|br-|veth|virbr|cni|flannel|podman)/.test(name),
  );
  if (hosts !== undefined) {
    return `this is the network of a host, not of a node: it has the interface ${hosts.name}; nothing was touched`;
  }
  const all = interfaces.flatMap(({ addresses }) => addresses);
  const missing = [expected?.v4, expected?.v6].find(
    (address) => address !== undefined && !all.some((present) => isSame(present, address)),
  );
  if (missing !== undefined) {
    return `this is not the network of the node at ${missing}: it has ${all.join(', ')}; nothing was touched`;
  }
  if (expected === null && interfaces.filter(isOutward).length !== 1) {
    const names = interfaces.map(({ name }) => name).join(', ');
    return `a node's network has one interface besides the loopback, this has ${names}; nothing was touched`;
  }
  return undefined;
}

/** The interface by which the node reaches others. */
export function outwardInterface(
  interfaces: readonly NetworkInterface[],
  expected: OwnAddresses | null,
): NetworkInterface | undefined {
  return (
    interfaces.find(({ addresses }) => expected !== null && addresses.includes(expected.v4)) ??
    interfaces.find(isOutward)
  );
}

/** Kernels give every network tunnels of no use, without an address. */
function isOutward({ name, addresses }: NetworkInterface): boolean {
  return name !== 'lo' && addresses.length > 0;
}

/** Of its interface, without those that are valid on one wire only. */
export function ownAddresses({ addresses }: NetworkInterface): OwnAddresses | undefined {
  const [v4] = ofFamily(addresses, 'v4');
  const v6 = ofFamily(addresses, 'v6').find((address) => !/^fe[89ab]/i.test(address));
  if (v4 === undefined) return undefined;
  return { v4, ...(v6 === undefined ? {} : { v6 }) };
}

/** The same IPv6 address may be written in several ways. */
function isSame(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(address: string): string {
  return isIPv4(address) ? address : new URL(`http://[${address}]`).hostname;
}
