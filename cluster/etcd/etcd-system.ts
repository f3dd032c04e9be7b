// etcd as the harness drives it: how its members are started, asked and stopped. Nobody here wrote it.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '../../harness/environment.ts';
import type { LeaderClaim, System } from '../../harness/system.ts';
import { addressText, commonAddress } from '../common-address.ts';
import { openEtcdClient } from './etcd-client.ts';
import { isHealthy, termOfLead, wallClockMs } from './member-questions.ts';

export interface EtcdSystemOptions {
  /** Reads are answered by any member from its own state: not linearizable, and known not to be. */
  readonly serializable?: boolean;
  /** etcd's own default if not given, as is the election timeout. */
  readonly heartbeatMs?: number;
  readonly electionMs?: number;
  /** Log entries between two snapshots; few, so that a member that was away is brought up by one. */
  readonly snapshotCount?: number;
}

const readyPollMs = 100;

export function etcdSystem(options: EtcdSystemOptions = {}): System {
  const { serializable = false, heartbeatMs = 100, electionMs = 1000, snapshotCount = 100 } = options;
  // Keeps members of two clusters apart that should ever meet; nothing in a run depends on what it is.
  const token = `faultline-${randomUUID()}`;
  return {
    name: serializable ? 'etcd-serializable' : 'etcd',
    ports: ['client', 'peer'],
    software: 'etcd',
    description: {
      replication: 'Raft',
      reads: serializable
        ? 'serializable: by any member from its own state'
        : 'linearizable: confirmed by a majority',
      client: 'JSON gateway',
      heartbeatMs,
      electionMs,
      snapshotCount,
    },

    async setUp(node, nodes) {
      commonAddress(node, nodes, 'peer');
      await node.wipe();
    },

    async start(node, nodes) {
      // The same words at every start: where there are data, etcd takes the cluster from them.
      await node.start({
        argv: [
          'etcd',
          `--name=${node.name}`,
          `--data-dir=${node.dataDirectory}/etcd`,
          `--listen-client-urls=${url(node.listen('client'))}`,
          `--advertise-client-urls=${url(commonAddress(node, nodes, 'client'))}`,
          `--listen-peer-urls=${url(node.listen('peer'))}`,
          `--initial-advertise-peer-urls=${url(commonAddress(node, nodes, 'peer'))}`,
          `--initial-cluster=${nodes.map((each) => memberText(each, nodes)).join(',')}`,
          '--initial-cluster-state=new',
          `--initial-cluster-token=${token}`,
          `--heartbeat-interval=${heartbeatMs}`,
          `--election-timeout=${electionMs}`,
          `--snapshot-count=${snapshotCount}`,
          '--logger=zap',
          '--log-outputs=stderr',
        ],
      });
    },

    async awaitReady(node, signal) {
      while (!(await isHealthy(node.endpoint('client'), signal))) {
        await sleep(readyPollMs, undefined, { signal });
      }
    },

    async openClient(node, signal) {
      return openEtcdClient(node.endpoint('client'), { serializable }, signal);
    },

    async leaders(nodes, signal) {
      const claims = await Promise.all(
        nodes.map(async (node): Promise<readonly LeaderClaim[]> => {
          const term = await termOfLead(node.endpoint('client'), signal);
          return term === undefined ? [] : [{ node: node.name, term }];
        }),
      );
      return claims.flat();
    },

    async wallClockMs(node, signal) {
      return wallClockMs(node.endpoint('client'), signal);
    },

    async stop(node) {
      await node.signal('SIGTERM');
    },
  };
}

function memberText(node: Node, nodes: readonly Node[]): string {
  return `${node.name}=${url(commonAddress(node, nodes, 'peer'))}`;
}

function url(address: Parameters<typeof addressText>[0]): string {
  return `http://${addressText(address)}`;
}
