// An engine that is none: a server on a Unix socket that answers as a test wants it, for what a real engine does rarely.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `METHOD /path`, without the query; `undefined` never answers. */
export type FakeAnswer = (
  request: string,
  query: URLSearchParams,
) => { readonly status: number; readonly body: unknown } | undefined;

export interface FakeEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** What was asked, in order. */
  readonly requests: readonly string[];
}

/** What an engine says that is in good health and has nothing on it. */
export const healthy: FakeAnswer = (request) => {
  if (request === 'GET /version')
    return {
      status: 200,
      body: { Version: '20.10.24', ApiVersion: '1.41', Os: 'linux', KernelVersion: '6.1' },
    };
  if (request === 'GET /info')
    return { status: 200, body: { OperatingSystem: 'Nowhere', CgroupVersion: '2', Driver: 'overlay2' } };
  return { status: 404, body: { message: 'no such thing' } };
};

/** A string body is sent as it is, anything else as JSON. */
export async function fakeEngine(answer: FakeAnswer = healthy): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-engine-'));
  const socket = join(folder, 'engine.sock');
  const requests: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    const url = new URL(request.url ?? '/', 'http://engine');
    const asked = `${request.method} ${url.pathname}`;
    requests.push(asked);
    const given = answer(asked, url.searchParams);
    if (given === undefined) return;
    const { status, body } = given;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
