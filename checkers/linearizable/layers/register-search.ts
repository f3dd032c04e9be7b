// A search along the events of a register's history, all configurations at once ("just in time", Lowe, "Testing for
// linearizability", 2017): nothing is placed before a completion demands it, so after each event only the state and what
// is placed of the open operations tell configurations apart. A configuration takes some bits per operation that is open,
// however long the history is.
//
// A block is a blind write and the cas and observers up to the next blind write. Blocks are placed lazily:
//
// - Observers of the state are placed at once. That leaves the state as it is and fewer duties.
// - A block is placed when one of its operations completes: after the state (`now`), or, where a blind write was placed
//   since all of the block's operations were invoked, just before the last blind write (`earlier`). Operations invoked
//   before the last blind write are called old. An earlier block changes nothing but what is placed, since the blind write
//   after it hides what it leaves. That also covers an old write that nobody observes: it needs no step at all.
// - When a blind write comes, the block before it ends for good, so every way to go on with it is tried first.
//
// No order is lost. Take one that explains everything, and let the search place blocks of it as they fall due. If a block
// falls due while a later one is placed already, its operations were invoked before that one's first completion, so they
// are old, and all of the block may go just before the last blind write: those of its operations that are not placed are
// still open. If no later one is placed, it goes now, and blocks before it that have not been due can still go earlier.
//
// Among operations that do the same, the one that completes first is taken, as long as the others can do all that it could
// (exchange the two in any order). Crashed operations are used when no completed one will do, and only where the next step
// needs what they leave or an observer sees it: others could be struck out.

import type { Budget, GaveUp } from '../../checker.ts';
import { NONE } from '../problem.ts';
import { keepBest } from './beam.ts';
import { bits, lowest } from './bits.ts';
import { orderOf } from './certificate.ts';
import { CrashedUses } from './crashed-uses.ts';
import { Effort, GivingUp } from './effort.ts';
import { BITS, Layer, RANK, type Shape, STATE, STEP, shapeOf, USES } from './layer.ts';
import { BLIND, EARLIER, MOVE, stepItem } from './steps.ts';
import { CAS, CRASHED, FREE, OBSERVER, type Timeline, WRITE } from './timeline.ts';
import { NO_STEP, Trail } from './trail.ts';

/**
 * How crashed operations are treated.
 * - `exact`: each may be used once.
 * - `forced`: as few as possible at each completion. Orders found hold; that there is none means nothing.
 * - `unlimited`: each may be used any number of times. That there is no order holds; orders found mean nothing.
 */
export type CrashedUse = 'exact' | 'forced' | 'unlimited';

export interface RegisterSearchOptions {
  readonly budget: Budget;
  /** Give up with `limit` after so many configurations. */
  readonly configurations: number;
  readonly crashed: CrashedUse;
  /** Keep the best so many configurations of a layer only; then that there is no order means nothing. */
  readonly beam?: number;
  /** Any state before the first operation. */
  readonly anyStart?: boolean;
}

export type RegisterOutcome =
  | { readonly found: 'order'; readonly order: Int32Array; readonly configurations: number }
  /** An order was found that uses crashed operations more than once. */
  | { readonly found: 'unlimited order'; readonly configurations: number }
  /** `event`: the completion that no configuration survived; `longest`: an order of what completed before. */
  | {
      readonly found: 'none';
      readonly event: number;
      readonly longest: Int32Array;
      readonly configurations: number;
    }
  /** Configurations that were left out, in a beam or because of `forced`, might have gone on. */
  | { readonly found: 'lost'; readonly event: number; readonly configurations: number }
  | {
      readonly found: 'nothing yet';
      readonly cause: GaveUp | 'limit';
      readonly bytes: number;
      readonly configurations: number;
    };

/** Of the timeline and of what makes an order. */
const BYTES_PER_ROW = 60;

export function searchRegister(timeline: Timeline, options: RegisterSearchOptions): RegisterOutcome {
  const effort = new Effort(options.budget, options.configurations);
  try {
    return new RegisterSearch(timeline, options, effort).run();
  } catch (error) {
    if (!(error instanceof GivingUp)) throw error;
    const { bytes, configurations } = effort;
    return { found: 'nothing yet', cause: error.why, bytes, configurations };
  }
}

