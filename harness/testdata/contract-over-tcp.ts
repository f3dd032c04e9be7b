// How the contract's program is started where programs are processes, and asked where its port is within reach.

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Address, Command, Node } from '../environment.ts';

export const contractProgram = fileURLToPath(new URL('contract-program.mjs', import.meta.url));

/** `program` is where the node finds the file, when that is not where it lies here. */
export function contractCommand(
  node: Node,
  nodes: readonly Node[],
  argv: readonly string[] = [process.execPath, contractProgram],
): Command {
  const others = nodes.filter((other) => other.name !== node.name);
  const config = {
    node: node.name,
    client: node.listen('client'),
    peer: node.listen('peer'),
    peers: Object.fromEntries(others.map(({ name }) => [name, node.peer(name, 'peer')])),
    data: node.dataDirectory,
  };
  return { argv: [...argv, JSON.stringify(config)] };
}

/** One request on a connection of its own. Rejects when there is no answer within `limitMs`. */
export function askOverTcp(place: Address, request: object, limitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...place, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no answer in ${limitMs} ms`));
    }, limitMs);
    socket.on('connect', () => {
      socket.write(`${JSON.stringify(request)}\n`);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('closed without an answer'));
    });
    const lines = createInterface({ input: socket });
    // It passes on what the socket's own listener has heard already.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      resolve(JSON.parse(line));
      socket.destroy();
    });
  });
}
