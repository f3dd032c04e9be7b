// The agent of a local environment, a program of its own: it holds the net and the nodes' programs, so that neither
// shares an event loop with the clients, and it ends them all when its controller is gone, however that went.

import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { EnvironmentError } from '../../errors.ts';
import { Ledger } from '../../ledger.ts';
import { type AgentMessage, type Ask, type AskOf, lineOf, type Places, requestSchema } from '../protocol.ts';
import { FreePorts } from './free-ports.ts';
import { Network } from './network.ts';
import { Programs } from './programs.ts';

interface Cluster {
  readonly network: Network;
  readonly programs: Programs;
}

let cluster: Cluster | undefined;

function tell(message: AgentMessage): void {
  process.stdout.write(lineOf(message));
}

async function up({ nodes, ports, seed, portRange, directory, owner }: AskOf<'up'>): Promise<Places> {
  const network = await Network.up(nodes, ports, seed, new FreePorts(portRange));
  cluster = { network, programs: new Programs(Ledger.open(directory, owner), tell) };
  return network.places;
}

async function answer(ask: Ask): Promise<unknown> {
  if (ask.kind === 'up') return up(ask);
  if (cluster === undefined) throw new EnvironmentError('the environment is not up');
  const { network, programs } = cluster;
  switch (ask.kind) {
    case 'start': {
      const listens = Object.entries(network.places.direct[ask.node] ?? {});
      return programs.start(ask, new Map(listens.map(([name, { port }]) => [name, port])));
    }
    case 'signal':
      return programs.signal(ask);
    case 'set-rules':
      return network.setRules(ask.rules);
    case 'probe':
      return network.probe(ask);
    case 'end':
      break;
  }
  return programs.end();
}

async function serve(line: string): Promise<void> {
  const { id, ask } = v.parse(requestSchema, JSON.parse(line));
  try {
    tell({ id, result: (await answer(ask)) ?? null });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) process.stderr.write(`${String((error as Error).stack)}\n`);
    const { message } = error as Error;
    const node = error instanceof EnvironmentError ? error.node : undefined;
    tell({ id, error: { message, ...(node === undefined ? {} : { node }) } });
  }
}

// Every way out leads through here, an exception that nobody caught included.
process.on('exit', () => {
  cluster?.programs.killAll();
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void serve(line));
// The system closes the pipe of a controller that is gone, so this is the dead man's switch.
lines.on('close', () => process.exit(0));
lines.on('error', () => process.exit(1));
process.stdout.on('error', () => undefined);
