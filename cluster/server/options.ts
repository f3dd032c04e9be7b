// The program's command line. Every mistake gets one line that names the flag, what was found and what is allowed.

import { parseArgs } from 'node:util';
import type { Address } from '../../harness/environment.ts';
import { UsageError } from '../../harness/errors.ts';
import { type Mutant, mutantNamed, mutants } from '../mutants/catalogue.ts';

export interface NodeOptions {
  readonly id: string;
  readonly cluster: string;
  readonly listenClient: Address;
  readonly listenPeer: Address;
  readonly peers: ReadonlyMap<string, Address>;
  readonly dataDirectory: string;
  readonly heartbeatMs: number;
  readonly electionMs: number;
  readonly mutant: Mutant | undefined;
}

export const defaultHeartbeatMs = 50;
export const defaultElectionMs = 300;

/** Without this in the environment no mutant starts, so that none is taken for the product by a slip of the hand. */
export const mutantPermission = 'FAULTLINE_ALLOW_MUTANT';

const flags = {
  id: { type: 'string' },
  cluster: { type: 'string' },
  'listen-client': { type: 'string' },
  'listen-peer': { type: 'string' },
  peer: { type: 'string', multiple: true },
  data: { type: 'string' },
  'heartbeat-ms': { type: 'string' },
  'election-ms': { type: 'string' },
  mutant: { type: 'string' },
} as const;

type Flag = keyof typeof flags;

/** Throws UsageError. */
export function parseNodeOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): NodeOptions {
  const values = parseFlags(args);
  const required = (flag: Exclude<Flag, 'peer'>): string => {
    const value = values[flag];
    if (value === undefined || value === '') throw new UsageError(`--${flag} is missing`);
    return value;
  };
  const id = required('id');
  const heartbeatMs = positive('heartbeat-ms', values['heartbeat-ms'], defaultHeartbeatMs);
  const electionMs = positive('election-ms', values['election-ms'], defaultElectionMs);
  if (electionMs <= heartbeatMs) {
    throw new UsageError(`--election-ms ${electionMs}: more than --heartbeat-ms ${heartbeatMs} is allowed`);
  }
  return {
    id,
    cluster: required('cluster'),
    listenClient: address('listen-client', required('listen-client')),
    listenPeer: address('listen-peer', required('listen-peer')),
    peers: peersBy(id, values.peer ?? []),
    dataDirectory: required('data'),
    heartbeatMs,
    electionMs,
    mutant: values.mutant === undefined ? undefined : permittedMutant(values.mutant, environment),
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    const allowed = Object.keys(flags).map((flag) => `--${flag}`);
    throw new UsageError(`${line}; allowed: ${allowed.join(', ')}`);
  }
}

function positive(flag: Flag, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new UsageError(`--${flag} ${text}: a whole number of milliseconds from 1 to 999999 is allowed`);
  }
  return Number(text);
}

function address(flag: Flag, text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) {
    throw new UsageError(`--${flag} ${text}: HOST:PORT is allowed`);
  }
  return { host, port: Number(port) };
}

function peersBy(id: string, texts: readonly string[]): ReadonlyMap<string, Address> {
  const peers = new Map<string, Address>();
  for (const text of texts) {
    const [, peer, where] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (peer === undefined || where === undefined) {
      throw new UsageError(`--peer ${text}: ID=HOST:PORT is allowed`);
    }
    if (peer === id) throw new UsageError(`--peer ${text}: this is the node itself`);
    if (peers.has(peer)) throw new UsageError(`--peer ${text}: ${peer} was named before`);
    peers.set(peer, address('peer', where));
  }
  return peers;
}

function permittedMutant(name: string, environment: Readonly<Record<string, string | undefined>>): Mutant {
  const mutant = mutantNamed(name);
  if (mutant === undefined) {
    throw new UsageError(`--mutant ${name}: allowed are ${mutants.map((each) => each.name).join(', ')}`);
  }
  if (environment[mutantPermission] !== '1') {
    throw new UsageError(`--mutant ${name}: refused, since ${mutantPermission}=1 is not set`);
  }
  return mutant;
}
