// One connection to one Redis or Sentinel, one command at a time, and one attempt each. ioredis with everything that it
// does by itself switched off: it never connects again, keeps nothing back, and sends nothing twice.

import type { Redis } from 'ioredis';
import type { Address } from '../../harness/environment.ts';
import { addressText } from '../common-address.ts';
import type { RedisCommand } from './exchange.ts';

export type Reply =
  | { readonly kind: 'replied'; readonly value: unknown }
  /** The server answered with an error. */
  | { readonly kind: 'refused'; readonly message: string }
  /** `wasSent`: at least a part of the command may have reached the server. */
  | { readonly kind: 'broken'; readonly wasSent: boolean; readonly error: Error };

/** Of ioredis, when it did not write a command. */
const notWritten = "Stream isn't writeable";

export class RedisConnection {
  readonly #redis: Redis;
  readonly #where: string;
  readonly #isReplyError: (error: unknown) => boolean;

  private constructor(redis: Redis, where: string, isReplyError: (error: unknown) => boolean) {
    this.#redis = redis;
    this.#where = where;
    this.#isReplyError = isReplyError;
  }

  /** Rejects when nobody takes the connection, or the signal aborts. */
  static async open(address: Address, signal: AbortSignal): Promise<RedisConnection> {
    const { Redis: Connection, ReplyError } = await import('ioredis');
    signal.throwIfAborted();
    const redis = new Connection({
      host: address.host,
      port: address.port,
      lazyConnect: true,
      retryStrategy: () => null,
      reconnectOnError: null,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: null,
      disableClientInfo: true,
      // How long anything may take is the caller's signal to decide, and nobody else's.
      connectTimeout: 0,
    });
    let cause: Error | undefined;
    // For as long as the connection lives: a failure while nobody uses it shows in `isOpen`.
    redis.on('error', (error: Error) => {
      cause ??= error;
    });
    const abort = (): void => redis.disconnect();
    signal.addEventListener('abort', abort);
    try {
      await redis.connect();
    } catch (error) {
      signal.throwIfAborted();
      throw cause ?? error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return new RedisConnection(redis, addressText(address), (error) => error instanceof ReplyError);
  }

  get isOpen(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Resolves when the exchange is over; on abort the connection is destroyed, so a late reply reaches nobody. */
  ask([name, ...args]: RedisCommand, signal: AbortSignal): Promise<Reply> {
    if (signal.aborted || !this.isOpen) {
      const error = signal.aborted ? abortError(signal) : new Error(`no connection to ${this.#where}`);
      return Promise.resolve({ kind: 'broken', wasSent: false, error });
    }
    return new Promise((resolve) => {
      const end = (reply: Reply): void => {
        signal.removeEventListener('abort', abort);
        resolve(reply);
      };
      const abort = (): void => {
        this.close();
        end({ kind: 'broken', wasSent: true, error: abortError(signal) });
      };
      signal.addEventListener('abort', abort);
      this.#redis.call(name, ...args).then(
        (value) => end({ kind: 'replied', value }),
        (error: unknown) => end(this.#failed(error)),
      );
    });
  }

  /** As `ask`, for questions without effect: throws whatever is no reply. */
  async question(command: RedisCommand, signal: AbortSignal): Promise<unknown> {
    const reply = await this.ask(command, signal);
    if (reply.kind === 'replied') return reply.value;
    if (reply.kind === 'broken') throw reply.error;
    throw new Error(`${this.#where}: ${reply.message}`);
  }

  /** From now on the connection is for listening only. `heard` is told of every message, and once of the end. */
  async listen(channel: string, heard: () => void): Promise<void> {
    this.#redis.on('message', heard);
    this.#redis.once('end', heard);
    await this.#redis.subscribe(channel);
  }

  close(): void {
    this.#redis.disconnect();
  }

  #failed(error: unknown): Reply {
    const known = error instanceof Error ? error : new Error(String(error));
    if (this.#isReplyError(error)) return { kind: 'refused', message: known.message };
    return { kind: 'broken', wasSent: !known.message.startsWith(notWritten), error: known };
  }
}

/** Opens a connection for one question without effect, and closes it. */
export async function askOnce(
  address: Address,
  command: RedisCommand,
  signal: AbortSignal,
): Promise<unknown> {
  const connection = await RedisConnection.open(address, signal);
  try {
    return await connection.question(command, signal);
  } finally {
    connection.close();
  }
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
