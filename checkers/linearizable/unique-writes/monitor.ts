// A register whose written values are unique, judged event by event in linear time, whatever is open at once.
//
// Gibbons and Korach ("Testing shared memories", 1997, section 4.1: the read-mapping is known) and Golab, Li and Shah
// ("Analyzing consistency properties for fun and profit", 2011: zones), extended by cas and by crashed operations.
//
// A value that a completed operation left or needed is *active*: whoever leaves it took effect, also when he crashed, and
// so did, if he is a cas, whoever left what he needs. Active values form chains x0 → x1 → …, each link a cas, headed by a
// blind write or by the initial value. All operations on the values of a chain are a *cluster*. In any order, a cluster
// stands in one block, for any change by another in between would end the chain. With F the first completion in a
// cluster and S its last invocation, completed operations and active writers taken together, the history has an order
// exactly when
//   0. every active value hangs on a chain, and no two active cas need the same value (it comes up once);
//   1. within a cluster, no operation completed before another began whose place in the chain is earlier;
//   2. for no two clusters c and d both F(c) < S(d) and F(d) < S(c).
// Needed, because F(c) < S(d) says that some operation of c completed before one of d began, so that c's block is before
// d's. Enough, because by 1 the block may be any stretch of time that reaches back to F and on to S, or any instant
// between S and F, and if blocks cannot be put one after the other, some cycle of "is before" says so: of its clusters
// the one with the smallest F is before all others, also before the one that is before it, which is a cycle of two.
//
// A crashed operation whose value is not active can be left out: nobody needed what it left. (This would be wrong beside
// an operation that needs "any value but x"; a refused cas is here an observation of the value that it found.)
//
// Each rule is tried when the last event that it takes has come, so a violation is told at the first completion that
// leaves no order, what is still open then being as good as crashed.

import { INITIAL, type Moves } from '../moves.ts';
import { NONE } from '../problem.ts';

/** After everything. */
const NEVER = 0x7fffffff;
/** In place of a cluster: the walk to the head of the chain is under way. */
const WALKED = -2;

/** What leaves no order, by values; a cluster is named by the value at its head. */
export type Violation =
  /** Rule 0: `value` is active, but its chain goes back to a value that nobody who had begun leaves, or to itself. */
  | { readonly rule: 'no source'; readonly value: number }
  /** Rule 0: a second cas from `taken` became active, through `value`, after one had by the completion `over`. */
  | { readonly rule: 'taken twice'; readonly value: number; readonly taken: number; readonly over: number }
  /** Rule 1: `value` was needed by an operation that began after the event `over`, the completion of a later one. */
  | { readonly rule: 'stale'; readonly value: number; readonly over: number }
  /** Rule 2. */
  | { readonly rule: 'zones'; readonly cluster: number; readonly other: number };

export interface Bad {
  readonly violation: Violation;
  /** The completion at which there was no order any more, as an index of `events`. */
  readonly event: number;
}

/** What is known of each value, one after the other in `values`: what is asked together lies together. */
export const FIELDS = 8;
/** Who leaves it; NONE before he began. */
export const WRITER = 0;
/** Since when he may have. */
const BEGUN = 1;
/** What its writer needs; NONE for a blind write and for the initial value. */
export const FROM = 2;
/** What the active cas that took it away left; NONE where there is none. */
export const NEXT = 3;
/** The head of its chain; NONE while it is not active. */
const CLUSTER = 4;
/** The first completion of an operation later in the chain; NEVER where there is none. */
export const OVER = 5;
/** Of a cluster: F and S. */
export const FIRST = 6;
export const LAST = 7;

/** Times are indexes of `events`. */
export class Monitor {
  readonly #moves: Moves;
  /** By value, FIELDS for each. */
  readonly values: Int32Array;
  /**
   * By row: of an open operation its invocation. Of a completed observer, the row of the one of the same value that
   * completed next; of the last one, that of the first.
   */
  readonly links: Int32Array;
  /** By value: the row of the observer that completed last, and one; 0: none did. */
  readonly lastObserver: Int32Array;
  /** Clusters by rising F. */
  readonly clusters: Int32Array;
  #clusterCount = 0;
  /** By cluster with F < S: the next in `clusters` to compare with. 0 for the others. */
  readonly #nextToCompare: Int32Array;
  /** Zones (F, S) of the clusters with F < S by rising F. As long as there is an order they do not meet. */
  readonly #zones: Int32Array;
  readonly #zoneStarts: Int32Array;
  #zoneCount = 0;
  /** Values from one that becomes active back to the first of its chain that was not. */
  readonly #path: Int32Array;

