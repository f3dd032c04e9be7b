import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Address } from '../../harness/environment.ts';
import { encodeFrame } from './frames.ts';
import type { Host } from './host.ts';
import { type PeerFrame, parsePeerFrame } from './peer-frame.ts';
import { realHost } from './real-host.ts';
import { Transport } from './transport.ts';

const hello: PeerFrame = { kind: 'hello', cluster: 'c', from: 'n2', to: 'n1' };
const vote: PeerFrame = { kind: 'raft', message: { kind: 'vote', term: 3, granted: true } };

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Things that arrive one by one, to be awaited. */
class Inbox<T> {
  readonly all: T[] = [];
  #wake: () => void = () => {};

  put(item: T): void {
    this.all.push(item);
    this.#wake();
  }

  async take(count: number): Promise<readonly T[]> {
    while (this.all.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.all.slice(0, count);
  }
}

async function freeAddress(): Promise<Address> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return { host: '127.0.0.1', port };
}

interface Peer {
  readonly transport: Transport;
  readonly address: Address;
  readonly frames: Inbox<readonly [from: string, frame: PeerFrame]>;
  readonly log: Inbox<string>;
}

async function node(id: string, peers: ReadonlyMap<string, Address>, address?: Address): Promise<Peer> {
  const frames: Peer['frames'] = new Inbox();
  const log = new Inbox<string>();
  const host: Host = { ...realHost, log: (line) => log.put(line) };
  const transport = new Transport({
    host,
    cluster: 'c',
    id,
    peers,
    onFrame: (from, frame) => frames.put([from, frame]),
  });
  const listening = address ?? (await freeAddress());
  await transport.listen(listening);
  cleanUps.push(() => transport.close());
  return { transport, address: listening, frames, log };
}

async function dialed(address: Address): Promise<Socket> {
  const socket = tcpConnect(address.port, address.host);
  socket.on('error', () => {});
  cleanUps.push(() => socket.destroy());
  await new Promise((resolve) => {
    socket.once('connect', resolve);
  });
  return socket;
}

function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once('close', resolve);
    socket.resume();
  });
}

const nowhere: Address = { host: '127.0.0.1', port: 1 };

/** Sends until it went out: a connection takes a moment to stand. */
async function sendSurely({ transport }: Peer, to: string, frame: PeerFrame): Promise<void> {
  while (!transport.send(to, frame)) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

describe('the transport', () => {
  test('carries frames to a peer, and says when nothing was sent', async () => {
    const n1 = await node('n1', new Map([['n2', nowhere]]));
    const n2 = await node('n2', new Map([['n1', n1.address]]));
    expect(n2.transport.send('n1', vote)).toBe(false);
    n2.transport.dial();
    await sendSurely(n2, 'n1', vote);
    expect(await n1.frames.take(1)).toEqual([['n2', vote]]);
    expect(n1.transport.send('n2', vote)).toBe(false);
    expect(n1.transport.send('n9', vote)).toBe(false);
  });

  test('finds a peer that comes up later, and again after it was away', async () => {
    const address = await freeAddress();
    const n2 = await node('n2', new Map([['n1', address]]));
    n2.transport.dial();
    const first = await node('n1', new Map([['n2', nowhere]]), address);
    await sendSurely(n2, 'n1', vote);
    await first.frames.take(1);
    await first.transport.close();
    const second = await node('n1', new Map([['n2', nowhere]]), address);
    const resend = setInterval(() => n2.transport.send('n1', vote), 10);
    cleanUps.push(() => clearInterval(resend));
    expect((await second.frames.take(1))[0]).toEqual(['n2', vote]);
  });

  test('refuses strangers, other clusters, other addressees and whoever does not say hello', async () => {
    const n1 = await node('n1', new Map([['n2', nowhere]]));
    const refused: readonly (readonly [unknown, string])[] = [
      [vote, 'no hello'],
      [{ ...hello, cluster: 'other' }, 'a hello for cluster "other"'],
      [{ ...hello, to: 'n3' }, 'a hello for node "n3"'],
      [{ ...hello, from: 'n9' }, 'a hello of node "n9"'],
      [{ kind: 'nonsense' }, 'a frame of no known kind'],
      [null, 'a frame of no known kind'],
    ];
    for (const [payload, complaint] of refused) {
      const socket = await dialed(n1.address);
      socket.write(Buffer.concat([encodeFrame(payload), encodeFrame(vote)]));
      await closed(socket);
      expect(n1.log.all.at(-1)).toContain(complaint);
    }
    const twice = await dialed(n1.address);
    twice.write(Buffer.concat([encodeFrame(hello), encodeFrame(hello), encodeFrame(vote)]));
    await closed(twice);
    expect(n1.log.all.at(-1)).toBe('closed a connection of n2: a second hello');
    expect(n1.frames.all).toEqual([]);
  });

  test('garbage ends its connection and nothing else', async () => {
    const n1 = await node('n1', new Map([['n2', nowhere]]));
    const valid = await dialed(n1.address);
    valid.write(encodeFrame(hello));
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        async (greets, bytes) => {
          const socket = await dialed(n1.address);
          if (greets) socket.write(encodeFrame(hello));
          socket.end(bytes);
          await closed(socket);
        },
      ),
      { numRuns: 50 },
    );
    valid.write(encodeFrame(vote));
    expect(await n1.frames.take(1)).toEqual([['n2', vote]]);
  });

  test('a peer that takes bytes and says nothing gets heartbeats only, after a while', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const address: Address = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    cleanUps.push(() => silent.close());
    const n2 = await node('n2', new Map([['n1', address]]));
    n2.transport.dial();
    const data = 'x'.repeat(100_000);
    const large: PeerFrame = { kind: 'forward', id: '1', request: { op: 'write', key: 'a', value: data } };
    await sendSurely(n2, 'n1', large);
    let sent = 1;
    while (n2.transport.send('n1', large)) sent += 1;
    expect(sent).toBeLessThan(20);
    expect(n2.transport.send('n1', vote)).toBe(true);
    const back = await dialed(n2.address);
    back.write(Buffer.concat([encodeFrame({ ...hello, from: 'n1', to: 'n2' }), encodeFrame(vote)]));
    await n2.frames.take(1);
    await sendSurely(n2, 'n1', large);
  });
});

