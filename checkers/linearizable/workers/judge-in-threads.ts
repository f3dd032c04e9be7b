// Parts judged by worker threads, the smallest first. This thread only hands out and collects, so that its event loop is
// free: signals are heard, and a budget that somebody interrupts ends the search.

import type { Worker } from 'node:worker_threads';
import type { Budget, GaveUp } from '../../checker.ts';
import { heapLimitBytes } from '../../heap-guard.ts';
import type { History } from '../../history.ts';
import type { Operation } from '../../op.ts';
import type { PartJudgement } from '../judge-part.ts';
import type { Part } from '../part.ts';
import { after, FIRST_ROUND, type Open, type Verdict } from '../rounds.ts';
import {
  type FromThread,
  heldBytes,
  newCells,
  type OpenCheck,
  received,
  release,
  stopAll,
  type ToThread,
} from './messages.ts';
import type { ModelReference } from './model-reference.ts';
import { type SharedHistory, shareHistory } from './shared-history.ts';
import { giveThread, takeThread } from './thread-pool.ts';

/** Small parts are sent together, up to so many operations. */
const BATCH = 20_000;
/** Between two looks at the budget, in milliseconds. */
const LOOK_MS = 20;

export interface ThreadedCheck {
  readonly history: History;
  readonly model: ModelReference;
  readonly budget: Budget;
  readonly algorithm: string | undefined;
  /** At most; from 1. */
  readonly threads: number;
}

/**
 * A part whose thread dies is unknown and says why; the rest goes on in a new thread. Rejects with what a model or an
 * algorithm threw.
 */
export async function judgeInThreads<State>(
  parts: readonly Open<State>[],
  check: ThreadedCheck,
): Promise<Verdict<State>[]> {
  return new Session(parts, check).run();
}

class Session<State> {
  readonly #check: ThreadedCheck;
  readonly #shared: SharedHistory;
  readonly #cells: Int32Array;
  /** A part that lost its thread together with others is tried alone. */
  readonly #queue: { readonly open: Open<State>; readonly alone: boolean }[];
  readonly #verdicts: Verdict<State>[] = [];
  readonly #freeSlots: number[];
  #resolve: (verdicts: Verdict<State>[]) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #running = 0;
  #stopped: GaveUp | undefined;

  constructor(parts: readonly Open<State>[], check: ThreadedCheck) {
    this.#check = check;
    this.#shared = shareHistory(check.history);
    this.#queue = parts.map((open) => ({ open, alone: false }));
    const threads = Math.min(check.threads, parts.length);
    this.#cells = newCells(threads);
    this.#freeSlots = Array.from({ length: threads }, (_, i) => threads - i);
  }

  async run(): Promise<Verdict<State>[]> {
    const looks = setInterval(() => this.#look(), LOOK_MS);
    try {
      return await new Promise<Verdict<State>[]>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        this.#handOut();
      });
    } finally {
      clearInterval(looks);
    }
  }

  #look(): void {
    if (this.#stopped !== undefined) return;
    const cause = this.#check.budget.giveUp(heldBytes(this.#cells));
    if (cause === undefined) return;
    this.#stopped = cause;
    stopAll(this.#cells, cause);
    for (const { open } of this.#queue.splice(0)) this.#conclude(open, without(cause));
    this.#handOut();
  }

  #handOut(): void {
    while (this.#queue.length > 0 && this.#freeSlots.length > 0) this.#startThread();
    if (this.#queue.length === 0 && this.#running === 0) this.#resolve(this.#verdicts);
  }

  /** One thread, until nothing is left to do. */
  #startThread(): void {
    const slot = this.#freeSlots.pop() as number;
    const worker = takeThread();
    let batch: readonly Open<State>[] = [];
    const leave = (): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      release(this.#cells, slot);
      this.#freeSlots.push(slot);
      this.#running--;
    };
    const next = (): void => {
      batch = this.#nextBatch();
      if (batch.length === 0) {
        leave();
        send(worker, { kind: 'close' });
        giveThread(worker);
        this.#handOut();
        return;
      }
      const tasks = batch.map(({ part, effort }) => ({ ids: idsOf(part), configurations: effort }));
      send(worker, { kind: 'judge', tasks });
    };
    const onMessage = (message: FromThread): void => {
      if (message.kind === 'broke') {
        leave();
        void worker.terminate();
        stopAll(this.#cells, 'interrupted');
        this.#queue.length = 0;
        this.#reject(brokenIn(message.stack));
        return;
      }
      for (const [i, result] of message.results.entries()) {
        const judged = received(result, (id) => this.#check.history.operation(id) as Operation);
        this.#conclude(batch[i] as Open<State>, judged);
      }
      next();
    };
    const onDeath = (judgement: PartJudgement): void => {
      leave();
      const [only, ...others] = batch;
      if (only !== undefined && others.length === 0) this.#conclude(only, judgement);
      else this.#queue.unshift(...batch.map((open) => ({ open, alone: true })));
      this.#handOut();
    };
    const onError = (error: Error): void => onDeath(deathOf(error));
    const onExit = (code: number): void => onDeath(died(`exit code ${code}`));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    this.#running++;
    send(worker, this.#opening(slot));
    next();
  }

  #opening(slot: number): OpenCheck {
    const { model, algorithm, budget } = this.#check;
    const { memoryBytes } = budget;
    return { kind: 'open', history: this.#shared, model, algorithm, cells: this.#cells, slot, memoryBytes };
  }

  #nextBatch(): Open<State>[] {
    const batch: Open<State>[] = [];
    let operations = 0;
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const { open, alone } = first;
      const fits = !alone && open.effort === FIRST_ROUND && operations + open.part.size <= BATCH;
      if (batch.length > 0 && !fits) break;
      this.#queue.shift();
      batch.push(open);
      operations += open.part.size;
      if (alone || open.effort > FIRST_ROUND) break;
    }
    return batch;
  }

  #conclude(open: Open<State>, judgement: PartJudgement): void {
    const outcome = after(open, judgement, this.#check.algorithm);
    if ('verdict' in outcome) this.#verdicts.push(outcome.verdict);
    else if (this.#stopped !== undefined) this.#conclude(outcome.open, without(this.#stopped));
    else this.#queue.push({ open: outcome.open, alone: true });
  }
}

function send(worker: Worker, message: ToThread): void {
  worker.postMessage(message, []);
}

function idsOf<State>(part: Part<State>): Int32Array {
  return Int32Array.from({ length: part.size }, (_, row) => part.operation(row).id);
}

function without(cause: GaveUp, why?: string): PartJudgement {
  return {
    decision: { validity: 'unknown', cause, bytes: 0, configurations: 0 },
    algorithm: 'none',
    configurations: 0,
    bytes: 0,
    ms: 0,
    ...(why === undefined ? {} : { why }),
  };
}

function deathOf(error: Error & { readonly code?: string }): PartJudgement {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return died(error.message);
  const allowed = Math.round(heapLimitBytes() / 2 ** 20).toLocaleString('en-US');
  return without('memory', `ran out of memory (${allowed} MB of heap allowed by Node.js)`);
}

function died(reason: string): PartJudgement {
  return without('interrupted', `its thread ended unexpectedly (${reason})`);
}

function brokenIn(stack: string): Error {
  const error = new Error((stack.split('\n')[0] ?? '').replace(/^\w*Error: /u, ''));
  error.stack = stack;
  return error;
}
