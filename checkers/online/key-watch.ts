// One key while the run goes on. As long as no value is written a second time while it still matters, the monitor judges
// it event by event; from then on, and for models whose calls are no moves, the configuration search does.
//
// The search has to begin at a moment at which the state is known. Such moments come whenever nothing is open on the key
// and all orders end alike; what came after the last one is kept for it, up to a limit.

import type { Model, Move } from '../model.ts';
import type { Call, Op } from '../op.ts';
import { ConfigurationSearch, type SearchLimits } from './configuration-search.ts';
import { callOf, resultOf, type Violation } from './op-ends.ts';
import { type Clash, UniqueMonitor } from './unique-monitor.ts';

export interface KeyLimits extends SearchLimits {
  /** Ops kept since the last moment at which the state was known. */
  readonly kept: number;
  /** Look for what can be forgotten at every event: for tests. */
  readonly sweepAlways: boolean;
}

interface Open<State> {
  readonly invocation: Op;
  readonly begun: number;
  /** What the call may do before its outcome is known. */
  readonly move: Move<State>;
}

/** As many ops at least before it is asked whether the state is known. */
const KNOWN_EVERY = 16;

export class KeyWatch<State> {
  violation: Violation | undefined;
  /** Why this key is judged no more while the run goes on, as a clause that fits after "because". */
  unknown: string | undefined;
  readonly #model: Model<State>;
  readonly #limits: KeyLimits;
  /** By process, hence the first that began comes first. */
  #open = new Map<Op['process'], Open<State>>();
  #monitor: UniqueMonitor<State> | undefined;
  #search: ConfigurationSearch<State> | undefined;
  /** Where `#kept` begins; undefined where too much has come since the state was known. */
  #start: { readonly state: State; readonly crashed: readonly Call[] } | undefined;
  #kept: Op[] = [];

  constructor(model: Model<State>, limits: KeyLimits) {
    this.#model = model;
    this.#limits = limits;
    if (model.move === undefined) {
      this.#search = new ConfigurationSearch(model, model.init(), [], limits);
    } else {
      this.#monitor = new UniqueMonitor(model, model.init());
      this.#start = { state: model.init(), crashed: [] };
    }
  }

  /** Ops, values and configurations held. */
  get size(): number {
    return this.#open.size + this.#kept.length + (this.#monitor?.size ?? 0) + (this.#search?.size ?? 0);
  }

  /** Ops held only for the case that a value is written twice. */
  get kept(): number {
    return this.#kept.length;
  }

  get isIdle(): boolean {
    return this.#open.size === 0;
  }

