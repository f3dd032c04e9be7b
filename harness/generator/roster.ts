// Which threads are free and which process each of them runs: the part of a run that contexts are made of. The
// interpreter and the simulation keep one each.

import type { Process } from '../../checkers/op.ts';
import type { Stream } from '../random.ts';
import type { Context, Thread } from './generator.ts';

export class Roster {
  readonly #clients: number;
  readonly #threads: readonly Thread[];
  readonly #stream: Stream;
  readonly #processes = new Map<Thread, Process>();
  #drawn = 0;
  #free: readonly Thread[] = [];

  /** Client threads 0 to `clients - 1` and the nemesis, all free. */
  constructor(clients: number, stream: Stream) {
    this.#clients = clients;
    this.#stream = stream;
    this.#threads = [...Array.from({ length: clients }, (_, thread) => thread), 'nemesis'];
    for (const thread of this.#threads) {
      this.#processes.set(thread, thread);
      this.release(thread);
    }
  }

  get anyFree(): boolean {
    return this.#free.length > 0;
  }

  context(time: number): Context {
    return {
      time,
      threads: this.#threads,
      free: this.#free,
      processOf: this.processOf,
      threadOf: this.threadOf,
    };
  }

  readonly processOf = (thread: Thread): Process => {
    const process = this.#processes.get(thread);
    if (process === undefined) throw new RangeError(`there is no thread ${thread}`);
    return process;
  };

  readonly threadOf = (process: Process): Thread =>
    process === 'nemesis' ? process : process % this.#clients;

  take(thread: Thread): void {
    this.#free = this.#free.filter((free) => free !== thread);
  }

  /**
   * Goes to a random place, which keeps the whole order random: whoever takes the first thread takes each of the free
   * ones equally often, and so does a plan that may only use some of them.
   */
  release(thread: Thread): void {
    const place = this.#stream.integer(this.#drawn++, this.#free.length + 1);
    this.#free = this.#free.toSpliced(place, 0, thread);
  }

  /** The thread's process is over; the thread goes on with a number that was never used. */
  retire(thread: Thread): void {
    const process = this.processOf(thread);
    if (process !== 'nemesis') this.#processes.set(thread, process + this.#clients);
  }
}
