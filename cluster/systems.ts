// Every system under test by name.

import { UsageError } from '../harness/errors.ts';
import type { System } from '../harness/system.ts';
import { etcdSystem } from './etcd/etcd-system.ts';
import { redisSystem } from './redis/redis-system.ts';
import { fewestSentinels, sentinelSystem } from './redis/sentinel-system.ts';
import { registerSystem } from './register-system.ts';

export interface SystemOptions {
  /** A bug on purpose, by a name of mutants/catalogue.ts; only our own register has some. */
  readonly mutant?: string;
}

export interface SystemEntry {
  readonly name: string;
  readonly about: string;
  /** How many nodes it may have, and has if nobody says. */
  readonly nodes: { readonly usual: number; readonly least: number; readonly most: number };
  /** It tells addresses from node to node, so it needs nodes with addresses of their own, which local ones have not. */
  readonly needsOwnAddresses: boolean;
  /** Throws UsageError for an option that it has not. */
  make(options: SystemOptions): System;
}

const many = { usual: 5, least: 1, most: 15 };

export const systems: readonly SystemEntry[] = [
  {
    name: 'register',
    about: 'our own register on Raft; linearizable, unless it is a mutant',
    nodes: many,
    needsOwnAddresses: false,
    make: registerSystem,
  },
  foreign('etcd', 'etcd; linearizable', many, () => etcdSystem()),
  foreign(
    'etcd-serializable',
    'etcd with reads that any member answers from its own state; not linearizable under a partition',
    many,
    () => etcdSystem({ serializable: true }),
  ),
  foreign(
    'redis',
    'one Redis server that syncs every write; linearizable, without any replication',
    { usual: 1, least: 1, most: 1 },
    redisSystem,
  ),
  foreign(
    'redis-sentinel',
    'Redis with asynchronous replication and failover by Sentinel; loses acknowledged writes when its primary fails',
    { ...many, least: fewestSentinels },
    () => sentinelSystem(),
  ),
];

export function systemNamed(name: string): SystemEntry | undefined {
  return systems.find((system) => system.name === name);
}

/** A system that nobody here wrote. */
function foreign(name: string, about: string, nodes: SystemEntry['nodes'], make: () => System): SystemEntry {
  return {
    name,
    about,
    nodes,
    needsOwnAddresses: nodes.most > 1,
    make({ mutant }) {
      if (mutant !== undefined)
        throw new UsageError(`--mutant: only our own register has mutants, not ${name}`);
      return make();
    },
  };
}
