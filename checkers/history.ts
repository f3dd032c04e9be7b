// A history in columns: typed arrays for what every op has, interned values beside them. A million operations take
// some 100 MB. Order is the index; an op is only made into an object when somebody asks for it.

import { ABSENT, Dictionary } from './dictionary.ts';
import { type Columns, copyOf, emptyColumns, INVOKE, NEMESIS, typeCode, types } from './history-columns.ts';
import { canonicalJson, type Json } from './json.ts';
import type { Call, Op, OpError, Operation, OpType, Process, Result } from './op.ts';
import { isOpField } from './op-fields.ts';
import { type Breach, Pairing } from './pairing.ts';

/** Processes are a column of 32 bits. */
export const maxProcess = 0x7fffffff;

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

type Ext = { readonly [field: string]: Json };
type Found = { readonly value?: Json };

/** What few ops have, by index: numbers of values in the dictionary. */
interface Rare {
  readonly error: ReadonlyMap<number, number>;
  readonly found: ReadonlyMap<number, number>;
  readonly ext: ReadonlyMap<number, Ext>;
}

/** An op in the numbers of the columns and of the dictionary. `found` is {@link UNSEEN} where nothing was. */
export interface NumberedOp {
  readonly type: number;
  readonly process: number;
  readonly time: number;
  readonly f: number;
  readonly key: number;
  readonly node: number;
  readonly value: number;
  readonly error: number;
  readonly found: number;
}

/** In the place of `found`, where ABSENT means that an absent key was seen. */
export const UNSEEN = 0x7fffffff;

/**
 * Appends ops and checks the rules: one open op a process, a completion for each invocation only, time never back,
 * values that are JSON. An op that breaks one throws a HistoryError and leaves the history as it was.
 */
export class HistoryBuilder {
  /** What the numbers of {@link appendNumbers} stand for. */
  readonly dictionary = new Dictionary();
  readonly #pairing = new Pairing();
  #columns = emptyColumns(1024);
  #length = 0;
  readonly #error = new Map<number, number>();
  readonly #found = new Map<number, number>();
  readonly #ext = new Map<number, Ext>();

  get length(): number {
    return this.#length;
  }

