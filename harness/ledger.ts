// The ledger of a run: what was done to the machine and how to undo it, written before it is done, so that whoever
// comes after a crash can clean up (see clean.ts). Not a history: it says nothing of the system under test.

import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import type { Json } from '../checkers/json.ts';
import { hostIdentity, identityOf, type ProcessIdentity } from './os-process.ts';

export const ledgerFile = 'ledger.jsonl';

/** The variable that every process of a run carries in its environment; its value is the run's mark. */
export const markVariable = 'FAULTLINE_RUN';

/** A fresh value for {@link markVariable}. */
export function runMark(): string {
  return randomBytes(12).toString('hex');
}

/** How to undo. Kinds other than these two belong to environments, which bring an undoer for `clean`. */
export type Undo =
  /** Ends the process group that this process leads. */
  | ({ readonly kind: 'end-group' } & ProcessIdentity)
  /** Ends every process that carries this mark. */
  | { readonly kind: 'end-marked'; readonly mark: string }
  | ForeignUndo;

export interface ForeignUndo {
  readonly kind: `${string}:${string}`;
  readonly [detail: string]: Json;
}

export interface LedgerEntry {
  readonly id: string;
  /** In words, e.g. `n1's program`. */
  readonly what: string;
  readonly undo: Undo;
  /** The controller: while it lives, nobody else may undo. */
  readonly owner: ProcessIdentity;
  /** Where the numbers of processes mean something; see `hostIdentity`. */
  readonly host: string;
  /** Wall-clock time, ISO 8601, for readers only. */
  readonly at: string;
}

const identity = { pid: v.pipe(v.number(), v.integer()), startedAt: v.string() };

const lineSchema = v.union([
  v.object({ settled: v.string() }),
  v.object({
    id: v.string(),
    what: v.string(),
    undo: v.union([
      v.object({ kind: v.literal('end-group'), ...identity }),
      v.object({ kind: v.literal('end-marked'), mark: v.string() }),
      v.looseObject({ kind: v.custom<`${string}:${string}`>((kind) => /.:./.test(String(kind))) }),
    ]),
    owner: v.object(identity),
    host: v.string(),
    at: v.string(),
  }),
]);

const flush = promisify(fdatasync);
let entriesMade = 0;

/** Several processes of one run may write the same ledger, each through a Ledger of its own. */
export class Ledger implements Disposable {
  readonly #descriptor: number;
  readonly #owner: ProcessIdentity;
  readonly #host = hostIdentity();
  #closed = false;

  private constructor(descriptor: number, owner: ProcessIdentity) {
    this.#descriptor = descriptor;
    this.#owner = owner;
  }

  /** In the run folder `directory`, which exists. The owner is this process unless another is named. */
  static open(directory: string, owner: ProcessIdentity = ownIdentity()): Ledger {
    return new Ledger(openSync(join(directory, ledgerFile), 'a'), owner);
  }

  /** The line is written when this returns and on the disk when the promise resolves, with the entry's id. */
  async record(what: string, undo: Undo): Promise<string> {
    const id = `${process.pid}-${++entriesMade}`;
    const at = new Date().toISOString();
    await this.#write({ id, what, undo, owner: this.#owner, host: this.#host, at } satisfies LedgerEntry);
    return id;
  }

  /** It is undone. */
  async settle(id: string): Promise<void> {
    await this.#write({ settled: id });
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }

  async #write(line: object): Promise<void> {
    if (this.#closed) return;
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
    await flush(this.#descriptor);
  }
}

/**
 * The entries of a run folder that nobody has settled, oldest first. A line that is no entry (the last may be cut off)
 * is passed over: it must not keep the others from being undone.
 */
export function unsettledEntries(directory: string): readonly LedgerEntry[] {
  const open = new Map<string, LedgerEntry>();
  for (const text of readFileSync(join(directory, ledgerFile), 'utf8').split('\n')) {
    const line = parseLine(text);
    if (line === undefined) continue;
    if ('settled' in line) open.delete(line.settled);
    else open.set(line.id, line as LedgerEntry);
  }
  return [...open.values()];
}

function parseLine(text: string): v.InferOutput<typeof lineSchema> | undefined {
  try {
    const parsed = v.safeParse(lineSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function ownIdentity(): ProcessIdentity {
  const own = identityOf(process.pid);
  if (own === undefined) throw new Error(`process ${process.pid} does not find itself in the process table`);
  return own;
}
