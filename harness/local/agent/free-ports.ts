// Ports for a run, each proven free by listening on it. They lie below the range from which systems take the ports of
// outgoing connections (32768 and up), so that no client's connection sits on a node's port while the node is down.

import { randomInt } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { EnvironmentError } from '../../errors.ts';

export const loopback = '127.0.0.1';

export interface PortRange {
  readonly from: number;
  /** Not in the range any more. */
  readonly to: number;
}

/** Gives every port of the range once. The start is random and not from the seed: runs side by side must differ. */
export class FreePorts {
  readonly #range: PortRange;
  #next: number;
  #left: number;

  constructor(range: PortRange) {
    this.#range = range;
    this.#next = randomInt(range.from, range.to);
    this.#left = range.to - range.from;
  }

  /** Has the server listen on the next free port, and gives the port. */
  async listen(server: Server): Promise<number> {
    for (;;) {
      const port = this.#take();
      if (await listens(server, port)) return port;
    }
  }

  /** A port on which nobody listens: somebody may, before it is used; see {@link isTaken}. */
  async find(): Promise<number> {
    const server = createServer();
    const port = await this.listen(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  #take(): number {
    const { from, to } = this.#range;
    if (this.#left === 0) {
      throw new EnvironmentError(`of the ports ${from} to ${to - 1} on ${loopback} not enough are free`);
    }
    this.#left--;
    const port = this.#next;
    this.#next = port + 1 === to ? from : port + 1;
    return port;
  }
}

/** True when somebody listens there. It asks by a connection, so as never to hold the port itself. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopback, port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

/** False when the port is taken, or not ours to have. */
function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(new EnvironmentError(`cannot listen on ${loopback}:${port}`, { cause: error }));
    };
    server.once('error', onError);
    server.listen({ host: loopback, port }, () => {
      server.off('error', onError);
      resolve(true);
    });
  });
}
