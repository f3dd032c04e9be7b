// The search along the events of a history for any model, all configurations at once ("just in time", Lowe, "Testing for
// linearizability", 2017). A configuration is a state and a bit for each open operation that is placed.
//
// When an operation completes, the configurations that have not placed it are gone on with, one open operation after the
// other, until they have. Four things keep them few, none of which changes the verdict:
// - observers are placed as soon as they are legal: that leaves the state as it is and fewer duties;
// - of open operations that do the same to every state, the one that completes first is placed first (exchange the two in
//   any order), and of crashed ones the first invoked;
// - a configuration that has placed more observers, or used fewer crashed operations, can do all that the other can;
// - of two steps, one right after the other, that can be exchanged and between which no observer was placed, only one order
//   is gone through (see #isOutOfTurn).

import type { Budget, GaveUp } from '../../checker.ts';
import type { Model } from '../../model.ts';
import { NONE } from '../problem.ts';
import { keepBest } from './beam.ts';
import { bits, lowest } from './bits.ts';
import { CrashedUses } from './crashed-uses.ts';
import { Effort, GivingUp } from './effort.ts';
import { DOMINATED, Layer, plainShapeOf, type Shape, STATE, STEP, USES } from './layer.ts';
import { modelOrderOf } from './model-order.ts';
import { CRASHED, type CrashedCalls, type ModelTimeline, OBSERVER } from './model-timeline.ts';
import type { CrashedUse } from './register-search.ts';
import { NEVER } from './timeline.ts';
import { NO_STEP, Trail } from './trail.ts';
import { ILLEGAL, Transitions } from './transitions.ts';

export interface ModelSearchOptions {
  readonly budget: Budget;
  /** Give up with `limit` after so many configurations. */
  readonly configurations: number;
  /** `exact` by default. */
  readonly crashed?: CrashedUse;
  /** Keep the best so many configurations of a layer only; then that there is no order means nothing. */
  readonly beam?: number;
}

export type ModelOutcome =
  | { readonly found: 'order'; readonly order: Int32Array; readonly configurations: number }
  /** An order was found that uses crashed operations more than once. */
  | { readonly found: 'unlimited order'; readonly configurations: number }
  /**
   * `event`: the completion that no configuration survived. Outcomes of operations that complete later are made use of, so
   * it may come before the first up to which the history alone has no order; `longest`: rows of an order of what completed
   * before.
   */
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
/** More crashed operations than this are never forced by one completion. */
const MOST_FORCED = 4;
/** In the turn of calls the crashed ones come last. */
const CRASHED_TURN = 1 << 30;

export function searchModel<State>(
  model: Model<State>,
  timeline: ModelTimeline,
  options: ModelSearchOptions,
): ModelOutcome {
  const effort = new Effort(options.budget, options.configurations);
  try {
    return new ModelSearch(model, timeline, options, effort).run();
  } catch (error) {
    if (!(error instanceof GivingUp)) throw error;
    const { bytes, configurations } = effort;
    return { found: 'nothing yet', cause: error.why, bytes, configurations };
  }
}

class ModelSearch<State> {
  readonly #timeline: ModelTimeline;
  readonly #crashed: readonly CrashedCalls[];
  readonly #effort: Effort;
  readonly #beam: number;
  readonly #unlimited: boolean;
  readonly #forced: boolean;
  /** A queue grows without end when something is put into it without limit: from here on nothing will come of it. */
  readonly #mostUnlimitedStates: number;
  readonly #transitions: Transitions<State>;
  readonly #shape: Shape;
  readonly #words: number;
  readonly #uses: CrashedUses;
  readonly #trail: Trail;
  #layer: Layer;
  #next: Layer;
  /** Configurations on the way from one layer to the next. */
  readonly #between: Layer;
  /** By number among those: the call of its last step, NONE where an observer saw the state that it left. */
  #last: Int32Array<ArrayBuffer>;
  /** The state before that step. */
  #before: Int32Array<ArrayBuffer>;
  /** Crashed operations used since the last layer. */
  #spent: Int32Array<ArrayBuffer>;

  /** Bits of all open operations, laid out like a configuration. */
  readonly #open: Int32Array;
  /** By slot: the row and the call. Mutators first, then observers, each from a full word on. */
  readonly #row: Int32Array;
  readonly #call: Int32Array;
  /** By slot of a mutator, words of bits: open ones of the same call that complete earlier. */
  readonly #earlier: Int32Array;
  readonly #mutatorWords: number;
  /** By class of crashed calls: how many were invoked. */
  readonly #invoked: Int32Array;

