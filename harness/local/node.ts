// A node of a local environment: a folder, and a program that the agent starts on the controller's own machine.

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Address, Command, Node, NodeName, PortName, ProgramState, Signal } from '../environment.ts';
import { EnvironmentError } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { type ProcessIdentity, stateOf } from '../os-process.ts';
import { programPath } from '../program-path.ts';
import type { AgentConnection } from './agent-connection.ts';
import { type Places, startedSchema } from './protocol.ts';

/** How long the effect of each signal may take until it is seen. */
export type SignalLimits = Readonly<Record<Signal, number>>;

export class LocalNode implements Node {
  readonly name: NodeName;
  readonly dataDirectory: string;
  readonly logFiles: readonly string[];
  readonly #directory: string;
  readonly #logFile: string;
  readonly #places: Places;
  readonly #agent: AgentConnection;
  readonly #ledger: Ledger;
  readonly #limits: SignalLimits;
  #program: ProcessIdentity | undefined;
  #pauseEntry: string | undefined;
  readonly #groups: ProcessIdentity[] = [];

  constructor(parts: {
    readonly name: NodeName;
    readonly directory: string;
    readonly places: Places;
    readonly agent: AgentConnection;
    readonly ledger: Ledger;
    readonly limits: SignalLimits;
  }) {
    this.name = parts.name;
    this.#directory = parts.directory;
    this.dataDirectory = join(parts.directory, 'data');
    this.#logFile = join(parts.directory, 'log.txt');
    this.logFiles = [this.#logFile];
    this.#places = parts.places;
    this.#agent = parts.agent;
    this.#ledger = parts.ledger;
    this.#limits = parts.limits;
  }

  exitsAreExcused = false;

  excuseExits(excused: boolean): void {
    this.exitsAreExcused = excused;
  }

  argvOf(source: string): readonly string[] {
    return [process.execPath, programPath(source)];
  }

  /** The leaders of every process group that was started here, dead or alive. */
  get groups(): readonly ProcessIdentity[] {
    return this.#groups;
  }

  listen(port: PortName): Address {
    return placeOf(this.#places.direct[this.name], port, this.name);
  }

  endpoint(port: PortName): Address {
    return this.listen(port);
  }

  peer(name: NodeName, port: PortName): Address {
    if (name === this.name) return this.listen(port);
    return placeOf(this.#places.peers[this.name]?.[name], port, `${this.name} to ${name}`);
  }

  async wipe(): Promise<void> {
    if ((await this.state()) !== 'dead') {
      throw new EnvironmentError(`${this.name}: its data cannot be wiped while its program lives`, {
        node: this.name,
      });
    }
    await mkdir(this.dataDirectory, { recursive: true });
    for (const entry of await readdir(this.dataDirectory)) {
      await rm(join(this.dataDirectory, entry), { recursive: true, force: true });
    }
  }

  async start({ argv, env = {} }: Command): Promise<void> {
    const program = await this.#agent.ask(
      {
        kind: 'start',
        node: this.name,
        argv: [...argv],
        env,
        workingDirectory: this.#directory,
        logFile: this.#logFile,
      },
      startedSchema,
    );
    this.#program = program;
    this.#groups.push(program);
  }

  async signal(signal: Signal): Promise<void> {
    if (signal === 'SIGSTOP' && this.#program !== undefined) {
      const undo = { kind: 'end-group', ...this.#program } as const;
      this.#pauseEntry ??= await this.#ledger.record(`${this.name}'s program, paused`, undo);
    }
    const limitMs = this.#limits[signal];
    await this.#agent.ask({ kind: 'signal', node: this.name, signal, limitMs }, v.null(), limitMs);
    if (signal !== 'SIGSTOP') await this.#settlePause();
  }

  async state(): Promise<ProgramState> {
    this.#agent.throwIfLost();
    return this.#program === undefined ? 'dead' : stateOf(this.#program);
  }

  pid(): number | undefined {
    return this.#program?.pid;
  }

  /** The agent saw the program end. */
  ended(pid: number): void {
    if (this.#program?.pid === pid) this.#program = undefined;
  }

  async #settlePause(): Promise<void> {
    const entry = this.#pauseEntry;
    this.#pauseEntry = undefined;
    if (entry !== undefined) await this.#ledger.settle(entry);
  }
}

function placeOf(
  places: Readonly<Record<PortName, Address>> | undefined,
  port: PortName,
  where: string,
): Address {
  const place = places?.[port];
  if (place === undefined) {
    throw new EnvironmentError(
      `${where}: there is no port "${port}" but ${Object.keys(places ?? {}).join(', ')}`,
    );
  }
  return place;
}
