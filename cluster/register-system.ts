// The register cluster as the harness drives it: how its nodes are started, asked and stopped.

import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import * as v from 'valibot';
import type { Address, Node } from '../harness/environment.ts';
import { EnvironmentError, UsageError } from '../harness/errors.ts';
import type { LeaderClaim, System } from '../harness/system.ts';
import { openRegisterClient } from './client/register-client.ts';
import { mutantNamed, mutants } from './mutants/catalogue.ts';
import { defaultElectionMs, defaultHeartbeatMs, mutantPermission } from './server/options.ts';

export interface RegisterSystemOptions {
  /** A name of mutants/catalogue.ts. */
  readonly mutant?: string;
  readonly heartbeatMs?: number;
  readonly electionMs?: number;
}

/** A node that is cut off or paused must not hold up the question who leads. */
const statusPatienceMs = 500;
const readyPollMs = 50;

/** Throws UsageError for a mutant that does not exist. */
export function registerSystem(options: RegisterSystemOptions = {}): System {
  const { heartbeatMs = defaultHeartbeatMs, electionMs = defaultElectionMs } = options;
  const mutant = options.mutant === undefined ? undefined : mutantNamed(options.mutant);
  if (options.mutant !== undefined && mutant === undefined) {
    const names = mutants.map(({ name }) => name).join(', ');
    throw new UsageError(`mutant ${options.mutant}: allowed are ${names}`);
  }
  return {
    name: 'register',
    ports: ['client', 'peer'],
    description: {
      replication: 'Raft, every read confirmed by a majority',
      heartbeatMs,
      electionMs,
      ...(mutant && { mutant: mutant.name, about: mutant.about, breaks: mutant.breaks }),
    },

    async setUp(node) {
      await node.wipe();
    },

    async start(node, nodes) {
      const peers = nodes.filter((other) => other.name !== node.name);
      await node.start({
        argv: [
          ...node.argvOf('cluster/server/main.ts'),
          `--id=${node.name}`,
          `--cluster=${nodes.map(({ name }) => name).join(',')}`,
          `--listen-client=${text(node.listen('client'))}`,
          `--listen-peer=${text(node.listen('peer'))}`,
          ...peers.map((peer) => `--peer=${peer.name}=${text(node.peer(peer.name, 'peer'))}`),
          `--data=${node.dataDirectory}`,
          `--heartbeat-ms=${heartbeatMs}`,
          `--election-ms=${electionMs}`,
          ...(mutant === undefined ? [] : [`--mutant=${mutant.name}`]),
        ],
        ...(mutant && { env: { [mutantPermission]: '1' } }),
      });
    },

    async awaitReady(node, signal) {
      while ((await statusOf(node, signal)) === undefined) {
        await sleep(readyPollMs, undefined, { signal });
      }
    },

    async openClient(node, signal) {
      return openRegisterClient(node.endpoint('client'), signal);
    },

    async leaders(nodes, signal) {
      const claims = await Promise.all(
        nodes.map(async (node): Promise<readonly LeaderClaim[]> => {
          const status = await statusOf(node, signal);
          return status?.role === 'leader' ? [{ node: node.name, term: status.term }] : [];
        }),
      );
      return claims.flat();
    },

    async wallClockMs(node, signal) {
      const status = await statusOf(node, signal);
      if (status === undefined)
        throw new EnvironmentError(`${node.name} does not tell its time`, { node: node.name });
      return status.wallMs;
    },

    async stop(node) {
      await node.signal('SIGTERM');
    },
  };
}

function text({ host, port }: Address): string {
  return `${host}:${port}`;
}

const statusShape = v.object({ role: v.string(), term: v.number(), wallMs: v.number() });

/** `undefined`: the node does not answer, or not in time. Throws when the signal aborts. */
async function statusOf(
  node: Node,
  signal: AbortSignal,
): Promise<v.InferOutput<typeof statusShape> | undefined> {
  try {
    const { statusCode, body } = await request(`http://${text(node.endpoint('client'))}/status`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(statusPatienceMs)]),
      // A connection of its own each time: the one of a node that was killed must not be met again.
      reset: true,
    });
    const status = v.safeParse(statusShape, await body.json());
    return statusCode === 200 && status.success ? status.output : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
