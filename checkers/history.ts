// A history in columns: typed arrays for what every op has, interned values beside them. A million operations take
// some 100 MB. Order is the index; an op is only made into an object when somebody asks for it.

import { canonicalJson, type Json } from './json.ts';
import type { Op, OpError, Operation, OpType, Process, Result } from './op.ts';

const types: readonly OpType[] = ['invoke', 'ok', 'fail', 'info'];
const typeCode: Record<OpType, number> = { invoke: 0, ok: 1, fail: 2, info: 3 };
const NEMESIS = -1;
const ABSENT = -1;

/** What breaks the rules of a history: told with the op's position, never repaired. */
export class HistoryError extends Error {
  override name = 'HistoryError';
  readonly index: number;
  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

export type NewOp = Omit<Op, 'index'>;

/** Values by small numbers. Equal values (as JSON) get equal numbers. */
class Dictionary {
  readonly values: Json[] = [];
  #numbers = new Map<number | string, number>();
  #texts = new Map<string, number>();

  intern(value: Json | undefined): number {
    if (value === undefined) return ABSENT;
    if (typeof value === 'number') return this.#find(this.#numbers, Object.is(value, -0) ? 0 : value, value);
    return this.#find(this.#texts, canonicalJson(value), value);
  }

  #find<Key extends number | string>(map: Map<Key, number>, key: Key, value: Json): number {
    let id = map.get(key);
    if (id === undefined) {
      if (typeof value === 'number' && !Number.isFinite(value))
        throw new TypeError(`not a JSON value: ${value}`);
      id = this.values.length;
      this.values.push(value);
      map.set(key, id);
    }
    return id;
  }

  get(id: number): Json | undefined {
    return id === ABSENT ? undefined : this.values[id];
  }
}

type Column = Int32Array | Float64Array | Uint8Array;

function grown<C extends Column>(column: C, capacity: number): C {
  const next = new (column.constructor as new (length: number) => C)(capacity);
  next.set(column as never);
  return next;
}

/** Appends ops and checks the rules: one open op a process, a completion for each invocation only, time never back. */
export class HistoryBuilder {
  readonly #words = new Dictionary();
  readonly #values = new Dictionary();
  #length = 0;
  #type = new Uint8Array(1024);
  #process = new Int32Array(1024);
  #time = new Float64Array(1024);
  #f = new Int32Array(1024);
  #key = new Int32Array(1024);
  #node = new Int32Array(1024);
  #value = new Int32Array(1024);
  #partner = new Int32Array(1024);
  readonly #errors = new Map<number, OpError>();
  readonly #found = new Map<number, number>();
  readonly #ext = new Map<number, { readonly [field: string]: Json }>();
  readonly #open = new Map<number, number>();
  readonly #retired = new Set<number>();

  get length(): number {
    return this.#length;
  }

