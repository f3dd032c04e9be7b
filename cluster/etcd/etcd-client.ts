// One process's client of one etcd member: one connection to its JSON gateway, one request at a time, one attempt each.

import type { Call, Outcome } from '../../checkers/op.ts';
import type { Address } from '../../harness/environment.ts';
import type { Client } from '../../harness/system.ts';
import { failure } from '../client/exchange.ts';
import { HttpConnection } from '../client/http-connection.ts';
import { excerpt, textCall } from '../client/text-call.ts';
import { outcomeOf, type ReadMode, requestOf } from './exchange.ts';

/** Rejects when no etcd answers there: no call has been sent then. */
export async function openEtcdClient(
  endpoint: Address,
  mode: ReadMode,
  signal: AbortSignal,
): Promise<EtcdClient> {
  const connection = await HttpConnection.open(endpoint, signal);
  try {
    // A published port takes connections for a program that is dead; only an answer shows that it lives.
    const answer = await connection.attempt({ method: 'GET', path: '/version' }, signal);
    if (answer.kind === 'broken') throw answer.error;
    if (answer.status !== 200 || !answer.body.includes('"etcdserver"')) {
      throw new Error(`no etcd answers at ${endpoint.host}:${endpoint.port}: ${excerpt(answer.body)}`);
    }
    return new EtcdClient(connection, mode);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

export class EtcdClient implements Client {
  readonly #connection: HttpConnection;
  readonly #mode: ReadMode;

  constructor(connection: HttpConnection, mode: ReadMode) {
    this.#connection = connection;
    this.#mode = mode;
  }

  async invoke(call: Call, signal: AbortSignal): Promise<Outcome> {
    const asked = textCall(call);
    if (asked === undefined) return failure(call, 'bad-request', JSON.stringify(call));
    const attempt = await this.#connection.attempt(requestOf(asked, this.#mode), signal);
    if (attempt.kind === 'replied') return outcomeOf(call, attempt.status, attempt.body);
    if (!attempt.wasSent) return failure(call, 'connection-refused', attempt.error.message);
    return failure(call, signal.aborted ? 'gave-up' : 'connection-lost', attempt.error.message);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
