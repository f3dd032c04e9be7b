// Against a server of ours that behaves as etcd and its network may.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Call } from '../../checkers/op.ts';
import type { Address } from '../../harness/environment.ts';
import { openEtcdClient } from './etcd-client.ts';

const write: Call = { f: 'write', key: 'a', value: 1 };
const read: Call = { f: 'read', key: 'a' };
const patient = new AbortController().signal;
const version = '{"etcdserver":"3.4.23","etcdcluster":"3.4.0"}';
const done = '{"header":{"revision":"2"}}';
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers /version as etcd does, unless told otherwise; gives the paths that were asked. */
async function serve(
  answer: Answer,
  onVersion: Answer = (response) => response.end(version),
): Promise<{ address: Address; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/version') onVersion(response, request);
    else answer(response, request);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, asked };
}

async function open(address: Address, serializable = false) {
  const client = await openEtcdClient(address, { serializable }, patient);
  cleanUps.push(() => client.close());
  return client;
}

test('opening asks a harmless question, and calls follow on the same connection', async () => {
  const ports = new Set<number | undefined>();
  const { address, asked } = await serve(
    (response, request) => {
      ports.add(request.socket.remotePort);
      response.end(done);
    },
    (response, request) => {
      ports.add(request.socket.remotePort);
      response.end(version);
    },
  );
  const client = await open(address);
  expect(await client.invoke(write, patient)).toEqual({ type: 'ok' });
  expect(await client.invoke(read, patient)).toEqual({ type: 'ok' });
  expect(asked).toEqual(['/version', '/v3/kv/put', '/v3/kv/range']);
  expect(ports.size).toBe(1);
});

test('a port that takes connections for a dead program opens no client', async () => {
  const { address } = await serve(
    (response) => response.end(done),
    (response) => response.destroy(),
  );
  await expect(open(address)).rejects.toThrow();
  const other = await serve(
    (response) => response.end(done),
    (response) => response.end('{"version":"1"}'),
  );
  await expect(open(other.address)).rejects.toThrow('no etcd answers');
});

test('opening that is given up ends', async () => {
  const { address } = await serve(
    (response) => response.end(done),
    () => undefined,
  );
  await expect(openEtcdClient(address, { serializable: false }, AbortSignal.timeout(50))).rejects.toThrow();
});

test('a connection that ends after a write was sent is info, and there is no second attempt', async () => {
  const { address, asked } = await serve((response) => response.destroy());
  const client = await open(address);
  expect(await client.invoke(write, patient)).toMatchObject({
    type: 'info',
    error: { code: 'connection-lost' },
  });
  expect(asked).toEqual(['/version', '/v3/kv/put']);
  expect((await client.invoke(read, patient)).type).toBe('fail');
});

test('a write that nobody answers is info when it is given up, and fail before it was sent', async () => {
  const impatient = new AbortController();
  const { address } = await serve(() => impatient.abort());
  const client = await open(address);
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
  const { address, asked } = await serve((response) => response.end(done));
  const client = await open(address);
  expect(await client.invoke({ f: 'append', key: 'a', value: 1 }, patient)).toMatchObject({
    type: 'fail',
    error: { code: 'bad-request' },
  });
  expect(asked).toEqual(['/version']);
});