  /** The completion that is being placed: its event, and place among the bits. */
  #now = 0;
  #word = 0;
  #bit = 0;
  readonly #here: Int32Array;
  #crashedLeft = Infinity;
  #isCut = false;

  constructor(model: Model<State>, timeline: ModelTimeline, options: ModelSearchOptions, effort: Effort) {
    this.#timeline = timeline;
    this.#crashed = timeline.crashed;
    this.#effort = effort;
    this.#beam = options.beam ?? Infinity;
    this.#unlimited = options.crashed === 'unlimited';
    this.#forced = options.crashed === 'forced';
    this.#mostUnlimitedStates = Math.min(32 + 4 * timeline.kind.length, 4096);
    effort.grow(0, timeline.kind.length * BYTES_PER_ROW);
    this.#transitions = new Transitions(model, timeline.calls, effort);
    const [mutators, observers] = timeline.slots;
    this.#shape = plainShapeOf(mutators, observers);
    this.#words = this.#shape.words;
    this.#uses = new CrashedUses(this.#crashed.length, effort);
    this.#trail = new Trail(effort);
    this.#layer = new Layer(this.#shape, this.#uses, effort);
    this.#next = new Layer(this.#shape, this.#uses, effort);
    this.#between = new Layer(this.#shape, this.#uses, effort);
    this.#last = effort.array(64);
    this.#before = effort.array(64);
    this.#spent = effort.array(64);
    const { cas, observers: first } = this.#shape;
    this.#mutatorWords = first - cas;
    this.#open = effort.array(this.#words);
    this.#row = effort.array((this.#words - cas) * 32);
    this.#call = effort.array((this.#words - cas) * 32);
    this.#earlier = effort.array(this.#mutatorWords * 32 * this.#mutatorWords);
    this.#invoked = effort.array(this.#crashed.length);
    this.#here = effort.array(this.#words);
  }

