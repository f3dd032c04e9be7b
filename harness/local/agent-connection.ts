// The controller's end of the talk with its agent: requests with a time limit, events as they come, and what to do
// when the agent is gone though nobody asked it to go.

import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import * as v from 'valibot';
import { EnvironmentError } from '../errors.ts';
import { markVariable } from '../ledger.ts';
import { eventually, killGroup, livingInGroup, type ProcessIdentity } from '../os-process.ts';
import { programPath } from '../program-path.ts';
import { type Ask, type ExitEvent, lineOf, messageSchema } from './protocol.ts';
import { type Ended, type GroupLeader, spawnGroup } from './spawn-group.ts';
import { tail } from './tail.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Over and above what the request itself may take. */
const answerLimitMs = 10_000;
const endLimitMs = 2_000;

export interface AgentListeners {
  onExit(exit: ExitEvent): void;
  /** It ended though nobody asked it to. Called once. */
  onLost(): void;
}

export class AgentConnection {
  readonly identity: ProcessIdentity;
  readonly #requests: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: AgentListeners;
  readonly #ended: Promise<void>;
  #lastId = 0;
  #ending = false;
  #lost: EnvironmentError | undefined;
  #lossIsReported = false;

  private constructor({ child, identity, ended }: GroupLeader, listeners: AgentListeners, logFile: string) {
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('the agent was started without pipes');
    this.identity = identity;
    this.#listeners = listeners;
    this.#requests = stdin;
    // Writing to an agent that is gone: its end is what gets reported.
    stdin.on('error', () => undefined);
    createInterface({ input: stdout }).on('line', (line) => {
      this.#receive(line);
    });
    this.#ended = this.#awaitEnd(ended, logFile);
  }

  /** The agent's standard error goes to `logFile`; `mark` goes into the environment of all that it starts. */
  static async open(logFile: string, mark: string, listeners: AgentListeners): Promise<AgentConnection> {
    const leader = await spawnGroup({
      argv: [process.execPath, programPath('harness/local/agent/main.ts')],
      env: { [markVariable]: mark },
      workingDirectory: dirname(logFile),
      logFile,
      talk: 'piped',
    });
    return new AgentConnection(leader, listeners, logFile);
  }

  /** `extraMs` is how long the request itself may take. Throws EnvironmentError. */
  async ask<Output>(ask: Ask, reply: v.GenericSchema<unknown, Output>, extraMs = 0): Promise<Output> {
    this.throwIfLost();
    const id = ++this.#lastId;
    const limitMs = answerLimitMs + extraMs;
    let timer: NodeJS.Timeout | undefined;
    try {
      const result = await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        timer = setTimeout(() => {
          reject(
            new EnvironmentError(`the environment's agent did not answer "${ask.kind}" in ${limitMs} ms`),
          );
        }, limitMs);
        this.#requests.write(lineOf({ id, ask }));
      });
      return v.parse(reply, result);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Throws what every request would throw now. */
  throwIfLost(): void {
    if (this.#lost === undefined) return;
    this.#lossIsReported = true;
    throw this.#lost;
  }

  /** Somebody was told that the agent was lost. */
  get lossIsReported(): boolean {
    return this.#lossIsReported;
  }

  /** Ends the agent, and with it whatever it still holds. False when it survived that. */
  async end(): Promise<boolean> {
    this.#ending = true;
    this.#requests.end();
    if (await this.#isOver(endLimitMs)) return true;
    killGroup(this.identity);
    return this.#isOver(endLimitMs);
  }

  /** At once, and waiting for nothing. */
  kill(): void {
    this.#ending = true;
    killGroup(this.identity);
  }

  async #isOver(limitMs: number): Promise<boolean> {
    const over = await eventually(() => livingInGroup(this.identity).length === 0, limitMs);
    if (over) await this.#ended;
    return over;
  }

  async #awaitEnd(ended: Promise<Ended>, logFile: string): Promise<void> {
    const { code, signal } = await ended;
    const reason = this.#ending ? undefined : lastError(logFile);
    const how = signal ?? `exit code ${code}`;
    this.#gone(
      `the environment's agent ended (${how})${reason === undefined ? '' : `: ${reason}`}; see ${logFile}`,
    );
  }

  #receive(line: string): void {
    const parsed = v.safeParse(messageSchema, parseJson(line));
    if (!parsed.success) {
      this.#gone(`the environment's agent said what it should not: ${line.slice(0, 200)}`);
      return;
    }
    const message = parsed.output;
    if ('event' in message) {
      this.#listeners.onExit(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if ('error' in message) {
      const { node } = message.error;
      waiting?.reject(new EnvironmentError(message.error.message, node === undefined ? {} : { node }));
    } else {
      waiting?.resolve(message.result);
    }
  }

  #gone(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = new EnvironmentError(why);
    this.#lossIsReported = this.#waiting.size > 0;
    if (!this.#ending) this.#listeners.onLost();
    for (const waiting of this.#waiting.values()) waiting.reject(this.#lost);
  }
}

/** The line of a stack that says what happened. */
function lastError(logFile: string): string | undefined {
  return tail(logFile, 0)
    .split('\n')
    .findLast((line) => /^\w*Error\b/.test(line));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
