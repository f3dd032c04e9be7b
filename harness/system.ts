// The system under test, as the harness drives it on the nodes of any environment.

import type { Json } from '../checkers/json.ts';
import type { Call, Outcome } from '../checkers/op.ts';
import type { Node, NodeName, PortName } from './environment.ts';

export interface System {
  readonly name: string;
  readonly ports: readonly PortName[];
  /** What the report must say of it: versions, settings, the mutant if it is one. */
  readonly description: { readonly [field: string]: Json };
  /** What has to be installed on its nodes, by a name that environments know; absent: what our own programs need. */
  readonly software?: string;
  /** Empties the node and prepares it. */
  setUp(node: Node, nodes: readonly Node[]): Promise<void>;
  /** Starts the program on data that are there; does not wait until it serves. */
  start(node: Node, nodes: readonly Node[]): Promise<void>;
  /** Resolves when the node serves clients; throws when the signal aborts first. */
  awaitReady(node: Node, signal: AbortSignal): Promise<void>;
  /** One process's connection to one node. Throws when it cannot connect: nothing was sent then. */
  openClient(node: Node, signal: AbortSignal): Promise<Client>;
  /** Which nodes claim to lead, with the term of the claim; several or none is an answer, not an error. */
  leaders?(nodes: readonly Node[], signal: AbortSignal): Promise<readonly LeaderClaim[]>;
  /** What the node's program itself takes the wall-clock time to be, in milliseconds since 1970. */
  wallClockMs?(node: Node, signal: AbortSignal): Promise<number>;
  /** The end of the program by its own hand, exit code 0 expected. */
  stop(node: Node): Promise<void>;
}

export interface LeaderClaim {
  readonly node: NodeName;
  readonly term: number;
}

/**
 * One invocation is at most one attempt: no retry anywhere below. What `invoke` throws becomes `info`. When the signal
 * aborts, the outcome is unknown and a late reply must reach nobody.
 */
export interface Client {
  invoke(call: Call, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}
