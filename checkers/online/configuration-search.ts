// One key under any model, while the run goes on: the set of all configurations that explain what was released so far.
//
// Lowe, "Testing for linearizability" (2017): just-in-time linearization. An operation is put in order only when its
// completion, or that of one after it in the order, demands it. To know what an open operation answers, ops wait behind
// a watermark: one is released when every operation invoked before it has ended. They wait no longer than an operation
// may take.

import type { Model } from '../model.ts';
import type { Call, Op, Result } from '../op.ts';
import { callOf, resultOf, type Violation } from './op-ends.ts';

export interface SearchLimits {
  /** Configurations that one event may visit, and events that may wait. */
  readonly configurations: number;
}

interface Waiting {
  readonly call: Call;
  readonly operation: number;
  outcome: 'open' | 'completed' | 'crashed' | 'nothing';
  result: Result | undefined;
  isObserver: boolean;
  /** A bit of its own while it is released and not discharged; a crashed one keeps it. */
  bit: bigint;
  /** Of crashed ones: the same for equal calls, which may stand for each other. */
  sameAs: string;
}

interface Configuration<State> {
  readonly state: State;
  /** Bits of those released operations that have taken effect. */
  readonly done: bigint;
}

interface Event {
  readonly waiting: Waiting;
  readonly isInvocation: boolean;
}

export class ConfigurationSearch<State> {
  violation: Violation | undefined;
  unknown: string | undefined;
  readonly #model: Model<State>;
  readonly #limits: SearchLimits;
  readonly #byProcess = new Map<Op['process'], Waiting>();
  #events: Event[] = [];
  /** Of `#events`, those before it are released. */
  #released = 0;
  /** Released and able to take effect, in the order of their invocations. */
  readonly #able = new Set<Waiting>();
  #freeBits: bigint[] = [];
  #bits = 0n;
  #layer: readonly Configuration<State>[];

  /** `crashed`: calls that may take effect from the beginning on. */
  constructor(model: Model<State>, initial: State, crashed: readonly Call[], limits: SearchLimits) {
    this.#model = model;
    this.#limits = limits;
    this.#layer = [{ state: initial, done: 0n }];
    for (const call of crashed) {
      const waiting = this.#wait(call, -1);
      waiting.outcome = 'crashed';
      this.#release({ waiting, isInvocation: true });
    }
  }

  /** Ops and configurations held. */
  get size(): number {
    return this.#events.length - this.#released + this.#able.size + this.#layer.length;
  }

  append(op: Op): void {
    if (op.type === 'invoke') {
      const waiting = this.#wait(callOf(op), op.index);
      this.#byProcess.set(op.process, waiting);
      this.#events.push({ waiting, isInvocation: true });
    } else {
      const waiting = this.#byProcess.get(op.process);
      if (waiting === undefined) throw new Error(`op ${op.index} completes what was not invoked`);
      this.#byProcess.delete(op.process);
      waiting.result = resultOf(op);
      if (op.type === 'info') waiting.outcome = 'crashed';
      else if (waiting.result === undefined) waiting.outcome = 'nothing';
      else {
        waiting.outcome = 'completed';
        this.#events.push({ waiting, isInvocation: false });
      }
    }
    this.#releaseWhatCan();
  }

  /** What is open will never complete. */
  finish(): void {
    for (const waiting of this.#byProcess.values()) waiting.outcome = 'crashed';
    this.#byProcess.clear();
    this.#releaseWhatCan();
  }

  #wait(call: Call, operation: number): Waiting {
    return { call, operation, outcome: 'open', result: undefined, isObserver: false, bit: 0n, sameAs: '' };
  }

  #releaseWhatCan(): void {
    for (
      let event = this.#events[this.#released];
      event !== undefined;
      event = this.#events[this.#released]
    ) {
      if (event.waiting.outcome === 'open') break;
      this.#released++;
      this.#release(event);
      if (this.violation !== undefined || this.unknown !== undefined) return;
    }
    if (this.#released * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#released);
      this.#released = 0;
    }
    if (this.#events.length - this.#released > this.#limits.configurations) {
      this.unknown = 'more ops wait for one that is open than are kept';
    }
  }

  #release({ waiting, isInvocation }: Event): void {
    if (isInvocation) this.#begin(waiting);
    else this.#discharge(waiting);
  }

  #begin(waiting: Waiting): void {
    waiting.isObserver = this.#model.isObserver(waiting.call, waiting.result);
    if (waiting.outcome === 'nothing') return;
    if (waiting.outcome === 'crashed') {
      // Nobody was told what it saw, and it changes nothing.
      if (waiting.isObserver) return;
      waiting.sameAs = JSON.stringify([waiting.call.f, waiting.call.value]);
    }
    waiting.bit = this.#freeBits.pop() ?? 1n << this.#bits++;
    this.#able.add(waiting);
    if (waiting.isObserver) this.#layer = this.#layer.map((configuration) => this.#observed(configuration));
  }

  /** The operation has completed: in each configuration it has taken effect by now. */
  #discharge(completed: Waiting): void {
    const next = new Map<string, Configuration<State>>();
    const visited = new Map<string, Configuration<State>>();
    const todo: Configuration<State>[] = [];
    const visit = (configuration: Configuration<State>): void => {
      const name = this.#name(configuration);
      if (visited.has(name)) return;
      visited.set(name, configuration);
      todo.push(configuration);
    };
    for (const configuration of this.#layer) visit(configuration);
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      if ((at.done & completed.bit) !== 0n) {
        const discharged = { state: at.state, done: at.done & ~completed.bit };
        next.set(this.#name(discharged), discharged);
        continue;
      }
      for (const successor of this.#successors(at)) visit(successor);
      if (visited.size > this.#limits.configurations) {
        this.unknown = `more than ${this.#limits.configurations} configurations came at one event`;
        return;
      }
    }
    this.#able.delete(completed);
    this.#freeBits.push(completed.bit);
    this.#layer = [...next.values()];
    if (this.#layer.length > 0) return;
    this.violation = {
      operation: completed.operation,
      why: 'no order of the operations explains what it was told',
    };
  }

  *#successors({ state, done }: Configuration<State>): Iterable<Configuration<State>> {
    const tried = new Set<string>();
    for (const waiting of this.#able) {
      if ((done & waiting.bit) !== 0n) continue;
      if (waiting.outcome === 'crashed') {
        // Of equal ones the first that is left.
        if (tried.has(waiting.sameAs)) continue;
        tried.add(waiting.sameAs);
      }
      const step = this.#model.step(state, waiting.call, waiting.result);
      if (step.ok) yield this.#observed({ state: step.state, done: done | waiting.bit });
    }
  }

  /** Those that observe and are legal now have their place here: that leaves the same state, and less to be done. */
  #observed({ state, done }: Configuration<State>): Configuration<State> {
    let more = done;
    for (const { isObserver, bit, call, result } of this.#able) {
      if (isObserver && (more & bit) === 0n && this.#model.step(state, call, result).ok) more |= bit;
    }
    return more === done ? { state, done } : { state, done: more };
  }

  #name({ state, done }: Configuration<State>): string {
    const key = this.#model.key(state);
    return `${done.toString(36)} ${typeof key === 'number' ? '#' : '$'}${key}`;
  }
}
