// Every error a client can see, in one table: the sentence, and the one bit a history needs. Definite means: it had no
// effect and never will. A code that is not listed here is not definite.

export interface ErrorKind {
  readonly sentence: string;
  readonly definite: boolean;
  /** The status of the HTTP reply; absent where no server says it. */
  readonly status?: number;
}

export const errorKinds = {
  'bad-request': { sentence: 'the request cannot be understood', definite: true, status: 400 },
  'not-found': { sentence: 'there is nothing at this path', definite: true, status: 404 },
  'method-not-allowed': { sentence: 'this path has no such method', definite: true, status: 405 },
  'too-large': { sentence: 'the key or the value is too large', definite: true, status: 413 },
  overloaded: { sentence: 'too many requests are pending on this node', definite: true, status: 503 },
  starting: { sentence: 'this node is reading its log', definite: true, status: 503 },
  'shutting-down': { sentence: 'this node is shutting down and had not begun', definite: true, status: 503 },
  'no-leader': { sentence: 'this node knows no leader', definite: true, status: 503 },
  'not-leader': {
    sentence: 'the node taken for the leader is none, and has put nothing into its log',
    definite: true,
    status: 503,
  },
  'not-forwarded': {
    sentence: 'the leader cannot be reached; nothing was sent',
    definite: true,
    status: 503,
  },
  abandoned: {
    sentence: 'the leader was deposed; its entry may commit under the next one',
    definite: false,
    status: 503,
  },
  'forward-lost': {
    sentence: 'the leader changed after the request had been forwarded to the old one',
    definite: false,
    status: 503,
  },
  stopped: {
    sentence: 'this node was shut down while the request was under way',
    definite: false,
    status: 503,
  },
  timeout: { sentence: 'no decision in time; it may still come', definite: false, status: 504 },

  'cas-mismatch': { sentence: 'the register held another value than expected', definite: true },
  'connection-refused': { sentence: 'no connection; nothing was sent', definite: true },
  'connection-lost': { sentence: 'the connection ended after the request had been sent', definite: false },
  'gave-up': { sentence: 'the client did not wait any longer', definite: false },
  unintelligible: { sentence: 'the reply cannot be understood', definite: false },
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ErrorCode = keyof typeof errorKinds;

/** Codes that a server says. */
export type ServerErrorCode = {
  [Code in ErrorCode]: (typeof errorKinds)[Code] extends { readonly status: number } ? Code : never;
}[ErrorCode];

/** False for every code that the table does not list, so that a new code can never turn into a false `fail`. */
export function isDefinite(code: string): boolean {
  return Object.hasOwn(errorKinds, code) && errorKinds[code as ErrorCode].definite;
}

export function isServerErrorCode(code: unknown): code is ServerErrorCode {
  return (
    typeof code === 'string' && Object.hasOwn(errorKinds, code) && 'status' in errorKinds[code as ErrorCode]
  );
}
