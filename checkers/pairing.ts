// Which completion belongs to which invocation, and the rules a history keeps: one open operation a process, nothing
// after info, both ends of one call.

import type { Op } from './op.ts';

interface Open {
  readonly index: number;
  readonly f: string;
  readonly key: string | undefined;
}

export class Pairing {
  readonly #open = new Map<number, Open>();
  readonly #retired = new Set<number>();
  /** By f: a mark may fall between the two ends of a fault, and must not part them. */
  readonly #openNemesis = new Map<string, number>();

  /**
   * The index of the invocation that this op completes, or undefined when it completes none; text when it breaks a
   * rule: what was found, what is allowed. Then nothing has changed.
   */
  add(index: number, op: Omit<Op, 'index'>): number | undefined | string {
    if (op.process === 'nemesis') return this.#addNemesis(index, op);
    return op.type === 'invoke' ? this.#invoke(index, op, op.process) : this.#complete(op, op.process);
  }

  #invoke(index: number, op: Omit<Op, 'index'>, process: number): undefined | string {
    const open = this.#open.get(process);
    if (open !== undefined) {
      return `process ${process} invokes ${op.f} while its operation ${open.index} is open; a process has one at a time`;
    }
    if (this.#retired.has(process)) {
      return `process ${process} goes on after info; its id must be retired`;
    }
    this.#open.set(process, { index, f: op.f, key: op.key });
    return undefined;
  }

  #complete(op: Omit<Op, 'index'>, process: number): number | string {
    const open = this.#open.get(process);
    if (open === undefined) {
      return `process ${process} completes ${op.f} without an invocation; each completion needs its own before it`;
    }
    if (open.f !== op.f || open.key !== op.key) {
      return (
        `process ${process} completes ${callText(op.f, op.key)}, but its open operation ${open.index} is ` +
        `${callText(open.f, open.key)}; both ends have the same f and key`
      );
    }
    this.#open.delete(process);
    if (op.type === 'info') this.#retired.add(process);
    return open.index;
  }

  /**
   * The nemesis has no rules to break. Our faults are invoke then info (ok and fail are accepted); Jepsen writes info
   * at both ends, the first being the start. Old files hold lone infos as well: what never finds its other end stays
   * alone.
   */
  #addNemesis(index: number, op: Omit<Op, 'index'>): number | undefined {
    const open = this.#openNemesis.get(op.f);
    if (open !== undefined && op.type !== 'invoke') {
      this.#openNemesis.delete(op.f);
      return open;
    }
    if (op.type === 'invoke' || op.type === 'info') this.#openNemesis.set(op.f, index);
    return undefined;
  }
}

function callText(f: string, key: string | undefined): string {
  return key === undefined ? f : `${f} of ${key}`;
}
