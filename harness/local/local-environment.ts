// A cluster on the controller's own machine, while it is up: its nodes, its net, and how all of it ends.

import { join } from 'node:path';
import type { Capability, Environment, UnexpectedExit } from '../environment.ts';
import { EnvironmentError } from '../errors.ts';
import { type Ledger, markVariable, unsettledEntries } from '../ledger.ts';
import { eventually, killGroup, livingInGroup, livingWithVariable, send } from '../os-process.ts';
import { neverLocally } from './abilities.ts';
import type { AgentConnection } from './agent-connection.ts';
import { LocalNet } from './net.ts';
import { LocalNode, type SignalLimits } from './node.ts';
import { type ExitEvent, endedSchema, type Places } from './protocol.ts';

export interface LocalParts {
  readonly names: readonly string[];
  /** The run folder, absolute. */
  readonly directory: string;
  readonly places: Places;
  readonly agent: AgentConnection;
  readonly ledger: Ledger;
  readonly mark: string;
  readonly limits: SignalLimits;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
}

/** How long the agent may take to end all programs, beyond what they are given each. */
const endLimitMs = 10_000;
const straggleLimitMs = 1_000;

export class LocalEnvironment implements Environment {
  readonly name = 'local';
  readonly nodes: readonly LocalNode[];
  readonly net: LocalNet;
  readonly #parts: LocalParts;
  #isAbandoned = false;
  #disposal: Promise<void> | undefined;

  constructor(parts: LocalParts) {
    this.#parts = parts;
    this.nodes = parts.names.map(
      (name) => new LocalNode({ ...parts, name, directory: join(parts.directory, 'nodes', name) }),
    );
    this.net = new LocalNet(parts.names, parts.agent, parts.ledger);
  }

  lacks(capability: Capability): string | undefined {
    return neverLocally(capability);
  }

  onExit({ node, pid, code, signal, expected, lastWords }: ExitEvent): void {
    const place = this.nodes.find(({ name }) => name === node);
    place?.ended(pid);
    if (!expected && place?.exitsAreExcused !== true)
      this.#parts.onUnexpectedExit({ node, code, signal, lastWords });
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.endAtOnce();
  }

  /** Also for when the agent is gone: nobody else ends the programs then. */
  endAtOnce(): void {
    // The agent first: it would report the programs' ends as unexpected.
    this.#parts.agent.kill();
    for (const node of this.nodes) node.groups.forEach(killGroup);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const { agent, ledger } = this.#parts;
    const lossWasReported = agent.lossIsReported;
    let failure: unknown;
    await agent.ask({ kind: 'end' }, endedSchema, endLimitMs).catch((error: unknown) => {
      if (!lossWasReported && !this.#isAbandoned) failure = error;
    });
    // An agent that cannot do it is ended all the same, and what it left is ended from here.
    const agentIsGone = await agent.end();
    for (const node of this.nodes) node.groups.forEach(killGroup);
    await eventually(() => this.#inGroups().length === 0, straggleLimitMs);
    // Whoever moved to a group of his own is known by his mark.
    for (const { pid } of this.#marked()) send(pid, 'SIGKILL');
    await eventually(() => this.#marked().length === 0, straggleLimitMs);
    const leftovers = [...(agentIsGone ? [] : [`the agent, ${agent.identity.pid}`]), ...this.#leftovers()];
    if (leftovers.length === 0) await this.#settleAll();
    ledger[Symbol.dispose]();
    if (leftovers.length > 0) {
      throw new EnvironmentError(`processes survived the end of the environment: ${leftovers.join('; ')}`);
    }
    if (failure !== undefined) throw failure;
  }

  /** Cuts and pauses as well: they ended with the processes. */
  async #settleAll(): Promise<void> {
    const { agent, directory, ledger, mark } = this.#parts;
    const pids = [agent.identity, ...this.nodes.flatMap(({ groups }) => groups)].map(({ pid }) => pid);
    for (const { id, undo } of unsettledEntries(directory)) {
      const isOurs =
        undo.kind === 'end-marked'
          ? undo.mark === mark
          : undo.kind === 'end-group' && pids.includes(undo.pid);
      if (isOurs) await ledger.settle(id);
    }
  }

  #inGroups() {
    return this.nodes.flatMap(({ name, groups }) =>
      groups.flatMap(livingInGroup).map(({ pid }) => ({ pid, what: `${name}, ${pid}` })),
    );
  }

  #marked() {
    return livingWithVariable(markVariable, this.#parts.mark);
  }

  #leftovers(): readonly string[] {
    const inGroups = this.#inGroups();
    const marked = this.#marked()
      .filter(({ pid }) => inGroups.every((found) => found.pid !== pid))
      .map(({ pid }) => `a process started by a node, ${pid}`);
    return [...inGroups.map(({ what }) => what), ...marked];
  }
}