class RegisterSearch {
  readonly #timeline: Timeline;
  readonly #options: RegisterSearchOptions;
  readonly #needs: Int32Array;
  readonly #leaves: Int32Array;
  readonly #end: Int32Array;
  readonly #shape: Shape;
  readonly #words: number;
  readonly #uses: CrashedUses;
  readonly #trail: Trail;
  readonly #effort: Effort;
  #layer: Layer;
  #next: Layer;

  /** Bits of all open operations, laid out like the first half of a configuration's bits. */
  readonly #open: Int32Array;
  /** By state, words of bits: open operations that need it (cas, observers) or leave it (writes). */
  readonly #casOf: Int32Array;
  readonly #writesOf: Int32Array;
  readonly #observersOf: Int32Array;
  /** By slot: the row. */
  readonly #casRow: Int32Array;
  readonly #writeRow: Int32Array;

  /** Crashed operations invoked so far: all, and of each class. */
  #rank = 0;
  readonly #invoked: Int32Array;
  /** By class: the rank of each operation. */
  readonly #ranks: readonly number[][];
  /** By state: classes of crashed cas that need it. */
  readonly #crashedCasOf = new Map<number, number[]>();
  readonly #crashedWrites: number[] = [];
  readonly #unlimited: boolean;

  /** The completion that is being placed: its row, kind, place and bit among the used ones. */
  #now = 0;
  #target = 0;
  #kind = 0;
  #word = 0;
  #bit = 0;
  /** States from which cas and crashed cas lead to the one that the target needs, by stamp. */
  readonly #reach: Int32Array;
  #reachStamp = 0;

  /** Configurations on the way, by depth; the state that each is in, which earlier blocks do not keep in the configuration. */
  #stack: Int32Array<ArrayBuffer>;
  readonly #at: number[] = [];
  readonly #items: number[] = [];
  readonly #out: Int32Array;
  /** How many crashed operations may still be used for this completion. */
  #crashedLeft = Infinity;
  #isCut = false;

  constructor(timeline: Timeline, options: RegisterSearchOptions, effort: Effort) {
    this.#timeline = timeline;
    this.#effort = effort;
    effort.grow(0, timeline.kind.length * BYTES_PER_ROW);
    this.#options = options;
    const { moves, slots, classes, end } = timeline;
    this.#needs = moves.needs;
    this.#leaves = moves.leaves;
    this.#end = end;
    this.#shape = shapeOf(slots);
    this.#words = this.#shape.words;
    this.#unlimited = options.crashed === 'unlimited';
    this.#uses = new CrashedUses(classes.length, effort);
    this.#trail = new Trail(effort);
    this.#layer = new Layer(this.#shape, this.#uses, effort);
    this.#next = new Layer(this.#shape, this.#uses, effort);
    this.#open = effort.array(this.#words);
    const { cas, writes, observers, oldCas } = this.#shape;
    this.#casOf = effort.array(moves.states * (writes - cas));
    this.#writesOf = effort.array(moves.states * (observers - writes));
    this.#observersOf = effort.array(moves.states * (oldCas - observers));
    this.#casRow = new Int32Array(slots[CAS]);
    this.#writeRow = new Int32Array(slots[WRITE]);
    this.#invoked = new Int32Array(classes.length);
    this.#ranks = classes.map(() => []);
    for (const [index, { needs }] of classes.entries()) {
      if (needs === NONE) this.#crashedWrites.push(index);
      else this.#crashedCasOf.set(needs, [...(this.#crashedCasOf.get(needs) ?? []), index]);
    }
    this.#reach = effort.array(moves.states);
    this.#stack = effort.array(this.#words * 16);
    this.#out = new Int32Array(this.#words);
  }

