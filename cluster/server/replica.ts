// One copy of the register: Raft, its log on disk, and the state machine. The loop takes whatever has come in, steps
// Raft through it, and does the effects in their order: persist → send → apply → answer. What comes while the disk is
// busy waits and is the next batch, so that the load decides how many entries share a sync.

import { mergeEffects } from '../raft/effects.ts';
import type { Answer, Effects, Envelope, Index, Input } from '../raft/messages.ts';
import type { Raft } from '../raft/raft.ts';
import { decodeCommand } from '../register/command.ts';
import { type CommandResult, type Found, RegisterMap } from '../register/register.ts';
import type { Duties } from './duties.ts';
import type { Host, Timer } from './host.ts';
import type { WriteAheadLog } from './wal.ts';

export interface ReplicaEvents {
  send(envelope: Envelope): void;
  /** `result`: what the state machine said to a committed command, if it has been applied. */
  answer(answer: Answer, result: CommandResult | undefined): void;
  /** After every batch: role, term or leader may be others. */
  stepped(): void;
  /** The disk failed, or a promise inside was broken. Nothing is sent or answered after it. */
  failed(error: unknown): void;
}

export class Replica {
  readonly #host: Host;
  readonly #raft: Raft;
  readonly #log: WriteAheadLog;
  readonly #duties: Pick<Duties, 'leaseTimeMs'>;
  readonly #events: ReplicaEvents;
  readonly #register = new RegisterMap();
  #applied: Index = 0;
  #queue: Input[] = [];
  #turn: Promise<void> | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    host: Host,
    raft: Raft,
    log: WriteAheadLog,
    duties: Pick<Duties, 'leaseTimeMs'>,
    events: ReplicaEvents,
  ) {
    this.#host = host;
    this.#raft = raft;
    this.#log = log;
    this.#duties = duties;
    this.#events = events;
    this.#armTimer();
  }

  get applied(): Index {
    return this.#applied;
  }

  get register(): RegisterMap {
    return this.#register;
  }

  read(key: string): Found {
    return this.#register.read(key);
  }

  status(): ReturnType<Raft['status']> {
    return this.#raft.status(this.#host.clock.now());
  }

  submit(input: Input): void {
    if (this.#isStopped) return;
    this.#queue.push(input);
    this.#turn ??= this.#run();
  }

  /** Takes nothing more; resolves when the batch under way is on disk and the log is closed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#turn;
    await this.#log.close();
  }

  async #run(): Promise<void> {
    // One turn of the event loop's queue of promises, so that inputs of one network read go into one batch.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0 && !this.#isStopped) await this.#takeBatch();
    } catch (error) {
      this.#isStopped = true;
      this.#events.failed(error);
    }
    this.#turn = undefined;
    if (!this.#isStopped) this.#armTimer();
  }

  async #takeBatch(): Promise<void> {
    const inputs = this.#queue;
    this.#queue = [];
    const now = this.#host.clock.now();
    const leaseNow = this.#duties.leaseTimeMs(this.#host);
    const effects = mergeEffects(inputs.map((input) => this.#raft.step(now, input, leaseNow)));
    if (effects.persist !== undefined) await this.#log.persist(effects.persist);
    for (const envelope of effects.send) this.#events.send(envelope);
    this.#applyAndAnswer(effects);
    this.#events.stepped();
  }

  #applyAndAnswer(effects: Effects): void {
    const results = new Map<Index, CommandResult>();
    for (const entry of effects.apply) {
      if (entry.data !== '') results.set(entry.index, this.#register.apply(decodeCommand(entry.data)));
      this.#applied = entry.index;
    }
    for (const answer of effects.answers) {
      this.#events.answer(answer, answer.kind === 'committed' ? results.get(answer.index) : undefined);
    }
  }

  #armTimer(): void {
    this.#timer?.cancel();
    const delayMs = Math.max(0, this.#raft.deadline - this.#host.clock.now());
    this.#timer = this.#host.clock.timer(delayMs, () => this.submit({ kind: 'tick' }));
  }
}
