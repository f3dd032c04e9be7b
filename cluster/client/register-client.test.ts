import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Call } from '../../checkers/op.ts';
import type { Address } from '../../harness/environment.ts';
import { openRegisterClient, type RegisterClient } from './register-client.ts';

const write: Call = { f: 'write', key: 'a', value: 1 };
const cas: Call = { f: 'cas', key: 'a', value: [1, 2] };
const read: Call = { f: 'read', key: 'a' };
const patient = new AbortController().signal;

const written = reply('{"written":true}');
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function reply(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/**
 * A server of bytes: `onRequest` is called with everything a socket has sent, each time more comes. The question with
 * which a client is opened is answered and not counted.
 */
async function serve(onRequest: (socket: Socket, requests: number) => void, port = 0): Promise<Address> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (text.startsWith('GET /ping ')) socket.write(reply('{}'));
      if (!/^(GET|PUT|POST) /.test(text) || text.startsWith('GET /ping ')) return;
      requests += 1;
      onRequest(socket, requests);
    });
  });
  await listening(server, port);
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return addressOf(server);
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
}

function addressOf(server: Server): Address {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function unusedAddress(): Promise<Address> {
  const server = createServer();
  await listening(server, 0);
  const address = addressOf(server);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return address;
}

async function open(address: Address): Promise<RegisterClient> {
  const client = await openRegisterClient(address, patient);
  cleanUps.push(() => client.close());
  return client;
}

describe('a client of one node', () => {
  test('uses one connection for all its calls', async () => {
    const sockets = new Set<Socket>();
    const client = await open(
      await serve((socket) => {
        sockets.add(socket);
        socket.write(written);
      }),
    );
    for (let i = 0; i < 5; i += 1) expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
    expect(sockets.size).toBe(1);
  });

  test('pitfall 3: where nobody listens it cannot be opened, and nothing was sent', async () => {
    await expect(openRegisterClient(await unusedAddress(), patient)).rejects.toThrow('ECONNREFUSED');
  });

  test('pitfall 3: where connections are accepted for a program that is dead it cannot be opened either', async () => {
    for (const end of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.end('nonsense')]) {
      const server = createServer(end);
      await listening(server, 0);
      cleanUps.push(() => server.close());
      const { port } = addressOf(server);
      await expect(openRegisterClient(addressOf(server), patient)).rejects.toThrow(
        `127.0.0.1:${port} accepts connections and does not answer`,
      );
    }
  });

  test('opening one where nobody ever answers ends with the signal, and leaves no connection', async () => {
    const impatient = new AbortController();
    const asked: string[] = [];
    let isClosed = false;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => {
        isClosed = true;
      });
      socket.on('data', (bytes) => asked.push(bytes.toString('latin1')));
    });
    await listening(server, 0);
    cleanUps.push(() => server.close());
    const opening = openRegisterClient(addressOf(server), impatient.signal);
    await expect.poll(() => asked.join(''), { timeout: 10_000 }).toMatch(/^GET \/ping /);
    impatient.abort(new Error('had enough'));
    await expect(opening).rejects.toThrow('had enough');
    await expect.poll(() => isClosed, { timeout: 10_000 }).toBe(true);
  });

  test('the connection that has answered is the one that the calls use', async () => {
    const connections = new Set<Socket>();
    const paths: string[] = [];
    const server = createHttpServer((request, response) => {
      connections.add(request.socket);
      paths.push(`${request.method} ${request.url}`);
      request.resume().on('end', () => response.end('{"written":true}'));
    });
    await listening(server, 0);
    cleanUps.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const client = await open(addressOf(server));
    expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
    expect(paths).toEqual(['GET /ping', 'PUT /registers/a']);
    expect(connections.size).toBe(1);
  });

  test('pitfall 3: a connection refused before anything was sent is fail', async () => {
    const address = await serve((socket) => {
      socket.end(reply('{"written":true}', 'Connection: close\r\n'));
    });
    const client = await open(address);
    expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
    for (const cleanUp of cleanUps.splice(0, 1)) await cleanUp();
    expect(await client.invoke(write, patient)).toMatchObject({
      type: 'fail',
      error: { code: 'connection-refused' },
    });
  });

  test('a node that came back is reached again by the same client', async () => {
    const address = await serve((socket) => {
      socket.end(reply('{"written":true}', 'Connection: close\r\n'));
    });
    const client = await open(address);
    await client.invoke(write, patient);
    for (const cleanUp of cleanUps.splice(0, 1)) await cleanUp();
    expect((await client.invoke(write, patient)).type).toBe('fail');
    await serve((socket) => {
      socket.write(written);
    }, address.port);
    expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
  });

  test('pitfall 2: a connection that ends after the request was sent is info', async () => {
    for (const end of [
      (socket: Socket) => socket.destroy(),
      (socket: Socket) => socket.resetAndDestroy(),
      (socket: Socket) => socket.end(written.slice(0, -3)),
      (socket: Socket) => socket.end('HTTP/1.1 garbage'),
    ]) {
      const client = await open(await serve((socket) => end(socket)));
      for (const call of [write, cas]) {
        const outcome = await client.invoke(call, patient);
        expect(outcome.type).toBe('info');
      }
      expect((await client.invoke(read, patient)).type).toBe('fail');
    }
  });

  test('pitfall 10: a connection that breaks makes no second attempt, whatever breaks it', async () => {
    for (const end of [
      (socket: Socket) => socket.destroy(),
      (socket: Socket) => socket.resetAndDestroy(),
      (socket: Socket) => socket.end(),
    ]) {
      for (const call of [read, write, cas]) {
        let seen = 0;
        const client = await open(
          await serve((socket, requests) => {
            seen = requests;
            end(socket);
          }),
        );
        await client.invoke(call, patient);
        await client.invoke(call, patient);
        expect(seen).toBe(2);
      }
    }
  });

  test('pitfall 10: forty requests that race the end of idle connections are each sent once at most', async () => {
    const keepAliveMs = 5;
    const seen: string[] = [];
    const server = createHttpServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
      if (request.url !== '/ping') seen.push(request.url ?? '');
      request.resume().on('end', () => response.end('{"swapped":true}'));
    });
    // Without the hint in a reply, the client learns of the end of a connection only when it has come.
    server.on('connection', (socket) => {
      const write = socket.write.bind(socket);
      socket.write = (bytes: string | Buffer, ...rest: []) =>
        write(String(bytes).replace(/Keep-Alive: .*\r\n/, ''), ...rest);
    });
    await listening(server, 0);
    cleanUps.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const client = await open(addressOf(server));
    const outcomes: string[] = [];
    for (let i = 0; i < 40; i += 1) {
      outcomes.push((await client.invoke({ f: 'cas', key: `k${i}`, value: [1, 2] }, patient)).type);
      await new Promise((resolve) => {
        setTimeout(resolve, keepAliveMs + (i % 5) - 2);
      });
    }
    expect(new Set(seen).size).toBe(seen.length);
    const acknowledged = outcomes.filter((type) => type === 'ok').length;
    expect(acknowledged).toBeGreaterThan(0);
    expect(seen.length).toBeGreaterThanOrEqual(acknowledged);
    expect(outcomes.filter((type) => type === 'fail')).toEqual([]);
  });

  test('pitfall 11: a reply that comes after the client gave up reaches nobody', async () => {
    const sockets: Socket[] = [];
    const client = await open(
      await serve((socket, requests) => {
        sockets.push(socket);
        if (requests > 1) socket.write(reply('{"value":"new"}'));
      }),
    );
    const impatient = new AbortController();
    const first = client.invoke(read, impatient.signal);
    const firstWrite = expect(first).resolves.toMatchObject({ type: 'fail', error: { code: 'gave-up' } });
    while (sockets.length === 0) await new Promise(setImmediate);
    impatient.abort();
    await firstWrite;
    sockets[0]?.write(reply('{"value":"late"}'));
    expect(await client.invoke(read, patient)).toEqual({ type: 'ok', value: 'new' });
    expect(sockets[1]).not.toBe(sockets[0]);
  });

  test('giving up on a write that was sent is info, and before it was sent is fail', async () => {
    const impatient = new AbortController();
    const client = await open(await serve(() => impatient.abort()));
    expect(await client.invoke(write, impatient.signal)).toMatchObject({
      type: 'info',
      error: { code: 'gave-up' },
    });
    expect(await client.invoke(write, impatient.signal)).toMatchObject({
      type: 'fail',
      error: { code: 'connection-refused' },
    });
  });

  test('a call that is none of the register is refused before anything is sent', async () => {
    const client = await open(await serve((socket) => socket.destroy()));
    for (const call of [{ f: 'append', key: 'a', value: 1 }, { f: 'write', key: 'a' }, { f: 'read' }]) {
      expect(await client.invoke(call, patient)).toMatchObject({
        type: 'fail',
        error: { code: 'bad-request' },
      });
    }
  });
});
