// What a place to run must offer: nodes to start programs on, and a network between them that can be broken.
// It knows nothing of the system under test, nor of who asks.

import type { Json } from '../checkers/json.ts';

export type NodeName = string;

/** A port by its purpose ("client", "peer"); the environment says where it is. */
export type PortName = string;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface EnvironmentProvider {
  readonly name: string;
  /**
   * Brings the machines up, nothing running on them yet. `directory` is the run folder: each node's files go below
   * `nodes/<name>/`. Throws EnvironmentError; what was brought up until then is brought down again.
   */
  up(options: {
    readonly nodes: readonly NodeName[];
    readonly ports: readonly PortName[];
    readonly directory: string;
    readonly signal: AbortSignal;
    /** Told at once when a program ends that nobody signalled. */
    readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
  }): Promise<Environment>;
}

export interface UnexpectedExit {
  readonly node: NodeName;
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of the program's log. */
  readonly lastWords: string;
}

/** Disposing ends every program, heals every fault and frees every port; it may be called twice. */
export interface Environment extends AsyncDisposable {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly net: Net;
  /** Ends everything at once and synchronously as far as possible: for a second Ctrl-C. */
  abandon(): void;
}

export type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' | 'SIGINT';

/** As the operating system sees the node's program, asked for anew each time. */
export type ProgramState = 'running' | 'paused' | 'dead';

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A machine of the cluster. */
export interface Node {
  readonly name: NodeName;
  /** Where this node's data live, as its program sees it. Survives a kill. */
  readonly dataDirectory: string;
  /** Where its program must listen. */
  listen(port: PortName): Address;
  /** Where the controller reaches it; never cut by the nemesis. */
  endpoint(port: PortName): Address;
  /** Where this node's program reaches another's: by a link, which `Net` may cut. */
  peer(name: NodeName, port: PortName): Address;
  /** Empties the data directory. Throws while the program lives. */
  wipe(): Promise<void>;
  /** Starts the program; a second call while one lives is an error. Output is appended to the node's log. */
  start(command: Command): Promise<void>;
  /**
   * To the whole process group. Resolves when the state is seen to have changed: ended, paused or running. Throws when
   * it does not change in time, and when there is no program to signal. After SIGKILL, SIGTERM and SIGINT an exit is
   * expected.
   */
  signal(signal: Signal): Promise<void>;
  state(): Promise<ProgramState>;
  pid(): number | undefined;
  /** Log files on the controller's disk. */
  readonly logFiles: readonly string[];
}

/** Whom each node refuses to hear. Not symmetric: `n1 → {n2}` cuts what n2 says to n1 and nothing else. */
export type Grudge = ReadonlyMap<NodeName, ReadonlySet<NodeName>>;

/** How messages from one node to another fare. Pass is the absence of a rule. */
export type LinkRule =
  /** Silence, on established connections too: bytes wait, as they do under a firewall's DROP, and come late. */
  | { readonly kind: 'drop' }
  /** Connections are reset, new ones as well. */
  | { readonly kind: 'reset' }
  /** Later by `delayMs`, give or take up to `jitterMs`; the order within a connection is kept. */
  | { readonly kind: 'delay'; readonly delayMs: number; readonly jitterMs?: number }
  /** All connections between the two share it. */
  | { readonly kind: 'limit'; readonly bytesPerSecond: number };

/** What was seen, not what was asked. */
export interface Evidence {
  /** True only if a probe saw the wished state on every link or node concerned. */
  readonly verified: boolean;
  /** What the probe saw, by node or link. */
  readonly seen: { readonly [subject: string]: Json };
}

/**
 * Rules are desired state: a second `cut` adds to the first, a restarted node finds them in force. A link has one rule
 * at a time, the latest.
 */
export interface Net {
  cut(grudge: Grudge): Promise<Evidence>;
  /** The rule for what `from` says to `to`; undefined takes it away. */
  shape(from: NodeName, to: NodeName, rule: LinkRule | undefined): Promise<Evidence>;
  /** Takes every rule away and probes every link. */
  heal(): Promise<Evidence>;
}
