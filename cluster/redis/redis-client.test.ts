// Against a server of ours that speaks as Redis does, and behaves as Redis and its network may.

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Call } from '../../checkers/op.ts';
import type { Address } from '../../harness/environment.ts';
import { openRedisClient } from './redis-client.ts';
import { routeBySentinel } from './sentinel-questions.ts';
import { directRoute } from './server-questions.ts';

const write: Call = { f: 'write', key: 'a', value: 1 };
const read: Call = { f: 'read', key: 'a' };
const patient = new AbortController().signal;
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Answer = (words: readonly string[], socket: Socket) => string | undefined;

interface Served {
  readonly address: Address;
  readonly asked: string[];
  readonly sockets: Set<Socket>;
  readonly stop: () => void;
}

/** Commands come one at a time and small, so that each is one piece. PING is answered, the rest as `answer` says. */
async function serve(answer: Answer): Promise<Served> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const words = bytes
        .toString('utf8')
        .split('\r\n')
        .filter((_, i) => i > 0 && i % 2 === 0);
      asked.push(words.slice(0, 2).join(' ').toUpperCase());
      const reply = answer(words, socket) ?? (words[0]?.toUpperCase() === 'PING' ? '+PONG\r\n' : undefined);
      if (reply !== undefined) socket.write(reply);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  cleanUps.push(stop);
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    asked,
    sockets,
    stop,
  };
}

async function open(address: Address) {
  const client = await openRedisClient((signal) => directRoute(address, signal), patient);
  cleanUps.push(() => client.close());
  return client;
}

const isSet = (words: readonly string[]) => words[0]?.toUpperCase() === 'SET';

describe('a client of one server', () => {
  test('asks a harmless question first, and nothing that nobody asked for', async () => {
    const { address, asked, sockets } = await serve((words) => (isSet(words) ? '+OK\r\n' : undefined));
    const client = await open(address);
    for (let i = 0; i < 3; i += 1) expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
    expect(asked).toEqual(['PING', 'SET A', 'SET A', 'SET A']);
    expect(sockets.size).toBe(1);
  });

  test('is not opened where nobody listens, where nobody answers, or while data are read', async () => {
    const gone = await serve(() => undefined);
    gone.stop();
    await expect(open(gone.address)).rejects.toThrow('ECONNREFUSED');
    const dead = await serve((_, socket) => {
      socket.destroy();
      return '';
    });
    await expect(open(dead.address)).rejects.toThrow();
    const loading = await serve(() => '-LOADING Redis is loading the dataset in memory\r\n');
    await expect(open(loading.address)).rejects.toThrow('LOADING');
    const silent = await serve(() => '');
    const late = openRedisClient((signal) => directRoute(silent.address, signal), AbortSignal.timeout(50));
    await expect(late).rejects.toThrow('timeout');
  });

  test('a connection that ends after a write was sent is info, and there is no second attempt', async () => {
    for (const end of [
      (socket: Socket) => socket.destroy(),
      (socket: Socket) => socket.resetAndDestroy(),
      (socket: Socket) => socket.end('$100\r\nhalf'),
      (socket: Socket) => socket.end('?garbage\r\n'),
    ]) {
      const { address, asked } = await serve((words, socket) => {
        if (!isSet(words)) return undefined;
        end(socket);
        return '';
      });
      const client = await open(address);
      expect(await client.invoke(write, patient)).toMatchObject({
        type: 'info',
        error: { code: 'connection-lost' },
      });
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      expect(asked).toEqual(['PING', 'SET A']);
    }
  });

  test('connects anew for the next call, and fails definitely where it cannot', async () => {
    const { address, asked, sockets, stop } = await serve((words) => (isSet(words) ? '+OK\r\n' : undefined));
    const client = await open(address);
    expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
    for (const socket of sockets) socket.destroy();
    // Whether the end of the connection is known already when the call comes is a race; both outcomes are right.
    await client.invoke(read, AbortSignal.timeout(200));
    expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
    expect(asked.filter((text) => text === 'PING').length).toBeGreaterThan(1);
    stop();
    await client.invoke(read, AbortSignal.timeout(200));
    expect(await client.invoke(write, patient)).toMatchObject({
      type: 'fail',
      error: { code: 'connection-refused' },
    });
  });

  test('a write that nobody answers is info when it is given up, and its late reply reaches nobody', async () => {
    const { address, sockets } = await serve((words) => (isSet(words) ? '' : undefined));
    const client = await open(address);
    const impatient = new AbortController();
    const outcome = client.invoke(write, impatient.signal);
    const [first] = sockets;
    setTimeout(() => impatient.abort(), 50);
    expect(await outcome).toMatchObject({ type: 'info', error: { code: 'gave-up' } });
    first?.write('+OK\r\n');
    expect(await client.invoke(write, impatient.signal)).toMatchObject({
      type: 'fail',
      error: { code: 'connection-refused' },
    });
  });

  test('a call that is none of the register is refused before anything is sent', async () => {
    const { address, asked } = await serve(() => undefined);
    const client = await open(address);
    expect(await client.invoke({ f: 'append', key: 'a', value: 1 }, patient)).toMatchObject({
      type: 'fail',
      error: { code: 'bad-request' },
    });
    expect(asked).toEqual(['PING']);
  });
});