  append(op: NewOp): number {
    const index = this.#length;
    if (index === this.#type.length) this.#grow(index * 2);
    const process = op.process === 'nemesis' ? NEMESIS : op.process;
    const f = this.#words.intern(op.f);
    const key = this.#words.intern(op.key);
    if (index > 0 && op.time < (this.#time[index - 1] ?? 0)) {
      throw new HistoryError(index, `time goes back: ${op.time} after ${this.#time[index - 1]}`);
    }
    const partner = this.#pair(index, op, process, f, key);
    this.#type[index] = typeCode[op.type];
    this.#process[index] = process;
    this.#time[index] = op.time;
    this.#f[index] = f;
    this.#key[index] = key;
    this.#node[index] = this.#words.intern(op.node);
    this.#value[index] = this.#values.intern(op.value);
    this.#partner[index] = partner;
    if (partner !== ABSENT) this.#partner[partner] = index;
    if (op.error !== undefined) this.#errors.set(index, op.error);
    if (op.found !== undefined) this.#found.set(index, this.#values.intern(op.found.value));
    if (op.ext !== undefined) this.#ext.set(index, op.ext);
    this.#length = index + 1;
    return index;
  }

  /** The invocation that this op completes, or ABSENT. */
  #pair(index: number, op: NewOp, process: number, f: number, key: number): number {
    const open = this.#open.get(process);
    if (process === NEMESIS) return this.#pairNemesis(index, op, open, f);
    if (op.type === 'invoke') {
      if (open !== undefined) {
        throw new HistoryError(index, `process ${process} invokes ${op.f} while its op ${open} is open`);
      }
      if (this.#retired.has(process)) {
        throw new HistoryError(index, `process ${process} goes on after info; it must be retired`);
      }
      this.#open.set(process, index);
      return ABSENT;
    }
    if (open === undefined) {
      throw new HistoryError(index, `process ${process} completes ${op.f} but has no open op`);
    }
    if (this.#f[open] !== f || this.#key[open] !== key) {
      const call = [this.#words.get(this.#f[open] ?? ABSENT), this.#words.get(this.#key[open] ?? ABSENT)];
      throw new HistoryError(
        index,
        `process ${process} completes ${[op.f, op.key].filter((s) => s !== undefined).join(' ')} ` +
          `but its open op ${open} is ${call.filter((s) => s !== undefined).join(' ')}`,
      );
    }
    this.#open.delete(process);
    if (op.type === 'info') this.#retired.add(process);
    return open;
  }

  /** Jepsen writes the nemesis's ops as info at both ends; ours are invoke then info. Both pair here. */
  #pairNemesis(index: number, op: NewOp, open: number | undefined, f: number): number {
    if (open !== undefined && this.#f[open] === f && op.type !== 'invoke') {
      this.#open.delete(NEMESIS);
      return open;
    }
    this.#open.set(NEMESIS, index);
    return ABSENT;
  }

  #grow(capacity: number): void {
    this.#type = grown(this.#type, capacity);
    this.#process = grown(this.#process, capacity);
    this.#time = grown(this.#time, capacity);
    this.#f = grown(this.#f, capacity);
    this.#key = grown(this.#key, capacity);
    this.#node = grown(this.#node, capacity);
    this.#value = grown(this.#value, capacity);
    this.#partner = grown(this.#partner, capacity);
  }

