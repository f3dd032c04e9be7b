// One connection to one node over HTTP: one request at a time, and one attempt each. Whoever asks learns whether anything
// of the request may have reached the node.

import { type Socket, connect as tcpConnect } from 'node:net';
import { buildConnector, type Dispatcher, Client as HttpClient } from 'undici';
import type { Address } from '../../harness/environment.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  /** JSON. */
  readonly body?: string;
}

export type Attempt =
  | { readonly kind: 'replied'; readonly status: number; readonly body: string }
  /** `wasSent`: at least a part of the request may have reached the node. */
  | { readonly kind: 'broken'; readonly wasSent: boolean; readonly error: Error };

export class HttpConnection {
  readonly #http: HttpClient;

  private constructor({ host, port }: Address, firstSocket: Socket) {
    const reconnect = buildConnector({});
    let unused: Socket | undefined = firstSocket;
    this.#http = new HttpClient(`http://${host}:${port}`, {
      pipelining: 1,
      // How long a reply may take is the caller's signal to decide, and nobody else's.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect(options, callback) {
        const socket = unused;
        unused = undefined;
        if (socket === undefined || socket.destroyed || !socket.writable) reconnect(options, callback);
        // Not at once: undici is in the middle of something and would not notice.
        else queueMicrotask(() => callback(null, socket));
      },
    });
  }

  /** Rejects when no connection can be made: nothing has been sent then. */
  static async open(endpoint: Address, signal: AbortSignal): Promise<HttpConnection> {
    return new HttpConnection(endpoint, await openSocket(endpoint, signal));
  }

  /**
   * Resolves when the exchange is over; on abort the connection is destroyed, so a late reply reaches nobody. After a
   * connection broke, the next attempt makes a new one.
   */
  attempt(request: HttpRequest, signal: AbortSignal): Promise<Attempt> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve({ kind: 'broken', wasSent: false, error: abortError(signal) });
        return;
      }
      const handler = new SingleAttempt(signal, resolve);
      const headers = request.body === undefined ? {} : { 'content-type': 'application/json' };
      this.#http.dispatch({ ...request, body: request.body ?? null, headers }, handler);
    });
  }

  async close(): Promise<void> {
    await this.#http.destroy();
  }
}

/**
 * Follows one request through undici, which calls `onRequestStart` each time before it writes the request to a
 * socket. It may do so again by itself when a connection breaks; the second time is refused here.
 */
class SingleAttempt implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #resolve: (attempt: Attempt) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;

  constructor(signal: AbortSignal, resolve: (attempt: Attempt) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    signal.addEventListener('abort', this.#abort);
  }

  /** Before a connection stood nothing was sent, and `onRequestStart` sees to it that nothing will be. */
  readonly #abort = (): void => {
    const error = abortError(this.#signal);
    if (this.#controller === undefined) this.#end({ kind: 'broken', wasSent: false, error });
    else this.#controller.abort(error);
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#signal.aborted) controller.abort(abortError(this.#signal));
    else if (this.#controller !== undefined) controller.abort(new Error('a second attempt was refused'));
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#end({ kind: 'replied', status: this.#status, body: Buffer.concat(this.#chunks).toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end({ kind: 'broken', wasSent: this.#controller !== undefined, error });
  }

  #end(attempt: Attempt): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#resolve(attempt);
  }
}

function openSocket({ host, port }: Address, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError(signal));
      return;
    }
    const socket = tcpConnect({ host, port, noDelay: true });
    const abort = (): void => {
      socket.destroy(abortError(signal));
    };
    signal.addEventListener('abort', abort);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
    // For as long as the socket lives: after it has connected, a failure while nobody uses it is no error, since the
    // next call connects anew.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
    });
  });
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
