// Sees how a link fares: a token is sent through a proxy of its own that obeys the same link, to an echo server that
// stands for the far node. Both ends are here, so it is known whether the token arrived and whether the answer did.

import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address, NodeName } from '../../environment.ts';
import type { Probed } from '../protocol.ts';

export class Prober {
  readonly #arrivals = new Map<string, () => void>();

  /** Answers each line by its first word. Not listening yet. */
  echoServer(): Server {
    return createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => undefined);
      const lines = createInterface({ input: socket });
      lines.on('error', () => undefined);
      lines.on('line', (line) => {
        const token = line.slice(0, tokenLength);
        this.#arrivals.get(token)?.();
        if (socket.writable) socket.write(`${token}\n`);
      });
    });
  }

  /**
   * Resolves as soon as the answer or a reset is there. Silence is waited for `limitMs`, and longer where the control,
   * a probe around the link, shows that this machine is slow: silence must not be mistaken for slowness.
   */
  async probe(
    link: { readonly from: NodeName; readonly to: NodeName },
    places: { readonly proxy: Address; readonly direct: Address },
    { limitMs, payloadBytes }: { readonly limitMs: number; readonly payloadBytes: number },
  ): Promise<Probed> {
    const begun = performance.now();
    const control = this.#ask(places.direct, 0, sleep(controlLimitMs, undefined, { ref: false }));
    const patience = async () => {
      const { answeredMs } = await control;
      const waitMs = Math.max(limitMs, slowness * (answeredMs ?? 0)) - (performance.now() - begun);
      await sleep(Math.max(0, waitMs), undefined, { ref: false });
    };
    const seen = await this.#ask(places.proxy, payloadBytes, patience());
    return {
      from: link.from,
      to: link.to,
      ...seen,
      control: (await control).answeredMs !== null,
      waitedMs: Math.round(performance.now() - begun),
    };
  }

  async #ask(place: Address, payloadBytes: number, patience: Promise<void>): Promise<Seen> {
    const token = randomBytes(tokenLength / 2).toString('hex');
    const begun = performance.now();
    const elapsedMs = () => Math.round((performance.now() - begun) * 10) / 10;
    let arrivedMs: number | null = null;
    let answeredMs: number | null = null;
    let connected = false;
    let reset = false;
    this.#arrivals.set(token, () => {
      arrivedMs = elapsedMs();
    });
    const socket = connect({ ...place, noDelay: true });
    const over = new Promise<void>((resolve) => {
      socket.on('connect', () => {
        connected = true;
        socket.write(`${token}${'.'.repeat(payloadBytes)}\n`);
      });
      socket.on('data', () => {
        answeredMs = elapsedMs();
        resolve();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        reset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        resolve();
      });
      socket.on('end', resolve);
    });
    await Promise.race([over, patience]);
    socket.destroy();
    this.#arrivals.delete(token);
    return { connected, arrivedMs, answeredMs, reset };
  }
}

type Seen = Pick<Probed, 'connected' | 'arrivedMs' | 'answeredMs' | 'reset'>;

const tokenLength = 16;
const controlLimitMs = 2_000;
/** A way through a proxy is two connections instead of one, and something to spare. */
const slowness = 4;
