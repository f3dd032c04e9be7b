// Sees how links fare: sends tokens to other helpers and keeps what comes from them, by UDP, where each direction is
// seen by itself, and by TCP, which alone can be reset.

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, isIPv4, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Arrivals } from './arrivals.ts';
import { type Family, families } from './family.ts';
import type { OwnAddresses } from './own-namespace.ts';
import type { AskOf, Connected, Connecting, Heard, Sent } from './protocol.ts';
import { probePort } from './protocol.ts';
import { monotonicMs, readToken, tokenText } from './token.ts';

/** How long a helper may take to hear itself, before its silence says nothing. */
const controlLimitMs = 2_000;
/** Whoever hears himself late is listened to that many times as long. */
const slowness = 4;
/** A pause after each so many packets, so that no buffer overflows that no rule is about. */
const batch = 20;
/** The most that the kernel grants is what it becomes. */
const receiveBufferBytes = 4 * 1024 * 1024;

export class Prober {
  readonly #arrivals = new Arrivals();
  readonly #sockets: ReadonlyMap<Family, Socket>;
  readonly #own: ReadonlyMap<Family, string>;

  private constructor(sockets: ReadonlyMap<Family, Socket>, own: ReadonlyMap<Family, string>) {
    this.#sockets = sockets;
    this.#own = own;
  }

  /** Listens in the families that the node has. Throws when somebody else has the port. */
  static async open(own: OwnAddresses): Promise<Prober> {
    const addresses = new Map<Family, string>();
    for (const family of families) {
      const address = own[family];
      if (address !== undefined) addresses.set(family, address);
    }
    const sockets = new Map<Family, Socket>();
    const prober = new Prober(sockets, addresses);
    for (const family of addresses.keys()) {
      sockets.set(family, await prober.#listenUdp(family));
      await prober.#listenTcp(family);
    }
    return prober;
  }

  /** Resolves when everything has left. */
  async send({ targets, count, bytes, spacingMs }: Omit<AskOf<'probe-send'>, 'kind'>): Promise<Sent> {
    const errors: Record<string, string> = {};
    const sending: Promise<void>[] = [];
    for (let number = 0; number < count; number++) {
      for (const { address, nonce } of targets) {
        const sent = this.#sendOne(address, tokenText({ nonce, number, sentAtMs: monotonicMs() }, bytes));
        sending.push(
          sent.catch((error: unknown) => {
            errors[nonce] = error instanceof Error ? error.message : String(error);
          }),
        );
      }
      if (spacingMs > 0 && number % batch === batch - 1) await sleep(spacingMs);
    }
    await Promise.all(sending);
    return { errors };
  }

  /**
   * Waits until all have come, for `waitMs` at most, and longer where this machine is slow: silence must not be
   * mistaken for slowness. The token to itself queues behind whatever came before it.
   */
  async heard({ expected, waitMs }: Omit<AskOf<'probe-heard'>, 'kind'>): Promise<Heard> {
    const begun = monotonicMs();
    const control = this.#hearItself();
    const patience = async () => {
      const ownMs = await control;
      await sleep(Math.max(0, Math.max(waitMs, slowness * (ownMs ?? 0)) - (monotonicMs() - begun)));
    };
    await this.#arrivals.when(expected, patience());
    const arrivals: Heard['arrivals'] = {};
    for (const { nonce } of expected) {
      const came = this.#arrivals.of(nonce);
      if (came.length > 0) arrivals[nonce] = [...came];
    }
    return {
      arrivals,
      control: (await control) !== undefined,
      waitedMs: Math.round(monotonicMs() - begun),
    };
  }

  /** Opens a connection to each target and says the nonce, which the far end repeats. */
  async connect({ targets, waitMs }: Omit<AskOf<'probe-connect'>, 'kind'>): Promise<Connected> {
    const begun = monotonicMs();
    const control = this.#hearItself();
    const patience = async () => {
      const ownMs = await control;
      await sleep(Math.max(0, Math.max(waitMs, slowness * (ownMs ?? 0)) - (monotonicMs() - begun)));
    };
    const over = patience();
    const seen = await Promise.all(
      targets.map(async ({ address, nonce }) => [nonce, await connectOnce(address, nonce, over)] as const),
    );
    return { connections: Object.fromEntries(seen) };
  }

  /** How long a token to itself took in the slower family; undefined: it did not come at all. */
  async #hearItself(): Promise<number | undefined> {
    const begun = monotonicMs();
    const own = [...this.#own.values()].map((address) => ({ address, nonce: freshNonce() }));
    await this.send({ targets: own, count: 1, bytes: 1, spacingMs: 0 });
    const expected = own.map(({ nonce }) => ({ nonce, count: 1 }));
    await this.#arrivals.when(expected, sleep(controlLimitMs, undefined, { ref: false }));
    const came = own.every(({ nonce }) => this.#arrivals.of(nonce).length > 0);
    for (const { nonce } of own) this.#arrivals.forget(nonce);
    return came ? monotonicMs() - begun : undefined;
  }

  #sendOne(address: string, text: string): Promise<void> {
    const socket = this.#sockets.get(isIPv4(address) ? 'v4' : 'v6');
    if (socket === undefined) return Promise.reject(new Error(`this node has no address like ${address}`));
    return new Promise((resolve, reject) => {
      socket.send(text, probePort, address, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  async #listenUdp(family: Family): Promise<Socket> {
    const socket = createSocket(
      family === 'v4' ? { type: 'udp4' } : { type: 'udp6', ipv6Only: true },
      (message) => {
        this.#take(message.toString('latin1'));
      },
    );
    socket.bind(probePort);
    await once(socket, 'listening');
    socket.setRecvBufferSize(receiveBufferBytes);
    return socket;
  }

  async #listenTcp(family: Family): Promise<Server> {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => undefined);
      const lines = createInterface({ input: socket });
      lines.on('error', () => undefined);
      lines.on('line', (line) => {
        if (socket.writable) socket.write(`${line}\n`);
      });
    });
    server.listen(
      family === 'v4'
        ? { port: probePort, host: '0.0.0.0' }
        : { port: probePort, host: '::', ipv6Only: true },
    );
    await once(server, 'listening');
    return server;
  }

  #take(text: string): void {
    const token = readToken(text);
    if (token === undefined) return;
    const underWayMs = Math.round((monotonicMs() - token.sentAtMs) * 10) / 10;
    this.#arrivals.add(token.nonce, [token.number, underWayMs, text.length]);
  }
}

async function connectOnce(host: string, nonce: string, patience: Promise<void>): Promise<Connecting> {
  const begun = monotonicMs();
  const socket = connect({ host, port: probePort, noDelay: true });
  const seen = await Promise.race([
    new Promise<Omit<Connecting, 'ms'>>((resolve) => {
      socket.on('connect', () => socket.write(`${nonce}\n`));
      socket.on('data', () => {
        resolve({ outcome: 'answered' });
      });
      socket.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
        resolve({ outcome: outcomes.get(code) ?? 'failed', code });
      });
      socket.on('end', () => {
        resolve({ outcome: 'failed', code: 'ended' });
      });
    }),
    patience.then(() => ({ outcome: 'silent' as const })),
  ]);
  socket.destroy();
  return { ...seen, ms: Math.round((monotonicMs() - begun) * 10) / 10 };
}

const outcomes = new Map<string, Connecting['outcome']>([
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ECONNREFUSED', 'refused'],
]);

function freshNonce(): string {
  return randomBytes(8).toString('hex');
}