  run(): RegisterOutcome {
    this.#start();
    const { events } = this.#timeline.moves;
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as number;
      if ((event & 1) === 0) {
        this.#invoke(event >> 1);
        continue;
      }
      if (this.#timeline.kind[event >> 1] === FREE) continue;
      this.#complete(event >> 1, at);
      if (this.#next.count === 0) return this.#none(at);
      this.#swap();
    }
    const { configurations } = this.#effort;
    if (this.#unlimited && this.#timeline.classes.length > 0)
      return { found: 'unlimited order', configurations };
    const order = this.#options.anyStart === true ? new Int32Array(0) : this.#order(0, events.length);
    return { found: 'order', order, configurations };
  }

  #start(): void {
    const first = new Int32Array(this.#words);
    first[STEP] = NO_STEP;
    const { states } = this.#timeline.moves;
    // The number after the last stands for all states that nobody needs.
    for (let state = 0; state <= (this.#options.anyStart === true ? states : 0); state++) {
      first[STATE] = state;
      this.#layer.add(first, 0);
    }
  }

  #none(event: number): RegisterOutcome {
    const { configurations } = this.#effort;
    if (this.#isCut || this.#options.crashed === 'forced') return { found: 'lost', event, configurations };
    const longest =
      this.#unlimited || this.#options.anyStart === true ? new Int32Array(0) : this.#order(0, event);
    return { found: 'none', event, longest, configurations };
  }

  /** The order of one configuration of the layer: what completed before this event, and what that took. */
  #order(configuration: number, until: number): Int32Array {
    const step = this.#layer.data[configuration * this.#words + STEP] as number;
    return orderOf(this.#timeline, this.#trail.path(step), until);
  }

  #swap(): void {
    [this.#layer, this.#next] = [this.#next, this.#layer];
    const { beam } = this.#options;
    if (beam !== undefined && this.#layer.count > beam) this.#cut(beam);
    if (this.#trail.isFull) this.#trail.sweepLayer(this.#layer, this.#words);
  }

  /** Keeps the best: fewest crashed operations used, then least left to do. */
  #cut(beam: number): void {
    this.#isCut = true;
    const { data } = this.#layer;
    keepBest(this.#layer, beam, this.#effort, (index) => this.#score(data, index * this.#words));
  }

  #score(data: Int32Array, at: number): number {
    const { cas, writes, observers, oldCas, oldWrites } = this.#shape;
    let done = 0;
    for (let i = cas; i < writes; i++) done += bits(data[at + i] as number);
    for (let i = writes; i < observers; i++) {
      const used = data[at + i] as number;
      const old = data[at + i + oldWrites - writes] as number;
      done += bits(used) + 2 * bits(old & ~used);
    }
    for (let i = observers; i < oldCas; i++) done += 2 * bits(data[at + i] as number);
    return done - 1000 * this.#uses.total(data[at + USES] as number);
  }

  #invoke(row: number): void {
    const kind = this.#timeline.kind[row] as number;
    if (kind === FREE) return;
    const slot = this.#timeline.slot[row] as number;
    if (kind === CRASHED) {
      if (slot === NONE) return;
      this.#invoked[slot] = (this.#invoked[slot] as number) + 1;
      this.#ranks[slot]?.push(this.#rank++);
      return;
    }
    this.#flip(row, kind, slot);
    if (kind === CAS) this.#casRow[slot] = row;
    else if (kind === WRITE) this.#writeRow[slot] = row;
    else this.#placeNewObserver(this.#needs[row] as number, slot);
  }

  /** Opens or closes an operation in all tables of what is open. */
  #flip(row: number, kind: number, slot: number): void {
    const word = slot >> 5;
    const bit = 1 << (slot & 31);
    const { cas, writes, observers, oldCas } = this.#shape;
    const first = kind === CAS ? cas : kind === WRITE ? writes : observers;
    const words = kind === CAS ? writes - cas : kind === WRITE ? observers - writes : oldCas - observers;
    const table = kind === CAS ? this.#casOf : kind === WRITE ? this.#writesOf : this.#observersOf;
    const state = (kind === WRITE ? this.#leaves[row] : this.#needs[row]) as number;
    const at = state * words + word;
    table[at] = (table[at] as number) ^ bit;
    this.#open[first + word] = (this.#open[first + word] as number) ^ bit;
  }

  #placeNewObserver(state: number, slot: number): void {
    const { data, count } = this.#layer;
    const word = this.#shape.observers + (slot >> 5);
    const bit = 1 << (slot & 31);
    for (let at = 0; at < count * this.#words; at += this.#words) {
      if (data[at + STATE] === state) data[at + word] = (data[at + word] as number) | bit;
    }
  }

  #complete(row: number, at: number): void {
    const kind = this.#timeline.kind[row] as number;
    const slot = this.#timeline.slot[row] as number;
    const { cas, writes, observers } = this.#shape;
    this.#now = at;
    this.#target = row;
    this.#kind = kind;
    this.#word = (kind === CAS ? cas : kind === WRITE ? writes : observers) + (slot >> 5);
    this.#bit = 1 << (slot & 31);
    this.#next.clear();
    if (this.#isPlacedEverywhere()) {
      this.#forgetInPlace();
    } else {
      this.#prepareReach();
      const most =
        this.#timeline.classes.length === 0 ? 0 : this.#options.crashed === 'forced' ? MOST_FORCED : 0;
      for (let allowed = 0; allowed <= most; allowed++) {
        this.#crashedLeft = this.#options.crashed === 'forced' ? allowed : Infinity;
        this.#expandAll();
        if (this.#next.count > 0) break;
      }
      this.#next.compact();
    }
    this.#flip(row, kind, slot);
  }

  #isPlacedEverywhere(): boolean {
    const { data, count } = this.#layer;
    for (let at = this.#word; at < count * this.#words; at += this.#words) {
      if (((data[at] as number) & this.#bit) === 0) return false;
    }
    return true;
  }

  /** Everybody has placed it, so nobody comes to be like another when it is forgotten. */
  #forgetInPlace(): void {
    const { data, count } = this.#layer;
    const old = this.#shape.oldCas - BITS;
    for (let at = this.#word; at < count * this.#words; at += this.#words) {
      data[at] = (data[at] as number) & ~this.#bit;
      data[at + old] = (data[at + old] as number) & ~this.#bit;
    }
    [this.#layer, this.#next] = [this.#next, this.#layer];
    this.#effort.configurations += count;
    this.#effort.spend(count);
  }

  #expandAll(): void {
    const words = this.#words;
    const { count } = this.#layer;
    for (let i = 0; i < count; i++) {
      this.#effort.spend(1);
      const { data } = this.#layer;
      const from = i * words;
      for (let k = 0; k < words; k++) this.#stack[k] = data[from + k] as number;
      this.#at[0] = this.#stack[STATE] as number;
      if (((this.#stack[this.#word] as number) & this.#bit) !== 0) this.#emit(0);
      else if (this.#kind === WRITE) this.#expandWrite();
      else this.#expandNeeding();
    }
  }

  /** A write completes that was not used: nobody's duty when it is old, and in any case the last chance to see its value. */
  #expandWrite(): void {
    const old = ((this.#stack[this.#word + this.#shape.oldCas - BITS] as number) & this.#bit) !== 0;
    if (old) {
      const state = this.#leaves[this.#target] as number;
      this.#push(0, stepItem(EARLIER, this.#target, false), state);
      this.#set(1, this.#word, this.#bit);
      this.#observeOld(1, state);
      this.#goOnEarlier(1, true, 1);
    }
    this.#leave(0, 0);
  }

  /** A cas or an observer completes that was not placed. */
  #expandNeeding(): void {
    this.#goOnNow(0, 0);
    this.#leave(0, 0);
    const old = ((this.#stack[this.#word + this.#shape.oldCas - BITS] as number) & this.#bit) !== 0;
    if (old) this.#beginEarlier();
  }

  /** Which states can lead to the one that the target needs. */
  #prepareReach(): void {
    this.#reachStamp++;
    if (this.#kind === WRITE) return;
    const stamp = this.#reachStamp;
    const goal = this.#needs[this.#target] as number;
    this.#reach[goal] = stamp;
    const { cas, writes } = this.#shape;
    for (let changed = true; changed; ) {
      changed = false;
      for (let word = cas; word < writes; word++) {
        for (let left = this.#open[word] as number; left !== 0; left &= left - 1) {
          const row = this.#casRow[((word - cas) << 5) + lowest(left)] as number;
          if (row === this.#target) continue;
          if (this.#mark(this.#needs[row] as number, this.#leaves[row] as number)) changed = true;
        }
      }
      for (const [index, { needs, leaves }] of this.#timeline.classes.entries()) {
        if (needs !== NONE && (this.#invoked[index] as number) > 0 && this.#mark(needs, leaves))
          changed = true;
      }
    }
  }

  #mark(from: number, to: number): boolean {
    if (this.#reach[to] !== this.#reachStamp || this.#reach[from] === this.#reachStamp) return false;
    this.#reach[from] = this.#reachStamp;
    return true;
  }

  /** Goes on with the block that the state belongs to, until the target is placed. `since`: the last depth that was of use. */
  #goOnNow(depth: number, since: number): void {
    this.#effort.spend(1);
    const at = depth * this.#words;
    if (this.#kind === OBSERVER && ((this.#stack[at + this.#word] as number) & this.#bit) !== 0) {
      this.#emit(depth);
      return;
    }
    const state = this.#stack[at + STATE] as number;
    const { cas, writes, oldCas } = this.#shape;
    const words = writes - cas;
    for (let word = 0; word < words; word++) {
      const open = this.#casOf[state * words + word] as number;
      for (let left = open & ~(this.#stack[at + cas + word] as number); left !== 0; left &= left - 1) {
        const row = this.#casRow[(word << 5) + lowest(left)] as number;
        const to = this.#leaves[row] as number;
        if (row !== this.#target && this.#reach[to] !== this.#reachStamp) continue;
        const bit = left & -left;
        const old = ((this.#stack[at + oldCas + word] as number) & bit) !== 0;
        if (this.#hasBetterCas(at, state, row, old)) continue;
        this.#push(depth, stepItem(MOVE, row, false), to);
        this.#set(depth + 1, cas + word, bit);
        this.#enter(depth + 1, to);
        if (row === this.#target) this.#emit(depth + 1);
        else this.#goOnNow(depth + 1, depth + 1);
      }
    }
    for (const crashed of this.#crashedCasFrom(state)) {
      const to = (this.#timeline.classes[crashed]?.leaves as number) ?? NONE;
      if (this.#reach[to] !== this.#reachStamp || this.#wasAt(to, since, depth)) continue;
      const late = this.#lateLeft(at, crashed) > 0;
      if (!late && this.#settledLeft(at, crashed) <= 0) continue;
      const rival = this.#rivalCas(at, state, to);
      if (rival === YOUNG || (rival === OLD && !late)) continue;
      this.#push(depth, stepItem(MOVE, crashed, true), to);
      this.#use(depth + 1, crashed, late);
      const seen = this.#enter(depth + 1, to);
      this.#goOnNow(depth + 1, seen ? depth + 1 : since);
      this.#crashedLeft++;
    }
  }

  /** Ends the block that the state belongs to, in every way there is, and begins another. */
  #leave(depth: number, since: number): void {
    this.#effort.spend(1);
    const at = depth * this.#words;
    // The walk of #goOnNow has been here and was done.
    if (this.#kind === OBSERVER && ((this.#stack[at + this.#word] as number) & this.#bit) !== 0) return;
    const state = this.#stack[at + STATE] as number;
    if (since === depth) {
      if (this.#kind === WRITE) this.#beginWithTarget(depth);
      else this.#beginNow(depth);
    }
    const { cas, writes } = this.#shape;
    const words = writes - cas;
    if (state >= this.#timeline.moves.states) return;
    for (let word = 0; word < words; word++) {
      const open = this.#casOf[state * words + word] as number;
      for (let left = open & ~(this.#stack[at + cas + word] as number); left !== 0; left &= left - 1) {
        const row = this.#casRow[(word << 5) + lowest(left)] as number;
        // With the target placed, the walk of #goOnNow has been here.
        if (row === this.#target) continue;
        const to = this.#leaves[row] as number;
        // The blind write that follows makes all of them old, so that only their ends tell them apart.
        if (this.#hasBetterCas(at, state, row, true)) continue;
        this.#push(depth, stepItem(MOVE, row, false), to);
        this.#set(depth + 1, cas + word, left & -left);
        this.#enter(depth + 1, to);
        this.#leave(depth + 1, depth + 1);
      }
    }
    for (const crashed of this.#crashedCasFrom(state)) {
      const to = (this.#timeline.classes[crashed]?.leaves as number) ?? NONE;
      if (this.#wasAt(to, since, depth) || this.#rivalCas(at, state, to) !== NOBODY) continue;
      const late = this.#lateLeft(at, crashed) > 0;
      if (!late && this.#settledLeft(at, crashed) <= 0) continue;
      this.#push(depth, stepItem(MOVE, crashed, true), to);
      this.#use(depth + 1, crashed, late);
      const seen = this.#enter(depth + 1, to);
      this.#leave(depth + 1, seen ? depth + 1 : since);
      this.#crashedLeft++;
    }
  }

  #beginWithTarget(depth: number): void {
    const to = this.#leaves[this.#target] as number;
    this.#push(depth, stepItem(BLIND, this.#target, false), to);
    this.#set(depth + 1, this.#word, this.#bit);
    this.#overwrite(depth + 1);
    this.#enter(depth + 1, to);
    this.#emit(depth + 1);
  }

  /** Begins a block with each blind write that can lead to the target. */
  #beginNow(depth: number): void {
    const at = depth * this.#words;
    const { writes, observers } = this.#shape;
    for (let word = writes; word < observers; word++) {
      const unused = (this.#open[word] as number) & ~(this.#stack[at + word] as number);
      for (let left = unused; left !== 0; left &= left - 1) {
        const row = this.#writeRow[((word - writes) << 5) + lowest(left)] as number;
        const to = this.#leaves[row] as number;
        if (this.#reach[to] !== this.#reachStamp || this.#hasBetterWrite(at, row, false)) continue;
        this.#push(depth, stepItem(BLIND, row, false), to);
        this.#set(depth + 1, word, left & -left);
        this.#overwrite(depth + 1);
        this.#enter(depth + 1, to);
        this.#goOnNow(depth + 1, depth + 1);
      }
    }
    if (this.#crashedLeft <= 0) return;
    for (const crashed of this.#crashedWrites) {
      const to = (this.#timeline.classes[crashed]?.leaves as number) ?? NONE;
      if (this.#reach[to] !== this.#reachStamp || this.#hasWrite(at, to, false)) continue;
      const left = this.#unlimited
        ? (this.#invoked[crashed] as number)
        : (this.#invoked[crashed] as number) - this.#uses.settled(this.#stack[at + USES] as number, crashed);
      if (left <= 0) continue;
      this.#push(depth, stepItem(BLIND, crashed, true), to);
      this.#use(depth + 1, crashed, false);
      this.#overwrite(depth + 1);
      this.#enter(depth + 1, to);
      this.#goOnNow(depth + 1, depth + 1);
      this.#crashedLeft++;
    }
  }

  /** Begins a block just before the last blind write, of old operations only. */
  #beginEarlier(): void {
    const { writes, observers, oldWrites } = this.#shape;
    for (let word = writes; word < observers; word++) {
      const old = this.#stack[word + oldWrites - writes] as number;
      for (let left = old & ~(this.#stack[word] as number); left !== 0; left &= left - 1) {
        const row = this.#writeRow[((word - writes) << 5) + lowest(left)] as number;
        const to = this.#leaves[row] as number;
        if (this.#reach[to] !== this.#reachStamp || this.#hasBetterWrite(0, row, true)) continue;
        this.#push(0, stepItem(EARLIER, row, false), to);
        this.#set(1, word, left & -left);
        this.#observeOld(1, to);
        this.#goOnEarlier(1, false, 1);
      }
    }
    if (this.#crashedLeft <= 0) return;
    for (const crashed of this.#crashedWrites) {
      const to = (this.#timeline.classes[crashed]?.leaves as number) ?? NONE;
      if (this.#reach[to] !== this.#reachStamp || this.#hasWrite(0, to, true)) continue;
      if (this.#settledLeft(0, crashed) <= 0) continue;
      this.#push(0, stepItem(EARLIER, crashed, true), to);
      this.#use(1, crashed, false);
      this.#observeOld(1, to);
      this.#goOnEarlier(1, false, 1);
      this.#crashedLeft++;
    }
  }

  /** Goes on with a block before the last blind write: until the target is placed, and then in every way there is. */
  #goOnEarlier(depth: number, placed: boolean, since: number): void {
    this.#effort.spend(1);
    const at = depth * this.#words;
    const state = this.#at[depth] as number;
    const isPlaced = placed || ((this.#stack[at + this.#word] as number) & this.#bit) !== 0;
    if (isPlaced && since === depth) this.#emit(depth);
    const { cas, writes, oldCas } = this.#shape;
    const words = writes - cas;
    for (let word = 0; word < words; word++) {
      const old = (this.#casOf[state * words + word] as number) & (this.#stack[at + oldCas + word] as number);
      for (let left = old & ~(this.#stack[at + cas + word] as number); left !== 0; left &= left - 1) {
        const row = this.#casRow[(word << 5) + lowest(left)] as number;
        const to = this.#leaves[row] as number;
        if (!isPlaced && row !== this.#target && this.#reach[to] !== this.#reachStamp) continue;
        if (this.#hasBetterOldCas(at, state, row)) continue;
        this.#push(depth, stepItem(EARLIER, row, false), to);
        this.#set(depth + 1, cas + word, left & -left);
        this.#observeOld(depth + 1, to);
        this.#goOnEarlier(depth + 1, isPlaced, depth + 1);
      }
    }
    for (const crashed of this.#crashedCasFrom(state)) {
      const to = (this.#timeline.classes[crashed]?.leaves as number) ?? NONE;
      if (!isPlaced && this.#reach[to] !== this.#reachStamp) continue;
      if (this.#settledLeft(at, crashed) <= 0 || this.#wasAt(to, since, depth)) continue;
      if (this.#rivalCas(at, state, to) === OLD) continue;
      this.#push(depth, stepItem(EARLIER, crashed, true), to);
      this.#use(depth + 1, crashed, false);
      const seen = this.#observeOld(depth + 1, to);
      this.#goOnEarlier(depth + 1, isPlaced, seen ? depth + 1 : since);
      this.#crashedLeft++;
    }
  }

  /** Copies the configuration of this depth to the next, with a step noted. */
  #push(depth: number, item: number, state: number): void {
    const words = this.#words;
    const from = depth * words;
    const to = from + words;
    if (to + words > this.#stack.length) this.#stack = this.#effort.grown(this.#stack);
    for (let i = 0; i < words; i++) this.#stack[to + i] = this.#stack[from + i] as number;
    this.#items[depth] = item;
    this.#at[depth + 1] = state;
  }

  #set(depth: number, word: number, bit: number): void {
    const at = depth * this.#words + word;
    this.#stack[at] = (this.#stack[at] as number) | bit;
  }

  /** The state is now this one: whoever observes it is placed. True when there was somebody. */
  #enter(depth: number, state: number): boolean {
    const at = depth * this.#words;
    this.#stack[at + STATE] = state;
    const { observers, oldCas } = this.#shape;
    const words = oldCas - observers;
    let seen = false;
    for (let i = 0; i < words; i++) {
      const before = this.#stack[at + observers + i] as number;
      const after = before | (this.#observersOf[state * words + i] as number);
      if (after !== before) seen = true;
      this.#stack[at + observers + i] = after;
    }
    return seen;
  }

  /** The same for old observers of a block before the last blind write. */
  #observeOld(depth: number, state: number): boolean {
    const at = depth * this.#words;
    const { observers, oldCas, oldObservers } = this.#shape;
    const words = oldCas - observers;
    let seen = false;
    for (let i = 0; i < words; i++) {
      const before = this.#stack[at + observers + i] as number;
      const old = this.#stack[at + oldObservers + i] as number;
      const after = before | ((this.#observersOf[state * words + i] as number) & old);
      if (after !== before) seen = true;
      this.#stack[at + observers + i] = after;
    }
    return seen;
  }

  /** A blind write was placed: whatever is open is old. */
  #overwrite(depth: number): void {
    const at = depth * this.#words;
    const { cas, oldCas } = this.#shape;
    for (let i = cas; i < oldCas; i++) this.#stack[at + oldCas - cas + i] = this.#open[i] as number;
    this.#stack[at + RANK] = this.#rank;
    if (!this.#unlimited) this.#stack[at + USES] = this.#uses.allSettled(this.#stack[at + USES] as number);
  }

  #use(depth: number, crashed: number, late: boolean): void {
    this.#crashedLeft--;
    if (this.#unlimited) return;
    const at = depth * this.#words + USES;
    this.#stack[at] = this.#uses.withOneMore(this.#stack[at] as number, crashed, late);
  }

  #crashedCasFrom(state: number): readonly number[] {
    if (this.#crashedLeft <= 0 || this.#crashedCasOf.size === 0) return [];
    return this.#crashedCasOf.get(state) ?? [];
  }

  /** How many crashed operations of the class are left of those invoked before the last blind write. */
  #settledLeft(at: number, crashed: number): number {
    const before = this.#invokedBefore(crashed, this.#stack[at + RANK] as number);
    if (this.#unlimited) return before;
    return before - this.#uses.settled(this.#stack[at + USES] as number, crashed);
  }

  /** The same for those invoked since. */
  #lateLeft(at: number, crashed: number): number {
    const since =
      (this.#invoked[crashed] as number) - this.#invokedBefore(crashed, this.#stack[at + RANK] as number);
    if (this.#unlimited) return since;
    return since - this.#uses.late(this.#stack[at + USES] as number, crashed);
  }

  #invokedBefore(crashed: number, rank: number): number {
    if (rank === this.#rank) return this.#invoked[crashed] as number;
    const ranks = this.#ranks[crashed] as readonly number[];
    let low = 0;
    let high = ranks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranks[middle] as number) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Crashed operations alone may not lead to where they have been: that would have been for nothing. */
  #wasAt(state: number, since: number, depth: number): boolean {
    for (let i = since; i <= depth; i++) {
      if (this.#at[i] === state) return true;
    }
    return false;
  }

  /** Whether another unused cas does the same, completes earlier, and is old only if this one is. */
  #hasBetterCas(at: number, state: number, row: number, old: boolean): boolean {
    const { cas, writes, oldCas } = this.#shape;
    const words = writes - cas;
    for (let word = 0; word < words; word++) {
      let left = (this.#casOf[state * words + word] as number) & ~(this.#stack[at + cas + word] as number);
      if (!old) left &= ~(this.#stack[at + oldCas + word] as number);
      for (; left !== 0; left &= left - 1) {
        if (this.#isBetter(this.#casRow[(word << 5) + lowest(left)] as number, row)) return true;
      }
    }
    return false;
  }

  #hasBetterOldCas(at: number, state: number, row: number): boolean {
    const { cas, writes, oldCas } = this.#shape;
    const words = writes - cas;
    for (let word = 0; word < words; word++) {
      const old = (this.#casOf[state * words + word] as number) & (this.#stack[at + oldCas + word] as number);
      for (let left = old & ~(this.#stack[at + cas + word] as number); left !== 0; left &= left - 1) {
        if (this.#isBetter(this.#casRow[(word << 5) + lowest(left)] as number, row)) return true;
      }
    }
    return false;
  }

  #isBetter(other: number, row: number): boolean {
    return (
      this.#leaves[other] === this.#leaves[row] && (this.#end[other] as number) < (this.#end[row] as number)
    );
  }

  /** Whether a completed cas that does the same is left: a young one, or none but old ones. */
  #rivalCas(at: number, state: number, to: number): number {
    const { cas, writes, oldCas } = this.#shape;
    const words = writes - cas;
    let result = NOBODY;
    for (let word = 0; word < words; word++) {
      const old = this.#stack[at + oldCas + word] as number;
      let left = (this.#casOf[state * words + word] as number) & ~(this.#stack[at + cas + word] as number);
      for (; left !== 0; left &= left - 1) {
        if (this.#leaves[this.#casRow[(word << 5) + lowest(left)] as number] !== to) continue;
        result = Math.max(result, (old & left & -left) !== 0 ? OLD : YOUNG);
      }
    }
    return result;
  }

  #hasBetterWrite(at: number, row: number, oldOnly: boolean): boolean {
    return this.#anyWrite(at, this.#leaves[row] as number, this.#end[row] as number, oldOnly);
  }

  #hasWrite(at: number, to: number, oldOnly: boolean): boolean {
    return this.#anyWrite(at, to, Infinity, oldOnly);
  }

  /** Whether an unused write leaves this state and completes before this event. */
  #anyWrite(at: number, to: number, before: number, oldOnly: boolean): boolean {
    const { writes, observers, oldWrites } = this.#shape;
    const words = observers - writes;
    for (let word = 0; word < words; word++) {
      let left = (this.#writesOf[to * words + word] as number) & ~(this.#stack[at + writes + word] as number);
      if (oldOnly) left &= this.#stack[at + oldWrites + word] as number;
      for (; left !== 0; left &= left - 1) {
        if ((this.#end[this.#writeRow[(word << 5) + lowest(left)] as number] as number) < before) return true;
      }
    }
    return false;
  }

  /** The target is placed: what is left of the configuration when it is closed goes to the next layer. */
  #emit(depth: number): void {
    const words = this.#words;
    const at = depth * words;
    const out = this.#out;
    for (let i = 0; i < words; i++) out[i] = this.#stack[at + i] as number;
    const old = this.#word + this.#shape.oldCas - BITS;
    out[this.#word] = (out[this.#word] as number) & ~this.#bit;
    out[old] = (out[old] as number) & ~this.#bit;
    this.#effort.configurations++;
    const { compared } = this.#next;
    const place = this.#next.add(out, 0);
    this.#effort.spend((this.#next.compared - compared) >> 4);
    if (place < 0 || depth === 0) return;
    let step = out[STEP] as number;
    for (let i = 0; i < depth; i++) step = this.#trail.add(step, this.#items[i] as number, this.#now);
    this.#next.data[place + STEP] = step;
  }
}

/** Whether completed cas do what a crashed one does. */
const NOBODY = 0;
const OLD = 1;
const YOUNG = 2;

/** More crashed operations than this are never forced by one completion. */
const MOST_FORCED = 4;
