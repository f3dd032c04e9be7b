// What Redis refuses, by the first word of what it says, with the one bit that a history needs. Definite means: it had no
// effect and never will, because Redis says it before it executes anything (our script writes once, at its end). Every
// word that is not here is not definite: `ERR` among them, which says anything.

export interface RedisErrorKind {
  readonly code: string;
  readonly definite: boolean;
}

const kinds: Readonly<Record<string, RedisErrorKind>> = {
  READONLY: { code: 'read-only-replica', definite: true },
  LOADING: { code: 'loading', definite: true },
  MASTERDOWN: { code: 'primary-link-down', definite: true },
  NOREPLICAS: { code: 'too-few-replicas', definite: true },
  MISCONF: { code: 'disk-error', definite: true },
  OOM: { code: 'out-of-memory', definite: true },
  BUSY: { code: 'busy', definite: true },
  WRONGTYPE: { code: 'wrong-type', definite: true },
  NOAUTH: { code: 'no-permission', definite: true },
  NOPERM: { code: 'no-permission', definite: true },
};

export function redisErrorKind(message: string): RedisErrorKind {
  const [word = ''] = message.split(' ', 1);
  const known = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
  return known ?? { code: 'redis-error', definite: false };
}

/** After these the server is not, or no longer, the one to ask. */
export function isMisdirected(code: string): boolean {
  return code === 'read-only-replica' || code === 'primary-link-down';
}
