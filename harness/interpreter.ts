// Carries out a plan: asks it what to do, hands calls to clients and the nemesis, records both ends of each, and tells
// the plan. The recorded interval contains the real one: the invocation is stamped and recorded before anything is sent,
// the completion when the answer is there. Knows nothing of the system under test, nor of what its calls mean.

import type { NewOp } from '../checkers/history.ts';
import type { Call, Op } from '../checkers/op.ts';
import { type Clock, nanosPerMs, nanosPerSecond } from './clock.ts';
import type { NodeName } from './environment.ts';
import { type EventLoopLag, measureEventLoopLag } from './event-loop-lag.ts';
import type { OpGenerator, Planned, Thread } from './generator/generator.ts';
import { Roster } from './generator/roster.ts';
import { ask, tell } from './generator/validate.ts';
import { type Attempt, attempt } from './interpreter/attempt.ts';
import { type CallEnd, ClientWorker } from './interpreter/client-worker.ts';
import { type Completion, faultCompletion, judgeCall } from './interpreter/completion.ts';
import { DiscardedClients } from './interpreter/discarded-clients.ts';
import { type Cancel, realTimers, type Timers } from './interpreter/timers.ts';
import type { Nemesis } from './nemesis/nemesis.ts';
import { Stream } from './random.ts';
import type { Client } from './system.ts';

export interface InterpreterOptions {
  readonly generator: OpGenerator;
  /** Client threads, 0 to `threads - 1`; the nemesis is one more. */
  readonly threads: number;
  /** The node this thread's clients talk to, as it is recorded. */
  readonly nodeOf: (thread: number) => NodeName | undefined;
  readonly openClient: (thread: number, process: number, signal: AbortSignal) => Promise<Client>;
  readonly nemesis: Nemesis;
  readonly clock: Clock;
  /** From the moment at which the client gets the call. */
  readonly opTimeoutMs: number;
  /** For opening a client; like `opTimeoutMs` if not given. */
  readonly openTimeoutMs?: number;
  /** For one call of the nemesis; a minute if not given. */
  readonly nemesisTimeoutMs?: number;
  /** Told of every op in the order of the history, at once. What it throws ends the run. */
  readonly record: (op: NewOp) => void;
  /** When it aborts, the plan is asked no more; calls that are open get as long as `opTimeoutMs`. */
  readonly signal: AbortSignal;
  /** Calls without any effect, whose unknown outcome is a failure; `read` if not given. */
  readonly isPure?: (call: Call) => boolean;
  /** Chooses among free threads. */
  readonly stream?: Stream;
  readonly timers?: Timers;
}

export interface InterpreterReport {
  /** Client calls that ended, however they did. */
  readonly completed: number;
  /** Of these, per second from the first invocation to the last completion. */
  readonly achievedRate: number;
  /** Definite answers that came after their call had been recorded as unknown; they reached nobody. */
  readonly lateReplies: number;
  /** Clients that did not close properly. */
  readonly closeErrors: number;
  /** The signal ended it, not the plan. */
  readonly aborted: boolean;
  readonly eventLoopLagMs: EventLoopLag;
}

/**
 * Resolves when the plan is exhausted, or the signal aborted, and every call has ended. A plan that breaks a rule, a
 * client that answers nonsense and a record that throws end the run: calls that are open are waited for and recorded,
 * then it rejects with what came first.
 */
export function interpret(options: InterpreterOptions): Promise<InterpreterReport> {
  return new Interpretation(options).run();
}

/** How often a plan is asked that does not know what it waits for. */
const POLL_NANOS = nanosPerMs;