  constructor(moves: Moves) {
    this.#moves = moves;
    const { states } = moves;
    this.values = new Int32Array(states * FIELDS);
    const { values } = this;
    for (let at = 0; at < values.length; at += FIELDS) {
      values[at + WRITER] = NONE;
      values[at + BEGUN] = NONE;
      values[at + FROM] = NONE;
      values[at + NEXT] = NONE;
      values[at + CLUSTER] = NONE;
      values[at + OVER] = NEVER;
      values[at + FIRST] = NEVER;
      values[at + LAST] = NONE;
    }
    this.links = new Int32Array(moves.needs.length);
    this.lastObserver = new Int32Array(states);
    this.clusters = new Int32Array(states);
    this.#nextToCompare = new Int32Array(states);
    this.#zones = new Int32Array(states);
    this.#zoneStarts = new Int32Array(states);
    this.#path = new Int32Array(states);
    // As if written and acknowledged before the first event.
    values[INITIAL * FIELDS + CLUSTER] = INITIAL;
    values[INITIAL * FIELDS + FIRST] = -1;
    this.clusters[this.#clusterCount++] = INITIAL;
  }

  /** Bytes held. */
  get bytes(): number {
    return 4 * (this.links.length + (FIELDS + 6) * this.lastObserver.length);
  }

  /** How many of `clusters` there are. */
  get clusterCount(): number {
    return this.#clusterCount;
  }

  /** Takes in the events from `start` up to `end`. */
  run(start: number, end: number): Bad | undefined {
    const { needs, leaves, events } = this.#moves;
    const { links, values, lastObserver } = this;
    for (let time = start; time < end; time++) {
      const event = events[time] as number;
      const row = event >>> 1;
      const left = leaves[row] as number;
      if ((event & 1) === 0) {
        links[row] = time;
        if (left === NONE) continue;
        const at = left * FIELDS;
        values[at + WRITER] = row;
        values[at + BEGUN] = time;
        values[at + FROM] = needs[row] as number;
        continue;
      }
      const value = left === NONE ? (needs[row] as number) : left;
      const violation = this.#complete(value, links[row] as number, time);
      if (violation !== undefined) return { violation, event: time };
      if (left !== NONE) continue;
      const last = lastObserver[value] as number;
      lastObserver[value] = row + 1;
      if (last === 0) links[row] = row;
      else {
        links[row] = links[last - 1] as number;
        links[last - 1] = row;
      }
    }
    return undefined;
  }

  /** An operation that left or needed (and did not change) `value` was open from `begun` to `time`. */
  #complete(value: number, begun: number, time: number): Violation | undefined {
    const { values } = this;
    const at = value * FIELDS;
    let grown = false;
    if ((values[at + CLUSTER] as number) < 0) {
      const violation = this.#activate(value);
      if (violation !== undefined) return violation;
      grown = true;
    }
    const over = values[at + OVER] as number;
    if (begun > over) return { rule: 'stale', value, over };
    // Where it is set it is so for all before: each is set once.
    for (let before = values[at + FROM] as number; before !== NONE; ) {
      const place = before * FIELDS;
      if (values[place + OVER] !== NEVER) break;
      values[place + OVER] = time;
      before = values[place + FROM] as number;
    }
    const cluster = values[at + CLUSTER] as number;
    const head = cluster * FIELDS;
    if (values[head + FIRST] === NEVER) {
      values[head + FIRST] = time;
      this.clusters[this.#clusterCount++] = cluster;
      grown = true;
    }
    if (begun > (values[head + LAST] as number)) {
      values[head + LAST] = begun;
      grown = true;
    }
    if (!grown) return undefined;
    const other = this.#conflict(cluster);
    return other === NONE ? undefined : { rule: 'zones', cluster, other };
  }

  /** Rule 0: makes the value active, and those before it in its chain that are not yet. */
  #activate(value: number): Violation | undefined {
    const path = this.#path;
    const { values } = this;
    let steps = 0;
    let cluster = NONE;
    for (let at = value; cluster === NONE; ) {
      const place = at * FIELDS;
      const known = values[place + CLUSTER] as number;
      if (known >= 0) cluster = known;
      else if (known === WALKED || values[place + BEGUN] === NONE) {
        for (let i = 0; i < steps; i++) values[(path[i] as number) * FIELDS + CLUSTER] = NONE;
        return { rule: 'no source', value };
      } else {
        values[place + CLUSTER] = WALKED;
        path[steps++] = at;
        const from = values[place + FROM] as number;
        if (from === NONE) cluster = at;
        else at = from;
      }
    }
    const head = cluster * FIELDS;
    for (let i = steps - 1; i >= 0; i--) {
      const at = path[i] as number;
      const place = at * FIELDS;
      values[place + CLUSTER] = cluster;
      const from = values[place + FROM] as number;
      if (from !== NONE) {
        if (values[from * FIELDS + NEXT] !== NONE) {
          return { rule: 'taken twice', value, taken: from, over: values[from * FIELDS + OVER] as number };
        }
        values[from * FIELDS + NEXT] = at;
      }
      const begun = values[place + BEGUN] as number;
      if (begun > (values[head + LAST] as number)) values[head + LAST] = begun;
    }
    return undefined;
  }