  /** Returns the op's index. */
  append(op: NewOp): number {
    const index = this.#length;
    this.#checkNumbers(index, op);
    const value = this.#intern(index, 'value', op.value);
    const error = this.#intern(index, 'error', op.error as Json | undefined);
    const found = op.found === undefined ? UNSEEN : this.#intern(index, 'found', op.found.value);
    const ext = op.ext === undefined ? undefined : copyOfExt(index, op.ext);
    const breach = this.#add({
      type: typeCode[op.type],
      process: op.process === 'nemesis' ? NEMESIS : op.process,
      time: op.time,
      f: this.dictionary.intern(op.f),
      key: this.dictionary.intern(op.key),
      node: this.dictionary.intern(op.node),
      value,
      error,
      found,
    });
    if (breach !== undefined) throw new HistoryError(index, this.#breachText(breach, op));
    if (ext !== undefined) this.#ext.set(index, ext);
    return index;
  }

  /**
   * The same for a reader that has numbers of the {@link dictionary} already; time and process are whole and not
   * negative. False where a rule is broken: then nothing has changed, and {@link append} says which.
   */
  appendNumbers(op: NumberedOp): boolean {
    if (op.process > maxProcess || op.time < this.#lastTime()) return false;
    return this.#add(op) === undefined;
  }

  #add(op: NumberedOp): Breach | undefined {
    const index = this.#length;
    const partner = this.#pairing.add(index, op.type, op.process, op.f, op.key, this.#columns);
    if (typeof partner === 'string') return partner;
    if (index === this.#columns.type.length) this.#columns = copyOf(this.#columns, index, index * 2);
    const columns = this.#columns;
    columns.type[index] = op.type;
    columns.process[index] = op.process;
    columns.time[index] = op.time;
    columns.f[index] = op.f;
    columns.key[index] = op.key;
    columns.node[index] = op.node;
    columns.value[index] = op.value;
    columns.partner[index] = partner;
    if (partner !== ABSENT) columns.partner[partner] = index;
    if (op.error !== ABSENT) this.#error.set(index, op.error);
    if (op.found !== UNSEEN) this.#found.set(index, op.found);
    this.#length = index + 1;
    return undefined;
  }

  #breachText(breach: Breach, { process, f, key }: NewOp): string {
    const open = this.#pairing.open(process as number) ?? 0;
    switch (breach) {
      case 'open':
        return `process ${process} invokes ${f} while its operation ${open} is open; a process has one at a time`;
      case 'retired':
        return `process ${process} goes on after info; its id must be retired`;
      case 'without invocation':
        return `process ${process} completes ${f} without an invocation; each completion needs its own before it`;
      case 'other call': {
        const [openF, openKey] = [this.#columns.f[open], this.#columns.key[open]].map((number) =>
          this.dictionary.get(number ?? ABSENT),
        ) as [string, string | undefined];
        return (
          `process ${process} completes ${callText(f, key)}, but its open operation ${open} is ` +
          `${callText(openF, openKey)}; both ends have the same f and key`
        );
      }
    }
  }

  /** The key of an op that was appended. */
  keyAt(index: number): string | undefined {
    return this.dictionary.get(this.#columns.key[index] ?? ABSENT) as string | undefined;
  }

  #lastTime(): number {
    return this.#length === 0 ? 0 : (this.#columns.time[this.#length - 1] ?? 0);
  }

  #checkNumbers(index: number, { time, process }: NewOp): void {
    if (!Number.isSafeInteger(time) || time < 0) {
      throw new HistoryError(index, `time is ${time}; allowed: whole nanoseconds from 0 to 2^53 - 1`);
    }
    const before = this.#lastTime();
    if (time < before) throw new HistoryError(index, `time goes back from ${before} to ${time}; it may not`);
    if (process !== 'nemesis' && !(Number.isInteger(process) && process >= 0 && process <= maxProcess)) {
      throw new HistoryError(index, `process is ${process}; allowed: an integer from 0, or "nemesis"`);
    }
  }

  #intern(index: number, field: string, value: Json | undefined): number {
    try {
      return this.dictionary.intern(value);
    } catch (error) {
      throw notJson(index, field, error);
    }
  }

  /** The history so far; later appends do not show in it. */
  build(): History {
    const length = this.#length;
    const columns = copyOf(this.#columns, length, length);
    return new History(this.dictionary, columns, {
      error: new Map(this.#error),
      found: new Map(this.#found),
      ext: new Map(this.#ext),
    });
  }
}

function callText(f: string, key: string | undefined): string {
  return key === undefined ? f : `${f} of ${key}`;
}

/** What could not be written to a file is refused here already. The order of the fields is kept. */
function copyOfExt(index: number, ext: Ext): Ext {
  const ours = Object.keys(ext).find(isOpField);
  if (ours !== undefined) {
    throw new HistoryError(index, `ext has a field "${ours}"; allowed: names that are not those of an op`);
  }
  try {
    canonicalJson(ext);
  } catch (error) {
    throw notJson(index, 'ext', error);
  }
  return { ...ext };
}

function notJson(index: number, field: string, error: unknown): HistoryError {
  const reason = error instanceof Error ? error.message : String(error);
  return new HistoryError(index, `${field} is ${reason}; allowed: JSON`);
}

/** Finished ops; none can be changed. Made by {@link HistoryBuilder} or {@link History.of}. */
export class History implements Iterable<Op> {
  readonly #dictionary: Dictionary;
  readonly #columns: Columns;
  readonly #rare: Rare;

  constructor(dictionary: Dictionary, columns: Columns, rare: Rare) {
    this.#dictionary = dictionary;
    this.#columns = columns;
    this.#rare = rare;
  }

  /** Throws a HistoryError where the ops break the rules. */
  static of(ops: Iterable<NewOp>): History {
    const builder = new HistoryBuilder();
    for (const op of ops) builder.append(op);
    return builder.build();
  }

  get length(): number {
    return this.#columns.type.length;
  }

  /** What it is made of, to be read only: for checkers that go through a million ops. `found`: by index, as a number. */
  get raw(): { columns: Columns; dictionary: Dictionary; found: ReadonlyMap<number, number> } {
    return { columns: this.#columns, dictionary: this.#dictionary, found: this.#rare.found };
  }

  type(index: number): OpType {
    return types[this.#columns.type[index] ?? INVOKE] ?? 'invoke';
  }

  process(index: number): Process {
    const process = this.#columns.process[index] ?? NEMESIS;
    return process === NEMESIS ? 'nemesis' : process;
  }

  isNemesis(index: number): boolean {
    return this.#columns.process[index] === NEMESIS;
  }

  /** Nanoseconds since the start. */
  time(index: number): number {
    return this.#columns.time[index] ?? 0;
  }

  f(index: number): string {
    return this.#text(this.#columns.f, index) ?? '';
  }

  key(index: number): string | undefined {
    return this.#text(this.#columns.key, index);
  }

  node(index: number): string | undefined {
    return this.#text(this.#columns.node, index);
  }

  #text(column: Int32Array, index: number): string | undefined {
    return this.#dictionary.get(column[index] ?? ABSENT) as string | undefined;
  }

  value(index: number): Json | undefined {
    return this.#dictionary.get(this.#columns.value[index] ?? ABSENT);
  }

  error(index: number): OpError | undefined {
    return this.#dictionary.get(this.#rare.error.get(index) ?? ABSENT) as OpError | undefined;
  }

  /** What a failed call saw on the way; `{}` when it saw that the key is absent. */
  found(index: number): Found | undefined {
    const id = this.#rare.found.get(index);
    if (id === undefined) return undefined;
    const value = this.#dictionary.get(id);
    return value === undefined ? {} : { value };
  }

  /** The other end of this op: an invocation's completion, a completion's invocation; -1 where there is none. */
  partner(index: number): number {
    return this.#columns.partner[index] ?? ABSENT;
  }

  op(index: number): Op {
    const key = this.key(index);
    const value = this.value(index);
    const node = this.node(index);
    const error = this.error(index);
    const found = this.found(index);
    const ext = this.#rare.ext.get(index);
    return {
      index,
      time: this.time(index),
      type: this.type(index),
      process: this.process(index),
      f: this.f(index),
      ...(key === undefined ? undefined : { key }),
      ...(value === undefined ? undefined : { value }),
      ...(node === undefined ? undefined : { node }),
      ...(error === undefined ? undefined : { error }),
      ...(found === undefined ? undefined : { found }),
      ...(ext === undefined ? undefined : { ext }),
    };
  }

  *[Symbol.iterator](): IterableIterator<Op> {
    for (let index = 0; index < this.length; index++) yield this.op(index);
  }

  /** The clients' operations by invocation, certain failures left out: they have no effect. */
  operations(): Operation[] {
    const result: Operation[] = [];
    for (let index = 0; index < this.length; index++) {
      if (this.#columns.type[index] !== INVOKE || this.isNemesis(index)) continue;
      const operation = this.operation(index);
      if (operation !== undefined) result.push(operation);
    }
    return result;
  }

  /** The client's operation invoked at `index`; undefined where it certainly failed and saw nothing. */
  operation(index: number): Operation | undefined {
    const completion = this.partner(index);
    const type = completion === ABSENT ? 'info' : this.type(completion);
    const result = this.#result(type, completion);
    if (type === 'fail' && result === undefined) return undefined;
    const operation: Writable<Operation> = {
      id: index,
      process: this.#columns.process[index] ?? 0,
      call: this.#call(index),
      invokedAt: index,
      completedAt: result === undefined ? Infinity : completion,
    };
    const node = this.node(index);
    if (node !== undefined) operation.node = node;
    if (result !== undefined) operation.result = result;
    return operation;
  }

  #call(index: number): Call {
    const call: Writable<Call> = { f: this.f(index) };
    const key = this.key(index);
    const value = this.value(index);
    if (key !== undefined) call.key = key;
    if (value !== undefined) call.value = value;
    return call;
  }

  #result(type: OpType, completion: number): Result | undefined {
    if (type === 'ok') {
      const value = this.value(completion);
      return value === undefined ? {} : { value };
    }
    const found = type === 'fail' ? this.found(completion) : undefined;
    return found === undefined ? undefined : { ...found, mismatch: true };
  }
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };
