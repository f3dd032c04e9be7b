// The search along the events of a history for any model, all configurations at once ("just in time", Lowe, "Testing for
// linearizability", 2017). A configuration is a state and a bit for each open operation that is placed.
//
// When an operation completes, the configurations that have not placed it are gone on with, one open operation after the
// other, until they have. Three things keep them few, none of which changes the verdict:
// - observers are placed as soon as they are legal: that leaves the state as it is and fewer duties;
// - of open operations that do the same to every state, the one that completes first is placed first (exchange the two in
//   any order), and of crashed ones the first invoked;
// - a configuration that has placed more observers, or used fewer crashed operations, can do all that the other can.

import type { Budget, GaveUp } from '../../checker.ts';
import type { Model } from '../../model.ts';
import type { Operation } from '../../op.ts';
import { CrashedUses } from './crashed-uses.ts';
import { Layer, type Shape, STATE, STEP, shapeOf, USES } from './layer.ts';
import { NO_STEP, Trail } from './trail.ts';
import { ILLEGAL, Transitions } from './transitions.ts';

export interface ModelSearchOptions {
  readonly budget: Budget;
  /** Give up with `limit` after so many configurations. */
  readonly configurations: number;
  /** Keep the best so many configurations of a layer only; then that there is no order means nothing. */
  readonly beam?: number;
}

export type ModelOutcome =
  | { readonly found: 'order'; readonly order: Int32Array; readonly configurations: number }
  /**
   * `position`: of the completion that no configuration survived. Outcomes of operations that complete later are made use
   * of, so it may come before the first position up to which the history alone has no order; `longest`: rows of an order of what completed before. */
  | {
      readonly found: 'none';
      readonly position: number;
      readonly longest: Int32Array;
      readonly configurations: number;
    }
  | { readonly found: 'lost'; readonly position: number; readonly configurations: number }
  | {
      readonly found: 'nothing yet';
      readonly cause: GaveUp | 'limit';
      readonly bytes: number;
      readonly configurations: number;
    };

const MUTATOR = 0;
const OBSERVER = 1;
const BYTES_PER_ROW = 60;
const STEPS_PER_LOOK = 256;
const DEAD = -1;

interface Event {
  readonly position: number;
  readonly row: number;
  readonly isEnd: boolean;
}

/** An open operation. */
interface Open {
  readonly row: number;
  /** Class of equal calls. */
  readonly call: number;
  readonly end: number;
  /** Place and bit in a configuration. */
  readonly word: number;
  readonly bit: number;
}

export function searchModel<State>(
  model: Model<State>,
  operations: readonly Operation[],
  options: ModelSearchOptions,
): ModelOutcome {
  return new ModelSearch(model, operations, options).run();
}

class ModelSearch<State> {
  readonly #model: Model<State>;
  readonly #operations: readonly Operation[];
  readonly #options: ModelSearchOptions;
  readonly #transitions: Transitions<State>;
  readonly #events: readonly Event[];
  readonly #slot: Int32Array;
  readonly #shape: Shape;
  readonly #uses: CrashedUses;
  readonly #trail = new Trail();
  #layer: Layer;
  #next: Layer;
  /** Configurations on the way from one layer to the next. */
  readonly #between: Layer;
  /** By slot. */
  readonly #mutators: (Open | undefined)[] = [];
  readonly #observers: (Open | undefined)[] = [];
  /** By class of crashed calls: the class of the call, how many were invoked, and their rows. */
  readonly #crashed: { readonly call: number; invoked: number; readonly rows: number[] }[] = [];
  readonly #crashedClass: Int32Array;
  readonly #scratch: Int32Array;
  #configurations = 0;
  #untilLook = STEPS_PER_LOOK;
  #cause: GaveUp | 'limit' | undefined;
  #isCut = false;

  constructor(model: Model<State>, operations: readonly Operation[], options: ModelSearchOptions) {
    this.#model = model;
    this.#operations = operations;
    this.#options = options;
    this.#transitions = new Transitions(model);
    this.#events = eventsOf(model, operations);
    this.#slot = new Int32Array(operations.length);
    this.#crashedClass = new Int32Array(operations.length).fill(-1);
    const slots = this.#assignSlots();
    this.#shape = shapeOf([slots[MUTATOR], 0, slots[OBSERVER]]);
    this.#uses = new CrashedUses(this.#crashed.length);
    this.#layer = new Layer(this.#shape, this.#uses);
    this.#next = new Layer(this.#shape, this.#uses);
    this.#between = new Layer(this.#shape, this.#uses);
    this.#scratch = new Int32Array(this.#shape.words);
  }