describe('what nodes say to each other', () => {
  const frames: readonly PeerFrame[] = [
    hello,
    vote,
    { kind: 'raft', message: { kind: 'request-vote', term: 1, lastIndex: 2, lastTerm: 1 } },
    {
      kind: 'raft',
      message: {
        kind: 'append',
        term: 1,
        prevIndex: 0,
        prevTerm: 0,
        entries: [{ index: 1, term: 1, data: '' }],
        commit: 0,
        round: 1,
      },
    },
    { kind: 'raft', message: { kind: 'appended', term: 1, round: 1, match: 1 } },
    { kind: 'raft', message: { kind: 'refused', term: 1, round: 1, prevIndex: 4, firstIndex: 2 } },
    {
      kind: 'raft',
      message: { kind: 'refused', term: 1, round: 1, prevIndex: 4, firstIndex: 2, conflictTerm: 1 },
    },
    { kind: 'forward', id: 'a-1', request: { op: 'read', key: 'k' } },
    { kind: 'forward', id: 'a-1', request: { op: 'write', key: 'k', value: null } },
    { kind: 'forward', id: 'a-1', request: { op: 'cas', key: 'k', from: [1], to: { a: 1 } } },
    { kind: 'forwarded', id: 'a-1', reply: { kind: 'found', found: {} } },
    { kind: 'forwarded', id: 'a-1', reply: { kind: 'found', found: { value: null } } },
    { kind: 'forwarded', id: 'a-1', reply: { kind: 'mismatch', found: { value: 1 } } },
    { kind: 'forwarded', id: 'a-1', reply: { kind: 'error', code: 'not-leader', message: 'm' } },
  ];

  test('every frame survives the way', () => {
    for (const frame of frames) expect(parsePeerFrame(JSON.parse(JSON.stringify(frame)))).toEqual(frame);
  });

  test('a frame with any member missing, of another type or added is no frame', () => {
    const optional = new Set(['conflictTerm', 'value']);
    const spoil = (value: unknown, put: (spoiled: unknown) => void): void => {
      if (typeof value !== 'object' || value === null) return;
      put({ ...value, extra: 1 });
      for (const [name, member] of Object.entries(value)) {
        if (Array.isArray(value) || optional.has(name) || name === 'from' || name === 'to') continue;
        put({ ...value, [name]: undefined });
        put({ ...value, [name]: -1.5 });
        spoil(member, (spoiled) => put({ ...value, [name]: spoiled }));
      }
    };
    for (const frame of frames) {
      spoil(frame, (spoiled) => {
        const text = JSON.stringify(spoiled);
        expect(parsePeerFrame(JSON.parse(text)), text).toBeUndefined();
      });
    }
  });
});
