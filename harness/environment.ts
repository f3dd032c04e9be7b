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

/**
 * What not every environment can do: a kind of {@link LinkRule}, cutting the clients' way, or an optional part of
 * {@link Node}. A fault names what it needs.
 */
export type Capability =
  | LinkRule['kind']
  | 'cut-clients'
  | 'power'
  | 'freeze'
  | 'cpu'
  | 'disk-full'
  | 'disk-read-only'
  | 'clock'
  /** The monotonic clock's rate as well. */
  | 'clock-monotonic';

export interface EnvironmentProvider {
  readonly name: string;
  /** What it never can do, whatever the machine, and why: known before anything is touched. */
  never?(capability: Capability): string | undefined;
  /**
   * Brings the machines up, nothing running on them yet. `directory` is the run folder: each node's files go below
   * `nodes/<name>/`. Throws EnvironmentError; what was brought up until then is brought down again.
   */
  up(options: {
    readonly nodes: readonly NodeName[];
    readonly ports: readonly PortName[];
    readonly directory: string;
    readonly signal: AbortSignal;
    /** What has to be installed on the nodes, by a name that the environment knows; absent: what our own programs need. */
    readonly software?: string;
    /** What the run is going to ask for, so that it can be prepared. What cannot be had is told by `lacks` afterwards. */
    readonly needs?: readonly Capability[];
    /** Stages and progress, for people. */
    readonly note?: (text: string) => void;
    /** Told at once when a program ends that nobody signalled. */
    readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
    /** Told once when the environment as a whole is gone: nothing more can come of the run. */
    readonly onLost?: (reason: string) => void;
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
  /** Why something cannot be done here, found out by trying; undefined: it can. */
  lacks(capability: Capability): string | undefined;
  /** Versions and digests of what the nodes run on, for the run's record. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Leaves the nodes running when it is disposed of; gives lines that say how to look at them and how to end them. */
  keep?(): Promise<readonly string[]>;
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
  /** The words that run a program of ours on this node; `source` as for `programPath`. */
  argvOf(source: string): readonly string[];
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
  /**
   * While true, a program that ends by itself does so because of a fault in force (its disk is full): no unexpected
   * exit.
   */
  excuseExits(excused: boolean): void;
  /** The machine as a whole: off like a machine that loses its power (unsynced data excepted), and on again. */
  readonly power?: {
    /** The program is dead afterwards. */
    off(): Promise<void>;
    /** Nothing runs yet. `start` does it too, where the machine is off. */
    on(): Promise<void>;
  };
  /** The whole machine stands still, not only the program's own processes. */
  readonly freezer?: {
    freeze(): Promise<void>;
    thaw(): Promise<void>;
  };
  readonly cpu?: {
    /** At most this share of one processor, from 0.01 to 1; undefined takes the limit away. Gives what was read back. */
    limit(share: number | undefined): Promise<Json>;
  };
  readonly disk?: {
    /** Until nothing can be written any more. Gives what was seen. */
    fill(): Promise<Json>;
    /** Takes the filling away. */
    free(): Promise<Json>;
    /** Only while the program is dead, as after a reboot with a damaged disk. */
    setReadOnly(readOnly: boolean): Promise<Json>;
  };
  readonly clock?: NodeClock | undefined;
}

/** The clock as the node's program sees it; never the machine's own. All times in milliseconds. */
export interface NodeClock {
  /** Adds to what the wall clock shows, forwards or back, at once. */
  bump(byMs: number): Promise<void>;
  /** How fast the wall clock goes, 1 is right; the reading does not jump. */
  setRate(rate: number): Promise<void>;
  /** How fast the monotonic clock goes; only where 'clock-monotonic' was asked for. */
  setMonotonicRate?(rate: number): Promise<void>;
  /** Back and forth by `deltaMs` every `periodMs` for `durationMs`; resolves when it is over. `reset` ends it early. */
  strobe(how: {
    readonly deltaMs: number;
    readonly periodMs: number;
    readonly durationMs: number;
  }): Promise<void>;
  /** The right time at the right rate. */
  reset(): Promise<void>;
  /** By how much the clock is ahead of the controller's, read by a fresh program on the node. */
  offsetMs(): Promise<number>;
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
  | { readonly kind: 'limit'; readonly bytesPerSecond: number }
  /** This share of the packets is lost, each by chance. */
  | { readonly kind: 'loss'; readonly share: number }
  /** This share of the packets comes twice. */
  | { readonly kind: 'duplicate'; readonly share: number }
  /** This share of the packets overtakes the others, which come `delayMs` late. */
  | { readonly kind: 'reorder'; readonly share: number; readonly delayMs: number };

export interface Link {
  readonly from: NodeName;
  readonly to: NodeName;
}

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
  /** `clients`: nodes that hear no client either; where 'cut-clients' can be done. The evidence calls them `clients→n1`. */
  cut(grudge: Grudge, clients?: readonly NodeName[]): Promise<Evidence>;
  /** The rule for what is said on these links; undefined takes it away. */
  shape(links: readonly Link[], rule: LinkRule | undefined): Promise<Evidence>;
  /** Takes every rule away and probes every link. */
  heal(): Promise<Evidence>;
}