class Interpretation {
  readonly #options: InterpreterOptions;
  readonly #timers: Timers;
  readonly #roster: Roster;
  readonly #workers: readonly ClientWorker[];
  readonly #discarded: DiscardedClients;
  readonly #open = new Map<Thread, Op>();
  #plan: OpGenerator;
  #index = 0;
  /** The plan is asked no more. */
  #closing = false;
  #problem: { readonly error: unknown } | undefined;
  #faulting: Attempt | undefined;
  #waiting: Cancel | undefined;
  #hurrying: Cancel | undefined;
  #turnIsNear = false;
  #allEnded: () => void = () => {};
  #completed = 0;
  #lateReplies = 0;
  #firstTime: number | undefined;
  #lastTime = 0;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    this.#timers = options.timers ?? realTimers;
    this.#roster = new Roster(options.threads, options.stream ?? Stream.of(0));
    this.#discarded = new DiscardedClients(this.#timers, options.opTimeoutMs);
    this.#workers = Array.from({ length: options.threads }, (_, thread) => this.#worker(thread));
    this.#plan = options.generator;
  }

  #worker(thread: number): ClientWorker {
    const { opTimeoutMs, openTimeoutMs = opTimeoutMs, openClient } = this.#options;
    return new ClientWorker({
      timers: this.#timers,
      opTimeoutMs,
      openTimeoutMs,
      open: (process, signal) => openClient(thread, process, signal),
      discarded: this.#discarded,
      lateReply: (outcome) => {
        const type = (outcome as { type?: unknown } | null)?.type;
        if (type === 'ok' || type === 'fail') this.#lateReplies++;
      },
    });
  }

  async run(): Promise<InterpreterReport> {
    const { signal } = this.#options;
    const lag = measureEventLoopLag();
    const abort = () => this.#close('hurry');
    signal.addEventListener('abort', abort, { once: true });
    await new Promise<void>((resolve) => {
      this.#allEnded = resolve;
      if (signal.aborted) abort();
      else this.#soon();
    });
    signal.removeEventListener('abort', abort);
    this.#hurrying?.();
    for (const worker of this.#workers) worker.discardClient();
    await this.#discarded.allClosed();
    const eventLoopLagMs = lag.stop();
    if (this.#problem !== undefined) throw this.#problem.error;
    return this.#report(eventLoopLagMs);
  }

  #report(eventLoopLagMs: EventLoopLag): InterpreterReport {
    const seconds = (this.#lastTime - (this.#firstTime ?? this.#lastTime)) / nanosPerSecond;
    return {
      completed: this.#completed,
      achievedRate: seconds === 0 ? 0 : this.#completed / seconds,
      lateReplies: this.#lateReplies,
      closeErrors: this.#discarded.errors,
      aborted: this.#options.signal.aborted,
      eventLoopLagMs,
    };
  }

  /**
   * One question to the plan a turn of the event loop. Between two of them everything that has arrived is delivered, so
   * that a call is not made to look concurrent with one whose answer is already there.
   */
  #turn(): void {
    this.#turnIsNear = false;
    if (this.#closing) return;
    try {
      if (this.#roster.anyFree) this.#ask();
    } catch (error) {
      this.#fail(error);
    }
  }

  #ask(): void {
    const now = this.#options.clock.now();
    const next = ask(this.#plan, this.#roster.context(now));
    if (next.kind === 'exhausted') {
      this.#close('at leisure');
    } else if (next.kind === 'pending') {
      this.#plan = next.rest;
      this.#wait(now, next.until);
    } else if (next.op.time > now) {
      this.#plan = next.kept ?? this.#plan;
      this.#wait(now, next.op.time);
    } else {
      this.#plan = next.rest;
      this.#invoke(next.op);
      this.#soon();
    }
  }

  #soon(): void {
    if (this.#turnIsNear) return;
    this.#turnIsNear = true;
    this.#waiting?.();
    this.#waiting = undefined;
    this.#timers.soon(() => this.#turn());
  }

  #wait(now: number, until: number | undefined): void {
    if (until === Infinity) {
      if (this.#open.size > 0) return;
      throw new Error('the plan waits for an event, but no call is open that could bring one');
    }
    const time = until === undefined || until <= now ? now + POLL_NANOS : until;
    this.#waiting = this.#timers.after((time - now) / nanosPerMs, () => this.#soon());
  }

  #invoke({ thread, call }: Planned): void {
    const process = this.#roster.processOf(thread);
    const node = thread === 'nemesis' ? undefined : this.#options.nodeOf(thread);
    this.#roster.take(thread);
    const invocation = this.#record({
      time: this.#options.clock.now(),
      type: 'invoke',
      process,
      f: call.f,
      ...(call.key === undefined ? {} : { key: call.key }),
      ...(call.value === undefined ? {} : { value: call.value }),
      ...(node === undefined ? {} : { node }),
    });
    this.#open.set(thread, invocation);
    if (thread === 'nemesis') this.#harm(call);
    else this.#workers[thread]?.invoke(Number(process), call, (end) => this.#callEnded(thread, call, end));
    this.#tell(invocation);
  }

  #harm(call: Call): void {
    const { nemesis, nemesisTimeoutMs = 60_000 } = this.#options;
    this.#faulting = attempt({
      timers: this.#timers,
      timeoutMs: nemesisTimeoutMs,
      act: (signal) => nemesis.invoke(call, signal),
      ended: (end) => {
        this.#faulting = undefined;
        this.#complete('nemesis', faultCompletion(end));
      },
      late: () => {},
    });
  }

  #callEnded(thread: number, call: Call, end: CallEnd): void {
    const isPure = this.#options.isPure?.(call) ?? call.f === 'read';
    const { completion, clientIsSpent, problem } = judgeCall(call, isPure, end);
    if (clientIsSpent) this.#workers[thread]?.discardClient();
    this.#completed++;
    this.#complete(thread, completion);
    if (problem !== undefined) this.#fail(problem);
  }

  #complete(thread: Thread, completion: Completion): void {
    const time = this.#options.clock.now();
    const invocation = this.#open.get(thread);
    this.#open.delete(thread);
    try {
      if (invocation === undefined) throw new Error(`thread ${thread} ends a call that is not open`);
      const { process, f, key, node } = invocation;
      const op = this.#record({
        time,
        process,
        f,
        ...completion,
        ...(key === undefined ? {} : { key }),
        ...(node === undefined ? {} : { node }),
      });
      if (completion.type === 'info') this.#roster.retire(thread);
      this.#roster.release(thread);
      this.#tell(op);
    } catch (error) {
      this.#fail(error);
    }
    if (this.#closing) this.#endWhenIdle();
    else this.#soon();
  }

  #record(op: NewOp): Op {
    if (op.process !== 'nemesis') {
      this.#firstTime ??= op.time;
      this.#lastTime = op.time;
    }
    this.#options.record(op);
    return { index: this.#index++, ...op };
  }

  #tell(event: Op): void {
    if (!this.#closing) this.#plan = tell(this.#plan, this.#roster.context(event.time), event);
  }

  #fail(error: unknown): void {
    this.#problem ??= { error };
    this.#close('hurry');
  }

  /** Asks for nothing more. What is open ends by itself or by its deadline; in a hurry, deadlines come closer. */
  #close(manner: 'at leisure' | 'hurry'): void {
    this.#closing = true;
    this.#waiting?.();
    if (manner === 'hurry' && this.#hurrying === undefined) {
      this.#hurrying = this.#timers.after(this.#options.opTimeoutMs, () => this.#faulting?.giveUp());
      for (const worker of this.#workers) worker.giveUpOpening();
    }
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#open.size === 0) this.#allEnded();
  }
}
