// Which completion belongs to which invocation, and the rules a history keeps: one open operation a process, nothing
// after info, both ends of one call.

import { type Columns, INFO, INVOKE, NEMESIS } from './history-columns.ts';

/** A process without an open operation; an open one is known by its index. */
const IDLE = -1;
const RETIRED = -2;

export type Breach = 'open' | 'retired' | 'without invocation' | 'other call';

export class Pairing {
  /** By process: the index of its open operation, IDLE or RETIRED. */
  readonly #processes = new Map<number, number>();
  /** By f: a mark may fall between the two ends of a fault, and must not part them. */
  readonly #openNemesis = new Map<number, number>();

  /** The open operation of a process. */
  open(process: number): number | undefined {
    const state = this.#processes.get(process);
    return state === undefined || state < 0 ? undefined : state;
  }

  /**
   * The index of the invocation that this op completes, or -1 when it completes none; the rule that it breaks, and then
   * nothing has changed. `columns` hold all ops before.
   */
  add(
    index: number,
    type: number,
    process: number,
    f: number,
    key: number,
    columns: Columns,
  ): number | Breach {
    if (process === NEMESIS) return this.#addNemesis(index, type, f);
    const state = this.#processes.get(process) ?? IDLE;
    if (type === INVOKE) {
      if (state !== IDLE) return state === RETIRED ? 'retired' : 'open';
      this.#processes.set(process, index);
      return -1;
    }
    if (state < 0) return 'without invocation';
    if (columns.f[state] !== f || columns.key[state] !== key) return 'other call';
    this.#processes.set(process, type === INFO ? RETIRED : IDLE);
    return state;
  }

  /**
   * The nemesis has no rules to break. Our faults are invoke then info (ok and fail are accepted); Jepsen writes info
   * at both ends, the first being the start. Old files hold lone infos as well: what never finds its other end stays
   * alone.
   */
  #addNemesis(index: number, type: number, f: number): number {
    const open = this.#openNemesis.get(f);
    if (open !== undefined && type !== INVOKE) {
      this.#openNemesis.delete(f);
      return open;
    }
    if (type === INVOKE || type === INFO) this.#openNemesis.set(f, index);
    return -1;
  }
}
