// The two configuration files of a node and the program that runs on them. Redis and Sentinel write what they learn into
// their files (who the primary is, in which epoch), so the files are made once and kept over restarts.

import type { Address } from '../../harness/environment.ts';

/** The name under which sentinels know the one primary. */
export const primaryName = 'faultline';

export type Persistence = 'always' | 'everysec' | 'none';

export interface ServerSettings {
  readonly listen: Address;
  /** Where the others, and clients, are told to find it. */
  readonly announce: Address;
  /** Absent: it starts as the primary. */
  readonly primary?: Address;
  readonly dataDirectory: string;
  readonly persistence: Persistence;
}

export function serverConfig(settings: ServerSettings): string {
  const { listen, announce, primary, dataDirectory, persistence } = settings;
  return lines([
    `bind ${listen.host}`,
    `port ${listen.port}`,
    'protected-mode no',
    `dir "${dataDirectory}"`,
    `appendonly ${persistence === 'none' ? 'no' : 'yes'}`,
    ...(persistence === 'none' ? [] : [`appendfsync ${persistence}`]),
    'save ""',
    `replica-announce-ip ${announce.host}`,
    `replica-announce-port ${announce.port}`,
    ...(primary === undefined ? [] : [`replicaof ${primary.host} ${primary.port}`]),
    // A replica that comes back is not to wait for others to share its copy with.
    'repl-diskless-sync-delay 0',
    // At its end, for replicas that lag.
    'shutdown-timeout 2',
    // Else a replica that is still writing its first file after a copy refuses to end, and forgets that it was told to.
    'shutdown-on-sigterm force',
  ]);
}

export interface SentinelSettings {
  readonly listen: Address;
  readonly announce: Address;
  readonly primary: Address;
  readonly replicas: readonly Address[];
  readonly dataDirectory: string;
  /** Sentinels that have to agree that the primary is down. */
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
}

export function sentinelConfig(settings: SentinelSettings): string {
  const { listen, announce, primary, replicas, dataDirectory, quorum } = settings;
  return lines([
    `bind ${listen.host}`,
    `port ${listen.port}`,
    'protected-mode no',
    `dir "${dataDirectory}"`,
    `sentinel announce-ip ${announce.host}`,
    `sentinel announce-port ${announce.port}`,
    `sentinel monitor ${primaryName} ${primary.host} ${primary.port} ${quorum}`,
    `sentinel down-after-milliseconds ${primaryName} ${settings.downAfterMs}`,
    `sentinel failover-timeout ${primaryName} ${settings.failoverTimeoutMs}`,
    `sentinel parallel-syncs ${primaryName} ${Math.max(1, replicas.length)}`,
    // Else they are found out in the primary's next report, which may be ten seconds away.
    ...replicas.map(({ host, port }) => `sentinel known-replica ${primaryName} ${host} ${port}`),
  ]);
}

/**
 * Server and sentinel in one process group, so that a kill or a pause hits both as it would hit a machine; where one of
 * them ends, the other is ended too. Its status is the server's.
 */
const script = `
cd "$1" || exit
first() {
  [ -e "$1" ] && return
  printf '%s' "$2" >"$1.first" && mv "$1.first" "$1"
}
first redis.conf "$2" && first sentinel.conf "$3" || exit
redis-server redis.conf &
server=$!
(
  told=
  trap 'told=yes; kill "$sentinel" 2>/dev/null' TERM
  redis-sentinel sentinel.conf &
  sentinel=$!
  wait "$sentinel"
  while kill -0 "$sentinel" 2>/dev/null; do wait "$sentinel"; done
  [ -n "$told" ] || kill -9 "$server" 2>/dev/null
) &
watcher=$!
trap 'kill "$server" "$watcher" 2>/dev/null' TERM INT
wait "$server"
status=$?
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  status=$?
done
kill "$watcher" 2>/dev/null
wait "$watcher"
exit "$status"
`;

export function nodeArgv(dataDirectory: string, server: string, sentinel: string): readonly string[] {
  return ['sh', '-c', script, 'redis-and-sentinel', dataDirectory, server, sentinel];
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
