// One process's client: one connection to the server that it is led to, one command at a time, one attempt each. Where
// the connection is gone, or somebody says that it leads astray, the next call is led anew before it sends anything.

import type { Call, Outcome } from '../../checkers/op.ts';
import type { Client } from '../../harness/system.ts';
import { failure } from '../client/exchange.ts';
import { textCall } from '../client/text-call.ts';
import { isMisdirected } from './errors.ts';
import { commandOf, outcomeOf, refusal } from './exchange.ts';
import type { RedisConnection } from './redis-connection.ts';

/** A way to the server that is to be asked. */
export interface Route {
  readonly connection: RedisConnection;
  /** False: the server is no longer the one to ask. */
  isCurrent(): boolean;
  close(): void;
}

/** Rejects when there is none; a server at its end has answered a question without effect. */
export type FindRoute = (signal: AbortSignal) => Promise<Route>;

export async function openRedisClient(findRoute: FindRoute, signal: AbortSignal): Promise<RedisClient> {
  return new RedisClient(findRoute, await findRoute(signal));
}

export class RedisClient implements Client {
  readonly #findRoute: FindRoute;
  #route: Route | undefined;
  #isClosed = false;

  constructor(findRoute: FindRoute, route: Route) {
    this.#findRoute = findRoute;
    this.#route = route;
  }

  async invoke(call: Call, signal: AbortSignal): Promise<Outcome> {
    const asked = textCall(call);
    if (asked === undefined) return failure(call, 'bad-request', JSON.stringify(call));
    let route: Route;
    try {
      route = await this.#routeOfNow(signal);
    } catch (error) {
      return failure(call, 'connection-refused', error instanceof Error ? error.message : String(error));
    }
    const reply = await route.connection.ask(commandOf(asked), signal);
    if (reply.kind === 'replied') return outcomeOf(call, reply.value);
    if (reply.kind === 'refused') {
      const outcome = refusal(call, reply.message);
      if (outcome.type !== 'ok' && isMisdirected(outcome.error?.code ?? '')) this.#leave();
      return outcome;
    }
    this.#leave();
    if (!reply.wasSent) return failure(call, 'connection-refused', reply.error.message);
    return failure(call, signal.aborted ? 'gave-up' : 'connection-lost', reply.error.message);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#leave();
    return Promise.resolve();
  }

  async #routeOfNow(signal: AbortSignal): Promise<Route> {
    const route = this.#route;
    if (route?.connection.isOpen === true && route.isCurrent()) return route;
    this.#leave();
    const found = await this.#findRoute(signal);
    if (this.#isClosed) {
      found.close();
      throw new Error('the client is closed');
    }
    this.#route = found;
    return found;
  }

  #leave(): void {
    this.#route?.close();
    this.#route = undefined;
  }
}