  run(): ModelOutcome {
    this.#here[STATE] = this.#transitions.initial;
    this.#here[STEP] = NO_STEP;
    this.#layer.add(this.#here, 0);
    const { events, kind } = this.#timeline;
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as number;
      if ((event & 1) === 0) {
        this.#invoke(event >> 1);
        continue;
      }
      this.#complete(event >> 1, kind[event >> 1] === OBSERVER, at);
      if (this.#next.count === 0) return this.#none(at);
      [this.#layer, this.#next] = [this.#next, this.#layer];
      if (this.#layer.count > this.#beam) this.#cut();
      if (this.#trail.isFull) this.#trail.sweepLayer(this.#layer, this.#words);
    }
    const { configurations } = this.#effort;
    if (this.#unlimited && this.#crashed.length > 0) return { found: 'unlimited order', configurations };
    return { found: 'order', order: this.#order(NEVER), configurations };
  }

  #none(event: number): ModelOutcome {
    const { configurations } = this.#effort;
    if (this.#isCut || this.#forced) return { found: 'lost', event, configurations };
    const longest = this.#unlimited ? new Int32Array(0) : this.#order(event);
    return { found: 'none', event, longest, configurations };
  }

  /** An order of all that completed before this event, from the trail of the layer's first configuration. */
  #order(until: number): Int32Array {
    const path = this.#trail.path(this.#layer.data[STEP] as number);
    return modelOrderOf(this.#timeline, this.#transitions, path, until);
  }

  /** The place of a slot among all bits of a configuration. */
  #placeOf(row: number, isObserver: boolean): number {
    const first = isObserver ? this.#shape.observers : this.#shape.cas;
    return first * 32 + (this.#timeline.slot[row] as number);
  }

  #invoke(row: number): void {
    const { kind, call } = this.#timeline;
    if (kind[row] === CRASHED) {
      const index = this.#timeline.slot[row] as number;
      this.#invoked[index] = (this.#invoked[index] as number) + 1;
      return;
    }
    const isObserver = kind[row] === OBSERVER;
    const place = this.#placeOf(row, isObserver);
    const slot = place - this.#shape.cas * 32;
    const number = call[row] as number;
    this.#row[slot] = row;
    this.#call[slot] = number;
    const word = place >> 5;
    const bit = 1 << (place & 31);
    if (isObserver) this.#placeNewObserver(number, word, bit);
    else this.#noteEarlier(slot, row, number);
    this.#open[word] = (this.#open[word] as number) | bit;
  }

  #placeNewObserver(call: number, word: number, bit: number): void {
    const { data, count } = this.#layer;
    const words = this.#words;
    for (let at = 0; at < count * words; at += words) {
      if (this.#transitions.after(data[at + STATE] as number, call) === ILLEGAL) continue;
      data[at + word] = (data[at + word] as number) | bit;
    }
  }

  /** Among open mutators of one call, who completes earlier. */
  #noteEarlier(slot: number, row: number, call: number): void {
    const words = this.#mutatorWords;
    const { cas } = this.#shape;
    const end = this.#timeline.end[row] as number;
    for (let word = 0; word < words; word++) this.#earlier[slot * words + word] = 0;
    for (let word = 0; word < words; word++) {
      for (let left = this.#open[cas + word] as number; left !== 0; left &= left - 1) {
        const other = (word << 5) + lowest(left);
        if (this.#call[other] !== call) continue;
        const otherIsEarlier = (this.#timeline.end[this.#row[other] as number] as number) < end;
        const [later, earlier] = otherIsEarlier ? [slot, other] : [other, slot];
        const at = later * words + (earlier >> 5);
        this.#earlier[at] = (this.#earlier[at] as number) | (1 << (earlier & 31));
      }
    }
  }

  #complete(row: number, isObserver: boolean, at: number): void {
    const place = this.#placeOf(row, isObserver);
    this.#now = at;
    this.#word = place >> 5;
    this.#bit = 1 << (place & 31);
    if (this.#isPlacedEverywhere()) {
      this.#forgetInPlace();
    } else {
      const most = this.#forced && this.#crashed.length > 0 ? MOST_FORCED : 0;
      for (let allowed = 0; allowed <= most; allowed++) {
        this.#crashedLeft = this.#forced ? allowed : Infinity;
        this.#expandAll();
        if (this.#next.count > 0) break;
      }
      this.#next.compact();
    }
    this.#open[this.#word] = (this.#open[this.#word] as number) & ~this.#bit;
    if (isObserver) return;
    const words = this.#mutatorWords;
    for (let i = this.#word - this.#shape.cas; i < this.#earlier.length; i += words) {
      this.#earlier[i] = (this.#earlier[i] as number) & ~this.#bit;
    }
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
    for (let at = this.#word; at < count * this.#words; at += this.#words) {
      data[at] = (data[at] as number) & ~this.#bit;
    }
    [this.#layer, this.#next] = [this.#next, this.#layer];
    this.#effort.configurations += count;
    this.#effort.spend(count);
  }

  #expandAll(): void {
    const words = this.#words;
    const layer = this.#layer;
    const between = this.#between;
    this.#next.clear();
    between.clear();
    for (let i = 0; i < layer.count; i++) {
      const at = i * words;
      this.#effort.spend(1);
      if (((layer.data[at + this.#word] as number) & this.#bit) === 0) {
        const place = between.add(layer.data, at);
        if (place >= 0) this.#noteLast(place / words, NONE, 0, 0);
        continue;
      }
      for (let k = 0; k < words; k++) this.#here[k] = layer.data[at + k] as number;
      this.#emit();
    }
    // Grows while it is gone through.
    for (let i = 0; i < between.count; i++) {
      if (between.data[i * words + STATE] !== DOMINATED) this.#goOn(i);
    }
  }

  #noteLast(index: number, call: number, before: number, spent: number): void {
    if (index >= this.#last.length) {
      this.#last = this.#effort.grown(this.#last);
      this.#before = this.#effort.grown(this.#before);
      this.#spent = this.#effort.grown(this.#spent);
    }
    this.#last[index] = call;
    this.#before[index] = before;
    this.#spent[index] = spent;
  }

  /** What `#here` holds goes to the next layer, the target placed; where it now is there, or -1. */
  #emit(): number {
    this.#here[this.#word] = (this.#here[this.#word] as number) & ~this.#bit;
    this.#effort.configurations++;
    const { compared } = this.#next;
    const place = this.#next.add(this.#here, 0);
    this.#effort.spend((this.#next.compared - compared) >> 4);
    return place;
  }

  #goOn(from: number): void {
    const words = this.#words;
    const mutatorWords = this.#mutatorWords;
    const { cas } = this.#shape;
    const at = from * words;
    // A step may come to dominate this configuration: what it was is read before.
    const state = this.#between.data[at + STATE] as number;
    for (let word = 0; word < mutatorWords; word++) {
      const placed = this.#between.data[at + cas + word] as number;
      for (let left = (this.#open[cas + word] as number) & ~placed; left !== 0; left &= left - 1) {
        const slot = (word << 5) + lowest(left);
        if (this.#hasEarlierEqual(at, slot)) continue;
        const call = this.#call[slot] as number;
        const to = this.#transitions.after(state, call);
        if (to === ILLEGAL) continue;
        const isTarget = cas + word === this.#word && (left & -left) === this.#bit;
        if (this.#isOutOfTurn(from, call, isTarget ? -1 : call, to)) continue;
        this.#begin(from, to);
        this.#here[cas + word] = (this.#here[cas + word] as number) | (left & -left);
        this.#end(from, call, state, to, (this.#row[slot] as number) * 2, 0);
      }
    }
    if (this.#crashed.length > 0 && (this.#spent[from] as number) < this.#crashedLeft) {
      this.#useCrashed(from, state);
    }
  }

  #useCrashed(from: number, state: number): void {
    const uses = this.#between.data[from * this.#words + USES] as number;
    for (let index = 0; index < this.#crashed.length; index++) {
      const invoked = this.#invoked[index] as number;
      if (invoked === 0 || (!this.#unlimited && this.#uses.settled(uses, index) >= invoked)) continue;
      const call = this.#crashed[index]?.call as number;
      const to = this.#transitions.after(state, call);
      if (to === ILLEGAL || to === state) continue;
      if (this.#unlimited && to >= this.#mostUnlimitedStates) throw new GivingUp('limit');
      if (this.#isOutOfTurn(from, call, call + CRASHED_TURN, to)) continue;
      this.#begin(from, to);
      if (!this.#unlimited) this.#here[USES] = this.#uses.withOneMore(uses, index, false);
      this.#end(from, call + CRASHED_TURN, state, to, index * 2 + 1, 1);
    }
  }

  #hasEarlierEqual(at: number, slot: number): boolean {
    const words = this.#mutatorWords;
    const { cas } = this.#shape;
    for (let word = 0; word < words; word++) {
      const placed = this.#between.data[at + cas + word] as number;
      if (((this.#earlier[slot * words + word] as number) & ~placed) !== 0) return true;
    }
    return false;
  }

  /**
   * Whether this step could as well come before the last one, and is to: no observer was placed between them, they are legal
   * the other way round and come to the same. The target goes before all (the other can still be placed when it falls due,
   * or not at all where it crashed), then the calls by number, crashed ones last.
   *
   * That other way is gone through: what is placed with it has the same bits, and there as here a way whose last step has
   * a higher turn is found for each that is left out; turns end.
   */
  #isOutOfTurn(from: number, call: number, turn: number, to: number): boolean {
    const last = this.#last[from] as number;
    if (last === NONE || last <= turn) return false;
    const first = this.#transitions.after(this.#before[from] as number, call);
    if (first === ILLEGAL) return false;
    return this.#transitions.after(first, last & ~CRASHED_TURN) === to;
  }

  #begin(from: number, to: number): void {
    const { data } = this.#between;
    const words = this.#words;
    for (let i = 0; i < words; i++) this.#here[i] = data[from * words + i] as number;
    this.#here[STATE] = to;
  }

  /** The step is placed, and with it the observers of the state that it left. */
  #end(from: number, last: number, before: number, to: number, item: number, crashed: number): void {
    const seen = this.#observe(to);
    const step = this.#here[STEP] as number;
    const spent = (this.#spent[from] as number) + crashed;
    this.#effort.spend(1);
    if (((this.#here[this.#word] as number) & this.#bit) !== 0) {
      const place = this.#emit();
      if (place >= 0) this.#next.data[place + STEP] = this.#trail.add(step, item, this.#now);
      return;
    }
    this.#effort.configurations++;
    const { compared } = this.#between;
    const place = this.#between.add(this.#here, 0);
    this.#effort.spend((this.#between.compared - compared) >> 4);
    if (place < 0) return;
    this.#between.data[place + STEP] = this.#trail.add(step, item, this.#now);
    this.#noteLast(place / this.#words, seen ? NONE : last, before, spent);
  }

  /** Places all open observers that are legal; true when there was one. */
  #observe(state: number): boolean {
    const { observers } = this.#shape;
    const first = this.#shape.cas * 32;
    let seen = false;
    for (let word = observers; word < this.#words; word++) {
      const placed = this.#here[word] as number;
      let now = placed;
      for (let left = (this.#open[word] as number) & ~placed; left !== 0; left &= left - 1) {
        const slot = (word << 5) + lowest(left) - first;
        if (this.#transitions.after(state, this.#call[slot] as number) !== ILLEGAL) now |= left & -left;
      }
      if (now !== placed) seen = true;
      this.#here[word] = now;
    }
    return seen;
  }

  /** Keeps the best: fewest crashed operations used, then most placed. */
  #cut(): void {
    this.#isCut = true;
    const { data } = this.#layer;
    keepBest(this.#layer, this.#beam, this.#effort, (index) => {
      const at = index * this.#words;
      let placed = 0;
      for (let word = this.#shape.cas; word < this.#words; word++) placed += bits(data[at + word] as number);
      return placed - 1000 * this.#uses.total(data[at + USES] as number);
    });
  }
}
