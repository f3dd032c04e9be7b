// What etcd refuses, by the sentence it says, with the one bit that a history needs. Definite means: it had no effect and
// never will, because etcd says it before it proposes anything. Every sentence that is not here is not definite; those
// that are here without being definite have a code only so that reports can group them.
//
// Not definite although it sounds so:
// - `mvcc: database space exceeded`: a member says it of a put that it has just applied, when that put took the last space.
// - `no leader`, `leader changed`, `not leader`: said while a proposal may be on its way to another member.
// - `server stopped`: the proposal may have been handed to Raft.

export interface EtcdErrorKind {
  readonly code: string;
  readonly definite: boolean;
}

const kinds: Readonly<Record<string, EtcdErrorKind>> = {
  'etcdserver: key is not provided': { code: 'bad-request', definite: true },
  'etcdserver: request is too large': { code: 'too-large', definite: true },
  'etcdserver: too many requests': { code: 'overloaded', definite: true },
  'etcdserver: too many operations in txn request': { code: 'bad-request', definite: true },
  'etcdserver: duplicate key given in txn request': { code: 'bad-request', definite: true },

  'etcdserver: no leader': { code: 'no-leader', definite: false },
  'etcdserver: not leader': { code: 'not-leader', definite: false },
  'etcdserver: leader changed': { code: 'leader-changed', definite: false },
  'etcdserver: server stopped': { code: 'stopped', definite: false },
  'etcdserver: unhealthy cluster': { code: 'unhealthy', definite: false },
  'etcdserver: request timed out': { code: 'timeout', definite: false },
  'etcdserver: request timed out, possibly due to previous leader failure': {
    code: 'timeout',
    definite: false,
  },
  'etcdserver: request timed out, possibly due to connection lost': { code: 'timeout', definite: false },
  'etcdserver: mvcc: database space exceeded': { code: 'no-space', definite: false },
  'context deadline exceeded': { code: 'timeout', definite: false },
};

export function etcdErrorKind(sentence: string): EtcdErrorKind {
  const known = Object.hasOwn(kinds, sentence) ? kinds[sentence] : undefined;
  return known ?? { code: 'etcd-error', definite: false };
}
