// Where one node reaches a port of another: a listener whose every connection obeys the links between the two.

import { createServer, type Server } from 'node:net';
import type { Address } from '../../environment.ts';
import { Connection } from './connection.ts';
import type { Link } from './link.ts';

/** Not listening yet. `forward` is the link of those who connect here, `back` that of the target's answers. */
export function linkProxy(target: Address, forward: Link, back: Link): Server {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (near) => {
    new Connection(near, target, forward, back).open();
  });
  // Running out of descriptors must not end the agent and with it every node.
  server.on('error', (error) => {
    process.stderr.write(`link ${forward.from}→${forward.to}: ${error.message}\n`);
  });
  return server;
}