  /** The history so far; later appends do not show in it. */
  build(): History {
    const n = this.#length;
    const partner = this.#partner.slice(0, n);
    for (const open of this.#open.values()) partner[open] = ABSENT;
    return new History({
      words: this.#words,
      values: this.#values,
      type: this.#type.slice(0, n),
      process: this.#process.slice(0, n),
      time: this.#time.slice(0, n),
      f: this.#f.slice(0, n),
      key: this.#key.slice(0, n),
      node: this.#node.slice(0, n),
      value: this.#value.slice(0, n),
      partner,
      errors: new Map(this.#errors),
      found: new Map(this.#found),
      ext: new Map(this.#ext),
    });
  }
}

interface Columns {
  readonly words: Dictionary;
  readonly values: Dictionary;
  readonly type: Uint8Array;
  readonly process: Int32Array;
  readonly time: Float64Array;
  readonly f: Int32Array;
  readonly key: Int32Array;
  readonly node: Int32Array;
  readonly value: Int32Array;
  /** The other end's index, -1 where there is none. */
  readonly partner: Int32Array;
  readonly errors: ReadonlyMap<number, OpError>;
  readonly found: ReadonlyMap<number, number>;
  readonly ext: ReadonlyMap<number, { readonly [field: string]: Json }>;
}

export class History implements Iterable<Op> {
  readonly #c: Columns;

  constructor(columns: Columns) {
    this.#c = columns;
  }

  static of(ops: Iterable<NewOp>): History {
    const builder = new HistoryBuilder();
    for (const op of ops) builder.append(op);
    return builder.build();
  }

  get length(): number {
    return this.#c.type.length;
  }

  type(index: number): OpType {
    return types[this.#c.type[index] ?? 0] ?? 'invoke';
  }

  process(index: number): Process {
    const process = this.#c.process[index] ?? NEMESIS;
    return process === NEMESIS ? 'nemesis' : process;
  }

  isNemesis(index: number): boolean {
    return this.#c.process[index] === NEMESIS;
  }

  /** Nanoseconds since the start. */
  time(index: number): number {
    return this.#c.time[index] ?? 0;
  }

  f(index: number): string {
    return this.#c.words.get(this.#c.f[index] ?? ABSENT) as string;
  }

  key(index: number): string | undefined {
    return this.#c.words.get(this.#c.key[index] ?? ABSENT) as string | undefined;
  }

  node(index: number): string | undefined {
    return this.#c.words.get(this.#c.node[index] ?? ABSENT) as string | undefined;
  }

  value(index: number): Json | undefined {
    return this.#c.values.get(this.#c.value[index] ?? ABSENT);
  }

  error(index: number): OpError | undefined {
    return this.#c.errors.get(index);
  }

  /** The other end of this op: an invocation's completion, a completion's invocation; -1 where there is none. */
  partner(index: number): number {
    return this.#c.partner[index] ?? ABSENT;
  }

  op(index: number): Op {
    const key = this.key(index);
    const value = this.value(index);
    const node = this.node(index);
    const error = this.#c.errors.get(index);
    const found = this.#foundAt(index);
    const ext = this.#c.ext.get(index);
    return {
      index,
      time: this.time(index),
      type: this.type(index),
      process: this.process(index),
      f: this.f(index),
      ...(key === undefined ? {} : { key }),
      ...(value === undefined ? {} : { value }),
      ...(node === undefined ? {} : { node }),
      ...(error === undefined ? {} : { error }),
      ...(found === undefined ? {} : { found }),
      ...(ext === undefined ? {} : { ext }),
    };
  }

  *[Symbol.iterator](): IterableIterator<Op> {
    for (let index = 0; index < this.length; index++) yield this.op(index);
  }

  /** The clients' operations by invocation, certain failures left out: they have no effect. */
  operations(): Operation[] {
    const result: Operation[] = [];
    for (let index = 0; index < this.length; index++) {
      if (this.#c.type[index] !== 0 || this.#c.process[index] === NEMESIS) continue;
      const operation = this.operation(index);
      if (operation !== undefined) result.push(operation);
    }
    return result;
  }

  /** The operation invoked at `index`; undefined where it certainly failed and saw nothing. */
  operation(index: number): Operation | undefined {
    const partner = this.partner(index);
    const type = partner === ABSENT ? 'info' : this.type(partner);
    const result = this.#result(type, partner);
    if (type === 'fail' && result === undefined) return undefined;
    const key = this.key(index);
    const value = this.value(index);
    const node = this.node(index);
    return {
      id: index,
      process: this.#c.process[index] ?? 0,
      ...(node === undefined ? {} : { node }),
      call: {
        f: this.f(index),
        ...(key === undefined ? {} : { key }),
        ...(value === undefined ? {} : { value }),
      },
      ...(result === undefined ? {} : { result }),
      invokedAt: index,
      completedAt: result === undefined ? Infinity : partner,
    };
  }

  #result(type: OpType, completion: number): Result | undefined {
    if (type === 'ok') {
      const value = this.value(completion);
      return value === undefined ? {} : { value };
    }
    const found = type === 'fail' ? this.#foundAt(completion) : undefined;
    return found === undefined ? undefined : { ...found, mismatch: true };
  }

  #foundAt(index: number): { value?: Json } | undefined {
    const id = this.#c.found.get(index);
    if (id === undefined) return undefined;
    const value = this.#c.values.get(id);
    return value === undefined ? {} : { value };
  }
}
