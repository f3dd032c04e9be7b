// Redis with asynchronous replication and failover by Sentinel, as it is usually run: on each node a server and a
// sentinel. It promises no linearizability, and loses acknowledged writes when its primary is cut off, paused or killed.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Address, Node } from '../../harness/environment.ts';
import { UsageError } from '../../harness/errors.ts';
import type { LeaderClaim, System } from '../../harness/system.ts';
import { addressText, commonAddress } from '../common-address.ts';
import { openRedisClient } from './redis-client.ts';
import { nodeArgv, type Persistence, sentinelConfig, serverConfig } from './sentinel-files.ts';
import { hasQuorum, routeBySentinel, sentinelView } from './sentinel-questions.ts';
import { askRole, orUndefined, serverTimeMs } from './server-questions.ts';

export interface SentinelSystemOptions {
  /** `everysec`, as Redis itself has it once it appends at all, if not given. */
  readonly persistence?: Persistence;
  /** How long the primary must be silent to be taken for down. */
  readonly downAfterMs?: number;
  /** After twice this a failover that came to nothing is tried again. */
  readonly failoverTimeoutMs?: number;
}

/** Fewer sentinels cannot replace a primary that is gone. */
export const fewestSentinels = 3;
const readyPollMs = 100;

export function sentinelSystem(options: SentinelSystemOptions = {}): System {
  const { persistence = 'everysec', downAfterMs = 1500, failoverTimeoutMs = 5000 } = options;
  /** By the address that sentinels tell. */
  const known = new Map<string, Node>();
  const endpointOf = (primary: Address): Address => {
    const node = known.get(addressText(primary));
    if (node === undefined) throw new Error(`no node is at ${addressText(primary)}`);
    return node.endpoint('client');
  };

  return {
    name: 'redis-sentinel',
    ports: ['client', 'sentinel'],
    software: 'redis',
    description: {
      replication: 'asynchronous, failover by a majority of sentinels',
      persistence: persistence === 'none' ? 'none' : `appendonly yes, appendfsync ${persistence}`,
      downAfterMs,
      failoverTimeoutMs,
      node: 'a server and a sentinel in one process group: a kill or a pause hits both',
      client:
        "asks its node's sentinel for the primary and stays with it until it ends or the sentinel tells of another",
    },

    async setUp(node, nodes) {
      if (nodes.length < fewestSentinels) {
        throw new UsageError(`redis-sentinel: ${nodes.length} nodes; allowed: ${fewestSentinels} or more`);
      }
      await node.wipe();
      known.set(addressText(commonAddress(node, nodes, 'client')), node);
    },

    async start(node, nodes) {
      const [first, ...others] = nodes;
      if (first === undefined) throw new Error('a cluster without nodes');
      const primary = commonAddress(first, nodes, 'client');
      const { dataDirectory } = node;
      const server = serverConfig({
        listen: node.listen('client'),
        announce: commonAddress(node, nodes, 'client'),
        ...(node.name === first.name ? {} : { primary }),
        dataDirectory,
        persistence,
      });
      const sentinel = sentinelConfig({
        listen: node.listen('sentinel'),
        announce: commonAddress(node, nodes, 'sentinel'),
        primary,
        replicas: others.map((other) => commonAddress(other, nodes, 'client')),
        dataDirectory,
        quorum: Math.floor(nodes.length / 2) + 1,
        downAfterMs,
        failoverTimeoutMs,
      });
      await node.start({ argv: nodeArgv(dataDirectory, server, sentinel) });
    },

    async awaitReady(node, signal) {
      while (!(await serves(node, known.size, signal))) {
        await sleep(readyPollMs, undefined, { signal });
      }
    },

    async openClient(node, signal) {
      return openRedisClient((late) => routeBySentinel(node.endpoint('sentinel'), endpointOf, late), signal);
    },

    async leaders(nodes, signal) {
      const claims = await Promise.all(nodes.map((node) => claimOf(node, signal, known)));
      return claims.flat();
    },

    async wallClockMs(node, signal) {
      return serverTimeMs(node.endpoint('client'), signal);
    },

    async stop(node) {
      await node.signal('SIGTERM');
    },
  };
}

/** The server has its data and follows or leads, and the sentinel could act. */
async function serves(node: Node, nodes: number, signal: AbortSignal): Promise<boolean> {
  const role = await askRole(node.endpoint('client'), signal);
  if (role !== 'primary' && role !== 'replica, connected') return false;
  const sentinel = node.endpoint('sentinel');
  const couldAct = await orUndefined(signal, async (late) => {
    const { replicas } = await sentinelView(sentinel, late);
    return replicas >= nodes - 1 && (await hasQuorum(sentinel, late));
  });
  return couldAct === true;
}

/**
 * A server that takes itself for the primary, in the epoch of which its sentinel knows. Where the sentinel has been told
 * of another primary already, the claim is from an epoch before that.
 */
async function claimOf(
  node: Node,
  signal: AbortSignal,
  known: ReadonlyMap<string, Node>,
): Promise<readonly LeaderClaim[]> {
  if ((await askRole(node.endpoint('client'), signal)) !== 'primary') return [];
  const view = await orUndefined(signal, (late) => sentinelView(node.endpoint('sentinel'), late));
  if (view === undefined) return [];
  const isPrimary = known.get(addressText(view.primary))?.name === node.name;
  return [{ node: node.name, term: isPrimary ? view.epoch : view.epoch - 1 }];
}
