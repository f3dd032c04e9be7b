// A register whose written values are unique while they matter, judged event by event while a run goes on, in memory
// that what is open bounds and not how long the run was.
//
// The rules are those of linearizable/unique-writes/monitor.ts, where the theorem is argued. What is added is forgetting.
// With σ the first invocation among operations that are open (crashed ones never complete, so they do not count), every
// operation that will complete yet began at σ or later. So
//   - a cluster d is dead when for some other cluster c F(c) < σ and S(c) > F(d): one more operation of d would conflict
//     with c;
//   - a value with a completion later in its chain before σ is dead: one more operation that needs it would be stale, and
//     one more cas that takes it would be the second.
// What is dead is dropped, and needing what is not there is the violation "no source". A value that is written again
// after it was dropped is as good as a new one, for whoever completes from then on cannot mean the old one. Writers of
// which nobody has seen anything are kept, crashed ones too: they may show at any time.

import type { Model, Move } from '../model.ts';
import type { Call } from '../op.ts';

type ValueKey = string | number;

interface Value<State> {
  readonly key: ValueKey;
  readonly state: State;
  /** Its writer's; undefined for the initial value. */
  readonly call: Call | undefined;
  /** When its writer began; -1 for the initial value. */
  readonly begun: number;
  /** What its writer needs; undefined for a blind write and for the initial value. */
  readonly from: ValueKey | undefined;
  /** Of a crashed writer that nobody has seen yet: he may be asked for again. */
  crashed: boolean;
  /** Undefined while the value is not active. */
  cluster: Cluster<State> | undefined;
  /** What the cas that left it took, unless that is forgotten. */
  before: Value<State> | undefined;
  /** What the active cas that took it left. */
  next: Value<State> | undefined;
  /** The first completion of an operation later in the chain. */
  over: number;
  /** The walk to the head of the chain goes through it. */
  walked: boolean;
}

interface Cluster<State> {
  /** The first value of the chain that is not forgotten. */
  head: Value<State>;
  /** F: the first completion. */
  first: number;
  /** S: the last invocation. */
  last: number;
}

/** Which rule leaves no order; in words in key-watch.ts. */
export type Clash = 'no source' | 'taken twice' | 'stale' | 'zones';

/** Active values that are no reason yet to look for what can be forgotten. */
const FEW = 16;

/** Times are positions in the history, rising. */
export class UniqueMonitor<State> {
  readonly #model: Model<State>;
  readonly #values = new Map<ValueKey, Value<State>>();
  #clusters: Cluster<State>[] = [];
  #active = 1;
  #sweepAt = FEW;
  #crashed = 0;

  constructor(model: Model<State>, initial: State) {
    this.#model = model;
    // As if written and acknowledged before the first event.
    const value = this.#value(initial, undefined, -1, undefined);
    value.cluster = { head: value, first: -1, last: -1 };
    this.#clusters.push(value.cluster);
    this.#values.set(value.key, value);
  }

  /** Values held, and clusters of them. */
  get size(): number {
    return this.#values.size + this.#clusters.length;
  }

  /** Crashed writers of whom nobody has seen anything. */
  get crashed(): number {
    return this.#crashed;
  }

