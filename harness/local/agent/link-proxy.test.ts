// The traps of a proxy that the contract of environments does not reach from outside.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Address } from '../../environment.ts';
import { Stream } from '../../random.ts';
import { Link } from './link.ts';
import { linkProxy } from './link-proxy.ts';

const soon = { timeout: 5_000, interval: 5 };
const silenceMs = 60;
let forward: Link;
let back: Link;
/** The far node: what it accepted, and what it heard on all connections. */
let far: Server;
let accepted: Socket[];
let heard: string;
let proxy: Server;
const opened: Socket[] = [];

beforeEach(async () => {
  forward = new Link('n1', 'n2', Stream.of(1).source());
  back = new Link('n2', 'n1', Stream.of(2).source());
  accepted = [];
  heard = '';
  far = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => undefined);
  });
  proxy = linkProxy(await listening(far), forward, back);
  await listening(proxy);
});

afterEach(() => {
  for (const socket of [...opened.splice(0), ...accepted]) socket.destroy();
  forward.rule = { kind: 'reset' };
  far.close();
  proxy.close();
});

async function listening(server: Server): Promise<Address> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return addressOf(server);
}

function addressOf(server: Server): Address {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function open(): Promise<Socket> {
  const socket = connect({ ...addressOf(proxy), allowHalfOpen: true });
  opened.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

test('a connection that was given up during a cut is never heard of', async () => {
  forward.rule = { kind: 'drop' };
  const socket = await open();
  socket.write('too late');
  await expect.poll(() => connections(proxy), soon).toBe(1);
  socket.destroy();
  await expect.poll(() => connections(proxy), soon).toBe(0);
  forward.rule = undefined;
  const other = await open();
  other.write('in time');
  await expect.poll(() => heard, soon).toBe('in time');
  expect(accepted).toHaveLength(1);
});

test.each(['before', 'after'])(
  'a sender is held up by a cut that begins %s it opens, and nothing is hoarded',
  async (when) => {
    if (when === 'before') forward.rule = { kind: 'drop' };
    const socket = await open();
    if (when === 'after') {
      await expect.poll(() => accepted.length, soon).toBe(1);
      forward.rule = { kind: 'drop' };
    }
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let taken = 0;
    for (let i = 0; i < 24; i++) socket.write(chunk, (error) => (taken += error ? 0 : chunk.length));
    let before = -1;
    while (before !== taken) {
      before = taken;
      await sleep(silenceMs);
    }
    expect(taken).toBeLessThan(16 * 1024 * 1024);
    expect(heard).toBe('');
    forward.rule = undefined;
    await expect.poll(() => heard.length, soon).toBe(24 * chunk.length);
  },
);

test('a refusal of the far node reaches the near one, unless what the far node says is dropped', async () => {
  far.close();
  const refused = await open();
  await expect.poll(() => refused.destroyed, soon).toBe(true);
  back.rule = { kind: 'drop' };
  const waiting = await open();
  await sleep(silenceMs);
  expect(waiting.destroyed).toBe(false);
  back.rule = undefined;
  await expect.poll(() => waiting.destroyed, soon).toBe(true);
});

test('a reset of one side becomes a reset of the other, after what was said before it', async () => {
  const socket = await open();
  const codes: unknown[] = [];
  socket.on('error', (error: NodeJS.ErrnoException) => codes.push(error.code));
  socket.on('data', (chunk) => codes.push(chunk.toString()));
  await expect.poll(() => accepted.length, soon).toBe(1);
  accepted[0]?.write('farewell');
  await expect.poll(() => codes, soon).toEqual(['farewell']);
  accepted[0]?.resetAndDestroy();
  await expect.poll(() => codes, soon).toEqual(['farewell', 'ECONNRESET']);
});

test('an end waits behind a drop, as words do', async () => {
  const socket = await open();
  await expect.poll(() => accepted.length, soon).toBe(1);
  let ended = false;
  accepted[0]?.on('end', () => {
    ended = true;
  });
  forward.rule = { kind: 'drop' };
  socket.end('last words');
  await sleep(silenceMs);
  expect([heard, ended]).toEqual(['', false]);
  forward.rule = undefined;
  await expect.poll(() => [heard, ended], soon).toEqual(['last words', true]);
});

test('what is on its way when a delay is taken away arrives at once', async () => {
  forward.rule = { kind: 'delay', delayMs: 60_000 };
  const socket = await open();
  socket.write('slow');
  await sleep(silenceMs);
  expect(heard).toBe('');
  forward.rule = undefined;
  await expect.poll(() => heard, soon).toBe('slow');
});

test('what is on its way when a cut begins waits for its end', async () => {
  const socket = await open();
  socket.write('hello');
  await expect.poll(() => heard, soon).toBe('hello');
  forward.rule = { kind: 'delay', delayMs: 30 };
  socket.write(' again');
  await sleep(15);
  forward.rule = { kind: 'drop' };
  await sleep(silenceMs);
  expect(heard).toBe('hello');
  forward.rule = undefined;
  await expect.poll(() => heard, soon).toBe('hello again');
});

test('connections share the rate of their link', async () => {
  forward.rule = { kind: 'limit', bytesPerSecond: 200_000 };
  const sockets = [await open(), await open()];
  const begun = performance.now();
  for (const socket of sockets) socket.write(Buffer.alloc(40_000, 'x'));
  await expect.poll(() => heard.length, soon).toBe(80_000);
  expect(performance.now() - begun).toBeGreaterThan(300);
});
