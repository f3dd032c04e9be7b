// One direction of one connection: takes what the source says, holds it as the link's rule demands, and says it to the
// sink in the same order, the end or the reset of the source last.

import type { Socket } from 'node:net';
import type { Link } from './link.ts';

/** What is held here at most; beyond it the source is not read, so that it feels the pressure as it would from TCP. */
const heldBytesLimit = 64 * 1024;
/** More where a delay must not become a limit: enough for 10 MB/s at 100 ms. */
const delayedBytesLimit = 1024 * 1024;

/** How a source stops speaking: it ended in good order, or its connection broke. */
export type Ending = 'end' | 'reset';

interface Held {
  readonly dueAt: number;
  readonly chunk: Buffer;
}

export class Direction {
  readonly #link: Link;
  readonly #onReset: () => void;
  #source: Socket | undefined;
  #sink: Socket | undefined;
  #held: Held[] = [];
  #heldBytes = 0;
  #ending: Ending | undefined;
  /** The ending that the sink was told. */
  #told: Ending | undefined;
  #sinkIsFull = false;
  #timer: NodeJS.Timeout | undefined;

  /** `onReset` is called when the reset of the source has come to the sink's side: both ends are to be broken. */
  constructor(link: Link, onReset: () => void) {
    this.#link = link;
    this.#onReset = onReset;
  }

  readFrom(source: Socket): void {
    this.#source = source;
    source.on('data', (chunk: Buffer) => {
      this.#hold(chunk);
    });
    this.advance();
  }

  writeTo(sink: Socket): void {
    this.#sink = sink;
    sink.on('drain', () => {
      this.#sinkIsFull = false;
      this.advance();
    });
    this.advance();
  }

  /** The source said its last. A reset may follow an end: the other side did not want to hear any more. */
  sourceStopped(ending: Ending): void {
    if (this.#ending === 'reset') return;
    this.#ending = ending;
    this.advance();
  }

  /** Does whatever the rule allows now. */
  advance(): void {
    clearTimeout(this.#timer);
    const silent = this.#link.rule?.kind === 'drop';
    if (!silent) this.#deliver();
    // While there is no sink yet the source is read under a drop as well, to notice that it gave up.
    if (this.#mayRead(silent && this.#sink !== undefined)) this.#source?.resume();
    else this.#source?.pause();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#held = [];
    this.#heldBytes = 0;
  }

  #mayRead(silent: boolean): boolean {
    if (silent || this.#sinkIsFull || this.#sink?.writable === false) return false;
    const limit = this.#link.rule?.kind === 'delay' ? delayedBytesLimit : heldBytesLimit;
    return this.#heldBytes < limit;
  }

  #hold(chunk: Buffer): void {
    const last = this.#held.at(-1);
    // Jitter must not reorder a stream of bytes.
    const dueAt = Math.max(performance.now() + this.#link.delayMs(), last?.dueAt ?? 0);
    this.#held.push({ dueAt, chunk });
    this.#heldBytes += chunk.length;
    this.advance();
  }

  #deliver(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    for (let head = this.#held[0]; head !== undefined; head = this.#held[0]) {
      if (!sink.writable) break;
      if (this.#sinkIsFull) return;
      // A delay that was taken away holds back nothing any more.
      const waitMs = this.#link.rule?.kind === 'delay' ? head.dueAt - performance.now() : 0;
      if (waitMs > 0) return this.#wakeIn(waitMs);
      const granted = this.#link.take(head.chunk.length);
      if (granted === 0) return this.#wakeIn(this.#link.waitMs());
      this.#say(sink, head, granted);
    }
    this.#tell(sink);
  }

  #say(sink: Socket, { dueAt, chunk }: Held, bytes: number): void {
    if (bytes === chunk.length) this.#held.shift();
    else this.#held[0] = { dueAt, chunk: chunk.subarray(bytes) };
    this.#heldBytes -= bytes;
    this.#sinkIsFull = !sink.write(chunk.subarray(0, bytes));
  }

  #tell(sink: Socket): void {
    if (this.#ending === undefined || this.#ending === this.#told) return;
    this.#told = this.#ending;
    if (this.#ending === 'end') sink.end();
    else this.#onReset();
  }

  #wakeIn(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.advance();
    }, Math.ceil(waitMs));
  }
}