  /** A writer begins. False where his value is one of those that still matter: then it is not unique. */
  begin(call: Call, state: State, needs: Move<State>['needs'], time: number): boolean {
    const from = needs === undefined ? undefined : this.#model.key(needs.state);
    const value = this.#value(state, call, time, from);
    if (this.#values.has(value.key)) return false;
    this.#values.set(value.key, value);
    return true;
  }

  /** An operation that left `state`, or needed it and did not change it, was open from `begun` to `time`. */
  complete(state: State, begun: number, time: number): Clash | undefined {
    const value = this.#values.get(this.#model.key(state));
    if (value === undefined) return 'no source';
    let grown = false;
    if (value.cluster === undefined) {
      const clash = this.#activate(value, time);
      if (clash !== undefined) return clash;
      grown = true;
    }
    if (begun > value.over) return 'stale';
    // Where it is set it is so for all before: each is set once.
    for (let at = value.before; at !== undefined && at.over === Infinity; at = at.before) at.over = time;
    const cluster = value.cluster as unknown as Cluster<State>;
    if (begun > cluster.last) {
      cluster.last = begun;
      grown = true;
    }
    return grown && this.#conflicts(cluster) ? 'zones' : undefined;
  }

  /** The writer that left `state` is known not to have taken effect. */
  withdraw(state: State): Clash | undefined {
    const key = this.#model.key(state);
    const value = this.#values.get(key);
    if (value?.cluster !== undefined) return 'no source';
    this.#values.delete(key);
    return undefined;
  }

  /** The writer that leaves `state` will never complete. */
  crash(state: State): void {
    const value = this.#values.get(this.#model.key(state));
    if (value === undefined || value.cluster !== undefined) return;
    value.crashed = true;
    this.#crashed++;
  }

  /**
   * Forgets what is dead when `sigma` is the first invocation among the operations that are open, Infinity where none
   * is. Without `now` only when there is enough of it to be worth a look.
   */
  sweep(sigma: number, now = false): void {
    if (!now && this.#active < this.#sweepAt) return;
    let best: Cluster<State> | undefined;
    let second = -1;
    for (const cluster of this.#clusters) {
      if (cluster.first >= sigma) continue;
      if (best === undefined || cluster.last > best.last) {
        second = best?.last ?? -1;
        best = cluster;
      } else if (cluster.last > second) second = cluster.last;
    }
    this.#clusters = this.#clusters.filter((cluster) => {
      const after = cluster === best ? second : (best?.last ?? -1);
      if (after > cluster.first) {
        for (let at: Value<State> | undefined = cluster.head; at !== undefined; at = at.next)
          this.#forget(at);
        return false;
      }
      while (cluster.head.over < sigma) {
        this.#forget(cluster.head);
        cluster.head = cluster.head.next as Value<State>;
        cluster.head.before = undefined;
      }
      return true;
    });
    this.#sweepAt = this.#active * 2 + FEW;
  }

  /**
   * Where no operation is open and every order ends with the same value: that value, and what crashed writers may still
   * do (they need not have taken effect yet, for nobody has seen it). Everything before may then be left out.
   */
  settled(): { readonly state: State; readonly crashed: readonly Call[] } | undefined {
    this.sweep(Infinity, true);
    const [cluster, another] = this.#clusters;
    if (cluster === undefined || another !== undefined) return undefined;
    const crashed: Call[] = [];
    if (this.#crashed > 0) {
      for (const { crashed: isCrashed, call } of this.#values.values()) {
        if (isCrashed && call !== undefined) crashed.push(call);
      }
    }
    return { state: cluster.head.state, crashed };
  }

  #value(state: State, call: Call | undefined, begun: number, from: ValueKey | undefined): Value<State> {
    return {
      key: this.#model.key(state),
      state,
      call,
      begun,
      from,
      crashed: false,
      cluster: undefined,
      before: undefined,
      next: undefined,
      over: Infinity,
      walked: false,
    };
  }

  /** Makes the value active, and those before it in its chain that are not yet. */
  #activate(value: Value<State>, time: number): Clash | undefined {
    const path: Value<State>[] = [];
    let cluster: Cluster<State> | undefined;
    for (let at = value; cluster === undefined; ) {
      if (at.cluster !== undefined) {
        cluster = at.cluster;
        break;
      }
      const from = at.from === undefined ? undefined : this.#values.get(at.from);
      if (at.walked || (at.from !== undefined && from === undefined)) return 'no source';
      at.walked = true;
      path.push(at);
      if (from === undefined) {
        cluster = { head: at, first: time, last: at.begun };
        this.#clusters.push(cluster);
      } else at = from;
    }
    for (let i = path.length - 1; i >= 0; i--) {
      const at = path[i] as Value<State>;
      at.cluster = cluster;
      this.#active++;
      if (at.crashed) {
        at.crashed = false;
        this.#crashed--;
      }
      if (at.from !== undefined) {
        const from = this.#values.get(at.from) as Value<State>;
        if (from.next !== undefined) return 'taken twice';
        from.next = at;
        at.before = from;
      }
      if (at.begun > cluster.last) cluster.last = at.begun;
    }
    return undefined;
  }

  /** Whether some other cluster can be neither before this one nor after it. */
  #conflicts(cluster: Cluster<State>): boolean {
    for (const other of this.#clusters) {
      if (other !== cluster && other.first < cluster.last && cluster.first < other.last) return true;
    }
    return false;
  }

  #forget(value: Value<State>): void {
    this.#values.delete(value.key);
    this.#active--;
  }
}
