// One Redis server that syncs every write to its disk before it acknowledges it: nothing is replicated, and nothing that
// was acknowledged may be lost when it is killed.

import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../harness/errors.ts';
import type { System } from '../../harness/system.ts';
import { openRedisClient } from './redis-client.ts';
import { askRole, directRoute, serverTimeMs } from './server-questions.ts';

const readyPollMs = 50;

export function redisSystem(): System {
  return {
    name: 'redis',
    ports: ['client'],
    software: 'redis',
    description: { replication: 'none: one server', persistence: 'appendonly yes, appendfsync always' },

    async setUp(node, nodes) {
      if (nodes.length !== 1) {
        throw new UsageError(
          `redis is one server without replication and takes one node, not ${nodes.length}; redis-sentinel takes more`,
        );
      }
      await node.wipe();
    },

    async start(node) {
      const { host, port } = node.listen('client');
      const settings = {
        bind: host,
        port: String(port),
        'protected-mode': 'no',
        dir: node.dataDirectory,
        appendonly: 'yes',
        appendfsync: 'always',
        save: '',
      };
      const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
      await node.start({ argv: ['redis-server', ...words] });
    },

    async awaitReady(node, signal) {
      // ROLE is refused while the data are read.
      while ((await askRole(node.endpoint('client'), signal)) !== 'primary') {
        await sleep(readyPollMs, undefined, { signal });
      }
    },

    async openClient(node, signal) {
      return openRedisClient((late) => directRoute(node.endpoint('client'), late), signal);
    },

    async leaders(nodes, signal) {
      const roles = await Promise.all(nodes.map((node) => askRole(node.endpoint('client'), signal)));
      return nodes.flatMap(({ name }, i) => (roles[i] === 'primary' ? [{ node: name, term: 0 }] : []));
    },

    async wallClockMs(node, signal) {
      return serverTimeMs(node.endpoint('client'), signal);
    },

    async stop(node) {
      await node.signal('SIGTERM');
    },
  };
}
