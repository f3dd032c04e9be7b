// Stores that tell each other, and their clients, where a node is need one address for it that holds everywhere.

import type { Address, Node, PortName } from '../harness/environment.ts';
import { EnvironmentError } from '../harness/errors.ts';

/** Where every node reaches `target`, itself included. Throws EnvironmentError where they do not agree. */
export function commonAddress(target: Node, nodes: readonly Node[], port: PortName): Address {
  const address = target.peer(target.name, port);
  for (const viewer of nodes) {
    const seen = viewer.peer(target.name, port);
    if (seen.host === address.host && seen.port === address.port) continue;
    throw new EnvironmentError(
      `${target.name} is at ${addressText(address)} for itself and at ${addressText(seen)} for ${viewer.name}, ` +
        'but this system tells addresses from node to node: it needs nodes with addresses of their own, as --env docker has',
      { node: target.name },
    );
  }
  return address;
}

export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
