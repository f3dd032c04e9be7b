// TCP and HTTP of the machine this program runs on.

import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
  connect as tcpConnect,
} from 'node:net';
import type { Address } from '../../harness/environment.ts';
import type { Connection, ConnectionEvents, HostNetwork, HttpReply, HttpRequest, Listener } from './host.ts';

/** After this long at the end, clients that neither finish their request nor leave are cut off. */
const closePatienceMs = 1_000;

export const realNetwork: HostNetwork = {
  async listen(address, accept) {
    const sockets = new Set<Socket>();
    const server = createTcpServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      const connection = connectionOf(socket);
      attach(socket, accept(connection));
      socket.on('close', () => sockets.delete(socket));
    });
    await bind(server, address);
    return {
      async close() {
        const closed = closing(server);
        for (const socket of sockets) socket.destroy();
        await closed;
      },
    };
  },

  connect({ host, port }, events) {
    const socket = tcpConnect({ host, port, noDelay: true });
    socket.on('connect', () => events.onOpen());
    attach(socket, events);
    return connectionOf(socket);
  },

  async serve(address, { maxBodyBytes }, handler): Promise<Listener> {
    let isClosing = false;
    const server = createHttpServer({ noDelay: true }, (request, response) => {
      void (async () => {
        const body = await readBody(request, maxBodyBytes);
        if (body === undefined) return;
        const reply = await handler({ method: request.method ?? '', path: request.url ?? '', ...body });
        // After a body that was too large there is no telling where the next request begins.
        if (isClosing || body.tooLarge) response.setHeader('Connection', 'close');
        respond(response, reply);
      })();
    });
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end(notHttp());
      else socket.destroy();
    });
    await bind(server, address);
    return {
      async close() {
        isClosing = true;
        const closed = closing(server);
        server.closeIdleConnections();
        const impatience = setTimeout(() => server.closeAllConnections(), closePatienceMs);
        await closed;
        clearTimeout(impatience);
      },
    };
  },
};

function connectionOf(socket: Socket): Connection {
  return {
    write(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    get backlog() {
      return socket.writableLength;
    },
    destroy() {
      socket.destroy();
    },
  };
}

function attach(socket: Socket, events: ConnectionEvents): void {
  let reason = 'closed';
  socket.on('data', (bytes) => events.onData(bytes));
  socket.on('error', (error) => {
    reason = error.message;
  });
  socket.on('close', () => events.onClose(reason));
}

function bind(server: TcpServer, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closing(server: TcpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function respond(response: ServerResponse, { status, body }: HttpReply): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** What cannot be parsed as HTTP at all gets the same kind of definite answer as any other bad request. */
function notHttp(): string {
  const body = JSON.stringify({
    error: { code: 'bad-request', message: 'this is not HTTP', definite: true },
  });
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** `undefined`: the client left in the middle of its request. */
function readBody(
  request: IncomingMessage,
  maxBodyBytes: number,
): Promise<Pick<HttpRequest, 'body' | 'tooLarge'> | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else resolve({ body: Buffer.alloc(0), tooLarge: true });
    });
    request.on('end', () => resolve({ body: Buffer.concat(chunks), tooLarge: false }));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}
