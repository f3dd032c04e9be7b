// Frames between the nodes of a cluster. A node writes only on connections that it dialed and reads only on those that
// it accepted, so that each direction is a connection of its own and can be cut alone. Loss is allowed everywhere:
// Raft repeats itself, and a forwarded request that got lost times out.

import type { Address } from '../../harness/environment.ts';
import type { NodeId } from '../raft/messages.ts';
import { encodeFrame, FrameDecoder, FrameError } from './frames.ts';
import type { Connection, ConnectionEvents, Host, Listener, Timer } from './host.ts';
import { type PeerFrame, parsePeerFrame } from './peer-frame.ts';

const redialMs = 50;
const connectTimeoutMs = 1_000;
/** What may be under way to a peer from which nothing comes back. A cut link holds bytes and lets them go late. */
const maxUnheardBytes = 1024 * 1024;
/** Heartbeats and votes are smaller; they go out even then, since the link may be cut in the other direction only. */
const smallFrameBytes = 1024;

export interface TransportOptions {
  readonly host: Host;
  readonly cluster: string;
  readonly id: NodeId;
  readonly peers: ReadonlyMap<NodeId, Address>;
  readonly onFrame: (from: NodeId, frame: PeerFrame) => void;
}

export class Transport {
  readonly #options: TransportOptions;
  readonly #links: ReadonlyMap<NodeId, PeerLink>;
  #listener: Listener | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#links = new Map(
      [...options.peers].map(([peer, address]) => [peer, new PeerLink(options, peer, address)] as const),
    );
  }

  /** Rejects when the address is taken. */
  async listen(address: Address): Promise<void> {
    this.#listener = await this.#options.host.network.listen(address, (connection) =>
      this.#accept(connection),
    );
  }

  dial(): void {
    for (const link of this.#links.values()) link.dial();
  }

  /** False: nothing was sent and nothing will be. True: it may arrive, even late. */
  send(to: NodeId, frame: PeerFrame): boolean {
    return this.#links.get(to)?.send(frame) ?? false;
  }

  async close(): Promise<void> {
    for (const link of this.#links.values()) link.close();
    await this.#listener?.close();
  }

  #accept(connection: Connection): ConnectionEvents {
    const decoder = new FrameDecoder();
    let from: NodeId | undefined;
    let refused = false;
    const take = (payload: unknown): void => {
      const frame = parsePeerFrame(payload);
      if (frame === undefined) throw new FrameError('a frame of no known kind');
      if (from === undefined) from = this.#checkedHello(frame);
      else if (frame.kind === 'hello') throw new FrameError('a second hello');
      else {
        this.#links.get(from)?.heard();
        this.#options.onFrame(from, frame);
      }
    };
    return {
      onData: (bytes) => {
        if (refused) return;
        let payloads: unknown[];
        try {
          payloads = decoder.push(bytes);
          for (const payload of payloads) take(payload);
        } catch (error) {
          if (!(error instanceof FrameError)) throw error;
          refused = true;
          this.#options.host.log(`closed a connection of ${from ?? 'a stranger'}: ${error.message}`);
          connection.destroy();
        }
      },
      onClose: () => {},
    };
  }

  #checkedHello(frame: PeerFrame): NodeId {
    const { cluster, id } = this.#options;
    if (frame.kind !== 'hello') throw new FrameError('no hello');
    if (frame.cluster !== cluster)
      throw new FrameError(`a hello for cluster ${JSON.stringify(frame.cluster)}`);
    if (frame.to !== id) throw new FrameError(`a hello for node ${JSON.stringify(frame.to)}`);
    if (!this.#links.has(frame.from)) throw new FrameError(`a hello of node ${JSON.stringify(frame.from)}`);
    return frame.from;
  }
}

/** The dialed connection to one peer, made anew whenever it is lost. */
class PeerLink {
  readonly #options: TransportOptions;
  readonly #peer: NodeId;
  readonly #address: Address;
  #connection: Connection | undefined;
  #isOpen = false;
  #isClosed = false;
  #unheardBytes = 0;
  #timer: Timer | undefined;

  constructor(options: TransportOptions, peer: NodeId, address: Address) {
    this.#options = options;
    this.#peer = peer;
    this.#address = address;
  }

  dial(): void {
    const { host, cluster, id } = this.#options;
    const connection = host.network.connect(this.#address, {
      onOpen: () => {
        this.#timer?.cancel();
        this.#isOpen = true;
        this.#unheardBytes = 0;
        connection.write(
          encodeFrame({ kind: 'hello', cluster, from: id, to: this.#peer } satisfies PeerFrame),
        );
      },
      onData: () => {},
      onClose: () => this.#redial(),
    });
    this.#connection = connection;
    this.#timer = host.clock.timer(connectTimeoutMs, () => connection.destroy());
  }

  send(frame: PeerFrame): boolean {
    if (!this.#isOpen || this.#connection === undefined) return false;
    const bytes = encodeFrame(frame);
    const wouldWait = this.#unheardBytes > maxUnheardBytes || this.#connection.backlog > maxUnheardBytes;
    if (wouldWait && bytes.length > smallFrameBytes) return false;
    if (this.#connection.backlog > 2 * maxUnheardBytes) return false;
    this.#unheardBytes += bytes.length;
    this.#connection.write(bytes);
    return true;
  }

  heard(): void {
    this.#unheardBytes = 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#connection?.destroy();
  }

  #redial(): void {
    this.#isOpen = false;
    this.#connection = undefined;
    this.#timer?.cancel();
    if (this.#isClosed) return;
    const { host } = this.#options;
    this.#timer = host.clock.timer(redialMs * (1 + host.random()), () => this.dial());
  }
}