  /** Takes in an op of this key; ops come in the order of the history. */
  append(op: Op): void {
    if (this.unknown !== undefined || this.violation !== undefined) return;
    if (this.#search !== undefined) return this.#searchOn(op);
    this.#keep(op);
    if (op.type === 'invoke') this.#begin(op);
    else this.#end(op);
    if (this.violation !== undefined) this.#drop();
    if (this.#monitor === undefined) return;
    this.#monitor.sweep(this.#oldest(), this.#limits.sweepAlways);
    if (op.type !== 'invoke') this.#noteWhatIsKnown();
  }

  /** The run is over: what is open is as good as crashed. */
  finish(): void {
    if (this.#search === undefined || this.violation !== undefined || this.unknown !== undefined) return;
    this.#search.finish();
    this.#takeOver(this.#search);
  }

  /** Lets go of what is kept for the case that a value is written twice. */
  forgetKept(): void {
    this.#kept = [];
    this.#start = undefined;
  }

  #begin(op: Op): void {
    const move = this.#model.move?.(op, undefined) ?? {};
    this.#open.set(op.process, { invocation: op, begun: op.index, move });
    const left = this.#left(move);
    if (left === undefined) return;
    if (this.#monitor?.begin(callOf(op), left.state, move.needs, op.index) === false) this.#turnToSearch();
  }

  #end(op: Op): void {
    const open = this.#open.get(op.process);
    if (open === undefined) throw new Error(`op ${op.index} completes what was not invoked`);
    this.#open.delete(op.process);
    const monitor = this.#monitor as UniqueMonitor<State>;
    const begun = this.#left(open.move);
    const result = resultOf(op);
    if (op.type === 'info') {
      if (begun !== undefined) monitor.crash(begun.state);
      return;
    }
    if (result === undefined) {
      if (begun !== undefined) this.#judge(op, open, monitor.withdraw(begun.state));
      return;
    }
    const move = this.#model.move?.(open.invocation, result) ?? {};
    const left = this.#left(move);
    if (left === undefined) {
      if (begun !== undefined) this.#judge(op, open, monitor.withdraw(begun.state));
      if (this.violation !== undefined || move.needs === undefined) return;
      if (!this.#model.step(move.needs.state, open.invocation, result).ok) {
        this.violation = { operation: open.invocation.index, why: 'no state allows what it was told' };
        return;
      }
      this.#judge(op, open, monitor.complete(move.needs.state, open.begun, op.index));
    } else if (!this.#isSame(left, begun) || !this.#isSame(move.needs, open.move.needs)) {
      this.#turnToSearch();
    } else this.#judge(op, open, monitor.complete(left.state, open.begun, op.index));
  }

  /** What the move changes the state to; undefined where it changes nothing. */
  #left({ needs, leaves }: Move<State>): Move<State>['leaves'] {
    return this.#isSame(needs, leaves) ? undefined : leaves;
  }

  #isSame(a: { readonly state: State } | undefined, b: { readonly state: State } | undefined): boolean {
    if (a === undefined || b === undefined) return a === b;
    return this.#model.key(a.state) === this.#model.key(b.state);
  }

  #judge(op: Op, open: Open<State>, clash: Clash | undefined): void {
    if (clash === undefined) return;
    const why = op.type === 'fail' && op.found === undefined ? reasons.withdrawn : reasons[clash];
    this.violation = { operation: open.invocation.index, why };
  }

  /** When the first began of the operations that may complete yet. */
  #oldest(): number {
    for (const { begun } of this.#open.values()) return begun;
    return Infinity;
  }

  #keep(op: Op): void {
    if (this.#start === undefined) return;
    if (this.#kept.length < this.#limits.kept) this.#kept.push(op);
    else this.forgetKept();
  }

  #noteWhatIsKnown(): void {
    const monitor = this.#monitor;
    if (monitor === undefined || this.#open.size > 0) return;
    if (this.#start !== undefined && this.#kept.length < KNOWN_EVERY + monitor.crashed) return;
    const known = monitor.settled();
    if (known === undefined) return;
    this.#start = known;
    this.#kept = [];
  }

  #turnToSearch(): void {
    const start = this.#start;
    const kept = this.#kept;
    this.#drop();
    if (start === undefined) {
      this.unknown = 'a value was written twice, and too much had come since its state was known';
      return;
    }
    const search = new ConfigurationSearch(this.#model, start.state, start.crashed, this.#limits);
    this.#search = search;
    for (const op of kept) {
      search.append(op);
      if (this.#takeOver(search)) return;
    }
  }

  #searchOn(op: Op): void {
    const search = this.#search as ConfigurationSearch<State>;
    search.append(op);
    this.#takeOver(search);
  }

  /** True when the search has come to its end. */
  #takeOver({ violation, unknown }: ConfigurationSearch<State>): boolean {
    this.violation = violation;
    this.unknown = unknown;
    if (violation === undefined && unknown === undefined) return false;
    this.#drop();
    return true;
  }

  #drop(): void {
    this.#monitor = undefined;
    this.#search = undefined;
    this.#open = new Map();
    this.forgetKept();
  }
}

const reasons: Readonly<Record<Clash | 'withdrawn', string>> = {
  'no source': 'the value it tells of was never written, or had been overwritten before it began',
  'taken twice': 'the value that a cas had taken away is taken by another one',
  stale: 'the value it tells of had been replaced, and seen to be, before it began',
  zones:
    'its value and another one were each confirmed before an operation of the other began, so neither came first',
  withdrawn: 'it certainly failed, but its value has been seen',
};
