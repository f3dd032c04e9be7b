// Sees how a link fares: a token is sent through a proxy of its own that obeys the same link, to an echo server that
// stands for the far node. Both ends are here, so it is known whether the token arrived and whether the answer did.

import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
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

  /** Resolves as soon as the answer or a reset is there, after `limitMs` at the latest. */
  async probe(
    link: { readonly from: NodeName; readonly to: NodeName },
    places: { readonly proxy: Address; readonly direct: Address },
    options: { readonly limitMs: number; readonly payloadBytes: number },
  ): Promise<Probed> {
    const [through, around] = await Promise.all([
      this.#ask(places.proxy, options),
      this.#ask(places.direct, { limitMs: options.limitMs, payloadBytes: 0 }),
    ]);
    return { from: link.from, to: link.to, control: around.answeredMs !== null, ...through };
  }

  async #ask(
    place: Address,
    { limitMs, payloadBytes }: { readonly limitMs: number; readonly payloadBytes: number },
  ): Promise<Omit<Probed, 'from' | 'to' | 'control'>> {
    const token = randomBytes(tokenLength / 2).toString('hex');
    const seen = { connected: false, arrivedMs: null, answeredMs: null, reset: false } as {
      -readonly [field in 'connected' | 'arrivedMs' | 'answeredMs' | 'reset']: Probed[field];
    };
    const start = performance.now();
    const elapsedMs = () => Math.round((performance.now() - start) * 10) / 10;
    this.#arrivals.set(token, () => {
      seen.arrivedMs = elapsedMs();
    });
    const socket = connect({ ...place, noDelay: true });
    try {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        const finish = () => {
          clearTimeout(timer);
          resolve();
        };
        socket.on('connect', () => {
          seen.connected = true;
          socket.write(`${token}${'.'.repeat(payloadBytes)}\n`);
        });
        socket.on('data', () => {
          seen.answeredMs = elapsedMs();
          finish();
        });
        socket.on('error', (error: NodeJS.ErrnoException) => {
          seen.reset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
          finish();
        });
        socket.on('end', finish);
      });
      return { ...seen };
    } finally {
      socket.destroy();
      this.#arrivals.delete(token);
    }
  }
}

const tokenLength = 16;
