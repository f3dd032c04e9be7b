// One process's client of one node: one connection, one request at a time, and one attempt for each call. It goes
// straight to the node; no link that a nemesis may slow lies between, since latency here would hide stale reads.

import type { Call, Outcome } from '../../checkers/op.ts';
import type { Address } from '../../harness/environment.ts';
import type { Client } from '../../harness/system.ts';
import { type ApiRequest, failure, outcomeOf, requestOf } from './exchange.ts';
import { HttpConnection } from './http-connection.ts';

const ping = { method: 'GET', path: '/ping' } as const;

/**
 * Rejects when no connection can be made, and when nobody answers on it: a port that is forwarded accepts connections
 * though there is no program behind it. Nothing that counts has been sent then, so a call that was to use this client has
 * certainly not happened. The connection that has answered is the one for the calls.
 */
export async function openRegisterClient(endpoint: Address, signal: AbortSignal): Promise<RegisterClient> {
  const connection = await HttpConnection.open(endpoint, signal);
  const answer = await connection.attempt(ping, signal);
  if (answer.kind === 'replied') return new RegisterClient(connection);
  await connection.close();
  const { host, port } = endpoint;
  throw new Error(`${host}:${port} accepts connections and does not answer: ${answer.error.message}`, {
    cause: answer.error,
  });
}

export class RegisterClient implements Client {
  readonly #connection: HttpConnection;

  constructor(connection: HttpConnection) {
    this.#connection = connection;
  }

  async invoke(call: Call, signal: AbortSignal): Promise<Outcome> {
    const request = acceptable(call);
    if (request === undefined) return failure(call, 'bad-request', JSON.stringify(call));
    const attempt = await this.#connection.attempt(request, signal);
    if (attempt.kind === 'replied') return outcomeOf(call, attempt.status, attempt.body);
    if (!attempt.wasSent) return failure(call, 'connection-refused', attempt.error.message);
    return failure(call, signal.aborted ? 'gave-up' : 'connection-lost', attempt.error.message);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

function acceptable(call: Call): ApiRequest | undefined {
  try {
    return requestOf(call);
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}
