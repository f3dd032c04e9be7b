// The only door between the node program and the world: time, chance, disk, network. The same program runs on the real
// host and on a simulated one, so nothing here says how it is done, and nothing else in this folder reaches around it.

import type { Address } from '../../harness/environment.ts';

export interface Host {
  readonly clock: HostClock;
  /** Milliseconds since 1970 by the wall clock, which may jump: told to who asks for it, and measured with by nobody. */
  wall(): number;
  /** In [0, 1). */
  random(): number;
  readonly disk: Disk;
  readonly network: HostNetwork;
  /** One line for the operator. */
  log(line: string): void;
  /** What the operating system calls this program. */
  readonly pid: number;
}

export interface HostClock {
  /** Milliseconds, monotonic, from an origin of its own. */
  now(): number;
  /** Calls `action` once, not before `delayMs` have passed. */
  timer(delayMs: number, action: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Every promise rejects with the disk's error; what was written before is then in doubt. */
export interface Disk {
  /** With its parents; it may be there already. */
  makeDirectory(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** For reading and appending; made when it is not there. */
  open(path: string): Promise<DiskFile>;
  /** Replaces `to`. Durable only after the directory is synced. */
  rename(from: string, to: string): Promise<void>;
  /** Names made and changed in the directory survive a loss of power after this. */
  syncDirectory(path: string): Promise<void>;
}

export interface DiskFile {
  read(): Promise<Buffer>;
  /** At the end. Durable only after `sync`. */
  append(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  /** Cuts the file to `size` bytes. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface HostNetwork {
  /** Accepts byte streams. Rejects when the address cannot be had. */
  listen(address: Address, accept: (connection: Connection) => ConnectionEvents): Promise<Listener>;
  /** Opens a byte stream. Never calls back before it has returned; a failure is an `onClose`. */
  connect(address: Address, events: ConnectionEvents & { onOpen(): void }): Connection;
  /** Serves clients: whole requests in, whole replies out. A body beyond `maxBodyBytes` is cut off and marked. */
  serve(
    address: Address,
    options: { readonly maxBodyBytes: number },
    handler: (request: HttpRequest) => Promise<HttpReply>,
  ): Promise<Listener>;
}

export interface Listener {
  /** Takes nothing new; resolves when replies under way have left and all connections are closed. */
  close(): Promise<void>;
}

/** One end of a byte stream: in order, nothing twice, and perhaps cut off anywhere. */
export interface Connection {
  write(bytes: Uint8Array): void;
  /** Bytes written that the network has not taken yet. */
  readonly backlog: number;
  /** At once; what was written may be lost. */
  destroy(): void;
}

export interface ConnectionEvents {
  onData(bytes: Buffer): void;
  /** Exactly once, also after `destroy` and after a failure to connect. */
  onClose(reason: string): void;
}

export interface HttpRequest {
  readonly method: string;
  /** As in the request line: still encoded, with its query. */
  readonly path: string;
  readonly body: Buffer;
  readonly tooLarge: boolean;
}

export interface HttpReply {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}