  /**
   * Rule 2: some other cluster that cannot be before this one, nor after it; NONE where there is none. Of two clusters in
   * conflict one at least has F < S. The one that changed last is compared with the other.
   */
  #conflict(cluster: number): number {
    const { values } = this;
    const first = values[cluster * FIELDS + FIRST] as number;
    const last = values[cluster * FIELDS + LAST] as number;
    if (last < first) {
      // Zones do not meet: only the last that begins before S can reach over F.
      const before = this.#zonesBefore(last) - 1;
      if (before < 0) return NONE;
      const zone = this.#zones[before] as number;
      return (values[zone * FIELDS + LAST] as number) > first ? zone : NONE;
    }
    if (this.#nextToCompare[cluster] === 0) {
      const place = this.#zonesBefore(first);
      const before = this.#zones[place - 1] as number;
      if (place > 0 && (values[before * FIELDS + LAST] as number) > first) return before;
      this.#insertZone(place, cluster, first);
      // Those with a smaller F and a larger S than this F are zones, so this is the place to begin.
      this.#nextToCompare[cluster] = this.#clustersUpTo(first);
    }
    let next = this.#nextToCompare[cluster] as number;
    for (; next < this.#clusterCount; next++) {
      const other = (this.clusters[next] as number) * FIELDS;
      if ((values[other + FIRST] as number) > last) break;
      if ((values[other + LAST] as number) > first) return this.clusters[next] as number;
    }
    this.#nextToCompare[cluster] = next;
    return NONE;
  }

  #insertZone(place: number, cluster: number, first: number): void {
    if (place < this.#zoneCount) {
      this.#zones.copyWithin(place + 1, place, this.#zoneCount);
      this.#zoneStarts.copyWithin(place + 1, place, this.#zoneCount);
    }
    this.#zones[place] = cluster;
    this.#zoneStarts[place] = first;
    this.#zoneCount++;
  }

  /** How many zones begin before this time; mostly it is asked for a recent one. */
  #zonesBefore(time: number): number {
    const starts = this.#zoneStarts;
    let high = this.#zoneCount;
    let stride = 1;
    while (high > 0 && (starts[Math.max(0, high - stride)] as number) >= time) {
      high = Math.max(0, high - stride);
      stride *= 2;
    }
    let low = Math.max(0, high - stride);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many clusters have an F of at most this time. */
  #clustersUpTo(time: number): number {
    let low = 0;
    let high = this.#clusterCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.values[(this.clusters[middle] as number) * FIELDS + FIRST] as number) <= time)
        low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