describe('a client that a sentinel leads', () => {
  const bulk = (...texts: string[]) =>
    `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`;
  const primary = (value: string) =>
    serve((words) => {
      if (words[0]?.toUpperCase() === 'ROLE') return '*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n';
      return words[0]?.toUpperCase() === 'GET' ? `$${value.length}\r\n${value}\r\n` : undefined;
    });

  async function cluster(names: readonly Served[]) {
    let leader = 0;
    const sentinel = await serve((words) => {
      if (words[0]?.toUpperCase() === 'SUBSCRIBE')
        return '*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n';
      return words[0]?.toUpperCase() === 'SENTINEL' ? bulk('10.0.0.1', String(leader)) : undefined;
    });
    const endpointOf = ({ port }: Address) => {
      const found = names[port];
      if (found === undefined) throw new Error(`nobody is at ${port}`);
      return found.address;
    };
    const client = await openRedisClient(
      (signal) => routeBySentinel(sentinel.address, endpointOf, signal),
      patient,
    );
    cleanUps.push(() => client.close());
    return {
      client,
      sentinel,
      /** Tells clients of it only where asked to. */
      switchTo: (next: number, told: boolean): void => {
        leader = next;
        if (!told) return;
        for (const socket of sentinel.sockets)
          socket.write(bulk('message', '+switch-master', 'faultline 10.0.0.1 0 10.0.0.1 1'));
      },
    };
  }

  test('stays with the old primary as long as its sentinel tells of no other, and then leaves it', async () => {
    const [old, young] = [await primary('1'), await primary('2')];
    const { client, switchTo } = await cluster([old, young]);
    expect(await client.invoke(read, patient)).toEqual({ type: 'ok', value: 1 });
    switchTo(1, false);
    expect(await client.invoke(read, patient)).toEqual({ type: 'ok', value: 1 });
    switchTo(1, true);
    await expect.poll(() => client.invoke(read, patient)).toEqual({ type: 'ok', value: 2 });
  });

  test('asks again when it was refused as at a replica', async () => {
    const replica = await serve((words) => {
      if (words[0]?.toUpperCase() === 'ROLE') return '*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n';
      return isSet(words) ? "-READONLY You can't write against a read only replica.\r\n" : undefined;
    });
    const { client, switchTo } = await cluster([replica, await primary('2')]);
    switchTo(1, false);
    expect(await client.invoke(write, patient)).toMatchObject({
      type: 'fail',
      error: { code: 'read-only-replica' },
    });
    expect(await client.invoke(read, patient)).toEqual({ type: 'ok', value: 2 });
  });

  test('is not opened where the sentinel names what is no primary', async () => {
    const replica = await serve((words) =>
      words[0]?.toUpperCase() === 'ROLE'
        ? '*5\r\n$5\r\nslave\r\n$1\r\nx\r\n:1\r\n$7\r\nconnect\r\n:0\r\n'
        : undefined,
    );
    await expect(cluster([replica])).rejects.toThrow('is no primary, although the sentinel says so');
    await expect(cluster([])).rejects.toThrow('nobody is at 0');
  });
});
