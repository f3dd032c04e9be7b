// The node program without its world: joins transport, replica, requests and the client API, and starts and ends them
// in order. Everything it touches comes through the host.

import type { Address } from '../../harness/environment.ts';
import type { Envelope, NodeId } from '../raft/messages.ts';
import { Raft } from '../raft/raft.ts';
import type { Rules } from '../raft/rules.ts';
import { formatReply, maxBodyBytes, parseHttpRequest } from './api.ts';
import type { Duties } from './duties.ts';
import type { Host, HttpReply, HttpRequest, Listener } from './host.ts';
import type { PeerFrame } from './peer-frame.ts';
import { Replica } from './replica.ts';
import { errorReply } from './request.ts';
import { Requests } from './requests.ts';
import { Transport } from './transport.ts';
import { WriteAheadLog } from './wal.ts';

export interface ServerOptions {
  readonly id: NodeId;
  /** Nodes of another cluster are turned away. */
  readonly cluster: string;
  readonly listenClient: Address;
  readonly listenPeer: Address;
  /** Where this node reaches each of the others. */
  readonly peers: ReadonlyMap<NodeId, Address>;
  readonly dataDirectory: string;
  readonly heartbeatMs: number;
  /** Elections start after one to two times this long without a leader. */
  readonly electionMs: number;
  readonly rules: Rules;
  readonly duties: Duties;
  /** Set when rules or duties are not the proper ones; told in the status. */
  readonly mutant?: string;
  /** Called at most once; the program must end then. */
  readonly onFatal: (error: unknown) => void;
}

export class Server {
  readonly #host: Host;
  readonly #options: ServerOptions;
  readonly #transport: Transport;
  #replica: Replica | undefined;
  #requests: Requests | undefined;
  #clients: Listener | undefined;
  #isStopping = false;

  private constructor(host: Host, options: ServerOptions) {
    this.#host = host;
    this.#options = options;
    this.#transport = new Transport({
      host,
      cluster: options.cluster,
      id: options.id,
      peers: options.peers,
      onFrame: (from, frame) => this.#onFrame(from, frame),
    });
  }

  /**
   * Resolves when the node serves. Its addresses are taken before its log is opened, so that a second copy that was
   * started by mistake ends before it can touch the data.
   */
  static async start(host: Host, options: ServerOptions): Promise<Server> {
    const server = new Server(host, options);
    await server.#transport.listen(options.listenPeer);
    server.#clients = await host.network.serve(options.listenClient, { maxBodyBytes }, (request) =>
      server.#serve(request),
    );
    await server.#recover();
    server.#transport.dial();
    return server;
  }

  /** Answers what is pending, finishes the write under way, closes everything. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#requests?.stop();
    await this.#clients?.close();
    await this.#replica?.stop();
    await this.#transport.close();
  }

  async #recover(): Promise<void> {
    const { id, peers, dataDirectory, heartbeatMs, electionMs, rules, duties } = this.#options;
    const host = this.#host;
    const { log, hardState, entries, tornBytes } = await WriteAheadLog.open(host.disk, dataDirectory);
    if (tornBytes > 0) host.log(`cut ${tornBytes} bytes of an interrupted write off the log`);
    const raft = new Raft({
      id,
      members: [id, ...peers.keys()].sort(),
      heartbeatMs,
      electionMs,
      random: () => host.random(),
      rules,
      now: host.clock.now(),
      hardState,
      entries,
    });
    const replica = new Replica(host, raft, log, duties, {
      send: (envelope) => this.#sendToPeer(envelope),
      answer: (answer, result) => this.#requests?.onAnswer(answer, result),
      stepped: () => this.#requests?.onStepped(),
      failed: (error) => this.#options.onFatal(error),
    });
    this.#replica = replica;
    this.#requests = new Requests({
      host,
      id,
      replica,
      duties,
      leaderWaitMs: electionMs,
      send: (to, frame) => this.#transport.send(to, frame),
    });
    host.log(`serves with ${entries.length} entries, term ${hardState.term}`);
  }

  #sendToPeer({ to, message }: Envelope): void {
    this.#transport.send(to, { kind: 'raft', message });
  }

  #onFrame(from: NodeId, frame: PeerFrame): void {
    switch (frame.kind) {
      case 'hello':
        return;
      case 'raft':
        this.#replica?.submit({ kind: 'receive', from, message: frame.message });
        return;
      case 'forward':
        this.#requests?.onForward(from, frame.id, frame.request);
        return;
      case 'forwarded':
        this.#requests?.onForwarded(from, frame.id, frame.reply);
        return;
    }
  }

  async #serve(http: HttpRequest): Promise<HttpReply> {
    const asked = parseHttpRequest(http);
    if (asked.kind === 'refused') return formatReply(asked.reply);
    if (asked.kind === 'ping') return { status: 200, body: '{}' };
    if (this.#replica === undefined || this.#requests === undefined)
      return formatReply(errorReply('starting'));
    if (asked.kind === 'status') return { status: 200, body: JSON.stringify(this.#status(this.#replica)) };
    return formatReply(await this.#requests.ask(asked.request));
  }

  #status(replica: Replica): Record<string, unknown> {
    const { mutant } = this.#options;
    return {
      ...replica.status(),
      applied: replica.applied,
      hash: replica.register.hash(),
      pid: this.#host.pid,
      wallMs: this.#host.wall(),
      ...(mutant !== undefined && { mutant }),
    };
  }
}
