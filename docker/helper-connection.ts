// The controller's end of the talk with a node's helper, over the two halves of whatever stream leads there: requests
// with a time limit, and word when the helper is gone though nobody ended it.

import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { EnvironmentError } from '../harness/errors.ts';
import type { OwnAddresses } from './helper/own-namespace.ts';
import {
  type Ask,
  connectedSchema,
  countersSchema,
  type Hello,
  heardSchema,
  helloSchema,
  lineOf,
  messageSchema,
  rulesSetSchema,
  sentSchema,
} from './helper/protocol.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const replies = {
  hello: helloSchema,
  'set-rules': rulesSetSchema,
  counters: countersSchema,
  'probe-send': sentSchema,
  'probe-heard': heardSchema,
  'probe-connect': connectedSchema,
  keep: v.null(),
} as const satisfies Record<Ask['kind'], v.GenericSchema<unknown, unknown>>;

type Reply<Kind extends Ask['kind']> = v.InferOutput<(typeof replies)[Kind]>;

/** Over and above what the request itself may take. */
const answerLimitMs = 10_000;
const endLimitMs = 5_000;

export class HelperConnection {
  readonly node: string;
  readonly #requests: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onLost: (reason: string) => void;
  readonly #gone: Promise<void>;
  #hello: Hello | undefined;
  #lastId = 0;
  #ending = false;
  #lost: EnvironmentError | undefined;

  private constructor(
    node: string,
    { stdin, stdout }: { readonly stdin: Writable; readonly stdout: Readable },
    onLost: (reason: string) => void,
  ) {
    this.node = node;
    this.#requests = stdin;
    this.#onLost = onLost;
    // Writing to a helper that is gone: its end is what gets reported.
    stdin.on('error', () => undefined);
    const lines = createInterface({ input: stdout });
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      this.#receive(line);
    });
    this.#gone = new Promise((resolve) => {
      const gone = () => {
        this.#lose('it ended, or the engine did');
        resolve();
      };
      stdout.on('error', gone);
      lines.on('close', gone);
    });
  }

  /**
   * `addresses` are the node's: a helper that does not find them in its network refuses to touch that. `onLost` is told
   * once, when it ends though nobody asked it to. Throws EnvironmentError when it does not answer.
   */
  static async open(
    node: string,
    streams: { readonly stdin: Writable; readonly stdout: Readable },
    onLost: (reason: string) => void,
    addresses: OwnAddresses | null = null,
  ): Promise<HelperConnection> {
    const connection = new HelperConnection(node, streams, onLost);
    connection.#hello = await connection.ask({ kind: 'hello', addresses }, 20_000);
    return connection;
  }

  /** What it found out by trying. */
  get hello(): Hello {
    if (this.#hello === undefined) throw new Error(`${this.node}'s helper has not said hello`);
    return this.#hello;
  }

  /** It ended, asked to or not. */
  get isGone(): boolean {
    return this.#lost !== undefined;
  }

  /** `extraMs` is how long the request itself may take. Throws EnvironmentError, which names the node. */
  async ask<Kind extends Ask['kind']>(ask: Extract<Ask, { kind: Kind }>, extraMs = 0): Promise<Reply<Kind>> {
    if (this.#lost !== undefined) throw this.#lost;
    const id = ++this.#lastId;
    const limitMs = answerLimitMs + extraMs;
    let timer: NodeJS.Timeout | undefined;
    try {
      const result = await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        timer = setTimeout(() => {
          reject(this.#error(`did not answer "${ask.kind}" in ${limitMs} ms`));
        }, limitMs);
        this.#requests.write(lineOf({ id, ask: ask as Ask }));
      });
      const reply = v.safeParse(replies[ask.kind], result);
      if (!reply.success) {
        throw this.#error(`answered "${ask.kind}" with ${JSON.stringify(result).slice(0, 200)}`);
      }
      return reply.output;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** It takes its rules away and stays; its end is no loss any more. Throws EnvironmentError. */
  async keep(): Promise<void> {
    await this.ask({ kind: 'keep' });
    this.#ending = true;
    this.#requests.end();
  }

  /** It takes its rules away and ends. False when it was not seen to end. */
  async end(): Promise<boolean> {
    this.#ending = true;
    this.#requests.end();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, endLimitMs);
    });
    const over = await Promise.race([this.#gone.then(() => true), late]);
    clearTimeout(timer);
    return over;
  }

  #receive(line: string): void {
    const parsed = v.safeParse(messageSchema, parseJson(line));
    if (!parsed.success) {
      this.#lose(`it said what it should not: ${line.slice(0, 200)}`);
      return;
    }
    const message = parsed.output;
    const waiting = this.#waiting.get(message.id);
    if ('error' in message) waiting?.reject(this.#error(`says: ${message.error}`));
    else waiting?.resolve(message.result);
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = this.#error(`is gone: ${why}`);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#lost);
    if (!this.#ending) this.#onLost(this.#lost.message);
  }

  #error(what: string): EnvironmentError {
    return new EnvironmentError(`${this.node}'s network helper ${what}`, { node: this.node });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
