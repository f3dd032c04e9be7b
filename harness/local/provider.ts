// The environment that needs nothing but Node: nodes are processes on the controller's machine, and every link between
// two of them is a proxy in user space. Clocks are the machine's own and cannot be bent here.

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Environment, EnvironmentProvider } from '../environment.ts';
import { EnvironmentError } from '../errors.ts';
import { Ledger, runMark } from '../ledger.ts';
import { identityOf } from '../os-process.ts';
import { neverLocally } from './abilities.ts';
import type { PortRange } from './agent/free-ports.ts';
import { AgentConnection } from './agent-connection.ts';
import { LocalEnvironment } from './local-environment.ts';
import type { SignalLimits } from './node.ts';
import { placesSchema } from './protocol.ts';

export interface LocalOptions {
  readonly ports?: PortRange;
  /** For the jitter of delayed links. */
  readonly seed?: number;
  /** How long the effect of a signal may take, where it is not the usual. */
  readonly limits?: Partial<SignalLimits>;
}

const usualPorts: PortRange = { from: 10_000, to: 32_000 };
const usualLimits: SignalLimits = {
  SIGKILL: 5_000,
  SIGTERM: 5_000,
  SIGINT: 5_000,
  SIGSTOP: 2_000,
  SIGCONT: 2_000,
};

export function localEnvironment(options: LocalOptions = {}): EnvironmentProvider {
  return { name: 'local', never: neverLocally, up: (wanted) => up(wanted, options) };
}

type Wanted = Parameters<EnvironmentProvider['up']>[0];

async function up(
  { nodes, ports, directory: runFolder, signal, onUnexpectedExit }: Wanted,
  { ports: portRange = usualPorts, seed = 0, limits = {} }: LocalOptions,
): Promise<Environment> {
  refuseWhatCannotBe(nodes);
  const directory = resolve(runFolder);
  for (const name of nodes) await mkdir(join(directory, 'nodes', name, 'data'), { recursive: true });
  const owner = identityOf(process.pid);
  if (owner === undefined) throw new EnvironmentError('cannot read the process table');
  const ledger = Ledger.open(directory, owner);
  const mark = runMark();
  const entries = [await ledger.record('whatever the run started', { kind: 'end-marked', mark })];
  let environment: LocalEnvironment | undefined;
  throwIfAborted(signal);
  const agent = await AgentConnection.open(join(directory, 'nodes', 'agent.log'), mark, {
    onExit: (exit) => environment?.onExit(exit),
    onLost: () => environment?.endAtOnce(),
  });
  try {
    entries.push(await ledger.record("the environment's agent", { kind: 'end-group', ...agent.identity }));
    const places = await agent.ask(
      { kind: 'up', nodes: [...nodes], ports: [...ports], directory, owner, portRange, seed },
      placesSchema,
    );
    throwIfAborted(signal);
    environment = new LocalEnvironment({
      names: nodes,
      directory,
      places,
      agent,
      ledger,
      mark,
      onUnexpectedExit,
      limits: { ...usualLimits, ...limits },
    });
    return environment;
  } catch (error) {
    if (await agent.end()) for (const entry of entries) await ledger.settle(entry);
    ledger[Symbol.dispose]();
    throw error;
  }
}

function refuseWhatCannotBe(nodes: readonly string[]): void {
  if (process.platform === 'win32') {
    throw new EnvironmentError('the local environment needs process groups and signals, which Windows lacks');
  }
  for (const [index, name] of nodes.entries()) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
      throw new EnvironmentError(`"${name}" cannot name a node: letters, digits, ".", "_" and "-" can`);
    }
    if (nodes.indexOf(name) !== index) throw new EnvironmentError(`two nodes are called "${name}"`);
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new EnvironmentError('the environment was not brought up: interrupted', { cause: signal.reason });
  }
}