  run(): ModelOutcome {
    this.#scratch[STATE] = this.#transitions.initial;
    this.#scratch[STEP] = NO_STEP;
    this.#layer.add(this.#scratch, 0);
    for (const event of this.#events) {
      if (!event.isEnd) {
        this.#invoke(event.row);
        continue;
      }
      this.#complete(event);
      const configurations = this.#configurations;
      if (this.#cause !== undefined) {
        return { found: 'nothing yet', cause: this.#cause, bytes: this.#bytes(), configurations };
      }
      if (this.#next.count === 0) {
        if (this.#isCut) return { found: 'lost', position: event.position, configurations };
        const longest = this.#order(event.position);
        return { found: 'none', position: event.position, longest, configurations };
      }
      [this.#layer, this.#next] = [this.#next, this.#layer];
      this.#cut();
      this.#sweep();
    }
    return { found: 'order', order: this.#order(Infinity), configurations: this.#configurations };
  }

  #assignSlots(): [number, number] {
    const slots: [number, number] = [0, 0];
    const free: [number[], number[]] = [[], []];
    const classes = new Map<number, number>();
    for (const { row, isEnd } of this.#events) {
      const operation = this.#operations[row] as Operation;
      const kind = this.#kind(operation);
      if (isEnd) {
        free[kind].push(this.#slot[row] as number);
      } else if (operation.result !== undefined) {
        this.#slot[row] = free[kind].pop() ?? slots[kind]++;
      } else {
        const call = this.#transitions.classOf(operation);
        let index = classes.get(call);
        if (index === undefined) {
          index = this.#crashed.push({ call, invoked: 0, rows: [] }) - 1;
          classes.set(call, index);
        }
        this.#crashed[index]?.rows.push(row);
        this.#crashedClass[row] = index;
      }
    }
    return slots;
  }

  #kind({ call, result }: Operation): 0 | 1 {
    return this.#model.isObserver(call, result) ? OBSERVER : MUTATOR;
  }

  #bytes(): number {
    const layers = this.#layer.bytes + this.#next.bytes + this.#between.bytes;
    const others = this.#trail.bytes + this.#uses.bytes + this.#transitions.bytes;
    return layers + others + this.#operations.length * BYTES_PER_ROW;
  }

  #isOver(): boolean {
    if (--this.#untilLook > 0) return this.#cause !== undefined;
    this.#untilLook = STEPS_PER_LOOK;
    this.#cause ??=
      this.#options.budget.giveUp(this.#bytes()) ??
      (this.#configurations > this.#options.configurations ? 'limit' : undefined);
    return this.#cause !== undefined;
  }

  #invoke(row: number): void {
    const crashed = this.#crashed[this.#crashedClass[row] as number];
    if (crashed !== undefined) {
      crashed.invoked++;
      return;
    }
    const operation = this.#operations[row] as Operation;
    const slot = this.#slot[row] as number;
    const isObserver = this.#kind(operation) === OBSERVER;
    const first = isObserver ? this.#shape.observers : this.#shape.cas;
    const open = {
      row,
      call: this.#transitions.classOf(operation),
      end: operation.completedAt,
      word: first + (slot >> 5),
      bit: 1 << (slot & 31),
    };
    (isObserver ? this.#observers : this.#mutators)[slot] = open;
    if (!isObserver) return;
    const { data, count } = this.#layer;
    for (let at = 0; at < count * this.#shape.words; at += this.#shape.words) this.#observe(data, at, open);
  }

  /** Places the observer where it is legal. */
  #observe(data: Int32Array, at: number, { call, word, bit }: Open): void {
    if (this.#transitions.after(data[at + STATE] as number, call) === ILLEGAL) return;
    data[at + word] = (data[at + word] as number) | bit;
  }

  #complete({ row, position }: Event): void {
    const { words } = this.#shape;
    const slot = this.#slot[row] as number;
    const table =
      this.#kind(this.#operations[row] as Operation) === OBSERVER ? this.#observers : this.#mutators;
    const target = table[slot] as Open;
    this.#next.clear();
    this.#between.clear();
    for (let i = 0; i < this.#layer.count; i++) {
      const at = i * words;
      if (((this.#layer.data[at + target.word] as number) & target.bit) === 0)
        this.#between.add(this.#layer.data, at);
      else this.#emit(this.#layer.data, at, target);
    }
    // Grows while it is gone through.
    for (let i = 0; i < this.#between.count && !this.#isOver(); i++) {
      if (this.#between.data[i * words + STATE] !== DEAD) this.#goOn(i * words, target, position);
    }
    this.#next.compact();
    table[slot] = undefined;
  }

  #emit(data: Int32Array, at: number, { word, bit }: Open): void {
    for (let i = 0; i < this.#shape.words; i++) this.#scratch[i] = data[at + i] as number;
    this.#scratch[word] = (this.#scratch[word] as number) & ~bit;
    this.#configurations++;
    this.#next.add(this.#scratch, 0);
  }

  #goOn(from: number, target: Open, time: number): void {
    for (const open of this.#mutators) {
      if (open === undefined || this.#isPlaced(from, open) || this.#hasEarlierEqual(from, open)) continue;
      this.#place(from, open.call, open, open.row * 2, target, time);
    }
    const uses = this.#between.data[from + USES] as number;
    for (const [index, { call, invoked }] of this.#crashed.entries()) {
      if (this.#uses.settled(uses, index) >= invoked) continue;
      const to = this.#transitions.after(this.#between.data[from + STATE] as number, call);
      if (to === this.#between.data[from + STATE]) continue;
      this.#place(from, call, index, index * 2 + 1, target, time);
    }
  }

  #isPlaced(at: number, { word, bit }: Open): boolean {
    return ((this.#between.data[at + word] as number) & bit) !== 0;
  }

  #hasEarlierEqual(at: number, { call, end }: Open): boolean {
    return this.#mutators.some(
      (other) => other !== undefined && other.call === call && other.end < end && !this.#isPlaced(at, other),
    );
  }

  #place(from: number, call: number, what: Open | number, item: number, target: Open, time: number): void {
    if (this.#isOver()) return;
    const { words } = this.#shape;
    const here = this.#scratch;
    for (let i = 0; i < words; i++) here[i] = this.#between.data[from + i] as number;
    const to = this.#transitions.after(here[STATE] as number, call);
    if (to === ILLEGAL) return;
    here[STATE] = to;
    if (typeof what === 'number') here[USES] = this.#uses.withOneMore(here[USES] as number, what, false);
    else here[what.word] = (here[what.word] as number) | what.bit;
    for (const observer of this.#observers) if (observer !== undefined) this.#observe(here, 0, observer);
    const isDone = ((here[target.word] as number) & target.bit) !== 0;
    if (isDone) here[target.word] = (here[target.word] as number) & ~target.bit;
    this.#configurations++;
    const layer = isDone ? this.#next : this.#between;
    const place = layer.add(here, 0);
    if (place >= 0) layer.data[place + STEP] = this.#trail.add(here[STEP] as number, item, time);
  }

  #cut(): void {
    const { beam } = this.#options;
    if (beam === undefined || this.#layer.count <= beam) return;
    this.#isCut = true;
    const { data, count } = this.#layer;
    const used = Float64Array.from({ length: count }, (_, i) =>
      this.#uses.total(data[i * this.#shape.words + USES] as number),
    );
    const chosen = [...used.keys()].sort((a, b) => (used[a] as number) - (used[b] as number) || a - b);
    this.#layer.keep(chosen.slice(0, beam).sort((a, b) => a - b));
  }

  #sweep(): void {
    if (!this.#trail.isFull) return;
    const { words } = this.#shape;
    const { data, count } = this.#layer;
    const ends = Int32Array.from({ length: count }, (_, i) => data[i * words + STEP] as number);
    this.#trail.sweep(ends, count);
    for (let i = 0; i < count; i++) data[i * words + STEP] = ends[i] as number;
  }

  /** An order of all that completed before this position, from the trail of the layer's first configuration. */
  #order(until: number): Int32Array {
    const { items, times } = this.#trail.path(this.#layer.data[STEP] as number);
    const used = this.#crashed.map(() => 0);
    const rows = items.map((item) => {
      if ((item & 1) === 0) return item >> 1;
      const index = used[item >> 1] as number;
      used[item >> 1] = index + 1;
      return this.#crashed[item >> 1]?.rows[index] as number;
    });
    return this.#withObservers(rows, times, until);
  }

  /** Each observer goes to the first place that is not over when it is invoked and where it is legal. */
  #withObservers(rows: Int32Array, times: Int32Array, until: number): Int32Array {
    const states = [this.#transitions.initial];
    for (const [i, row] of rows.entries()) {
      const call = this.#transitions.classOf(this.#operations[row] as Operation);
      states.push(this.#transitions.after(states[i] as number, call));
    }
    const guests: number[][] = states.map(() => []);
    let passed = 0;
    for (const { row, isEnd, position } of this.#events) {
      const operation = this.#operations[row] as Operation;
      if (isEnd || operation.completedAt >= until || this.#kind(operation) !== OBSERVER) continue;
      while (passed < rows.length && (times[passed] as number) <= position) passed++;
      const call = this.#transitions.classOf(operation);
      let place = passed;
      while (place < states.length && this.#transitions.after(states[place] as number, call) === ILLEGAL)
        place++;
      guests[place]?.push(row);
    }
    const order: number[] = [];
    for (const [place, group] of guests.entries()) {
      order.push(...group);
      if (place < rows.length) order.push(rows[place] as number);
    }
    return Int32Array.from(order);
  }
}

/** Ends of all operations but crashed observers, which have no effect, in the order of the history. */
function eventsOf<State>(model: Model<State>, operations: readonly Operation[]): Event[] {
  const events: Event[] = [];
  for (const [row, { call, result, invokedAt, completedAt }] of operations.entries()) {
    if (result === undefined && model.isObserver(call, result)) continue;
    events.push({ position: invokedAt, row, isEnd: false });
    if (result !== undefined) events.push({ position: completedAt, row, isEnd: true });
  }
  return events.sort((a, b) => a.position - b.position);
}
