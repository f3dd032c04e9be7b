// A plan carried out against an imagined system in virtual time, so that whole schedules can be looked at and tested
// literally. No client, no waiting; the same plan gives the same ops.

import type { Op, Outcome } from '../../checkers/op.ts';
import { nanosPerMs } from '../clock.ts';
import { Stream } from '../random.ts';
import type { OpGenerator, Thread } from './generator.ts';
import { Roster } from './roster.ts';
import { ask, tell } from './validate.ts';

/** What the imagined system does with a call. */
export interface Reply {
  readonly afterNanos: number;
  /** The nemesis's calls are recorded as `info` whatever this says. */
  readonly outcome: Outcome;
}

export interface Simulation {
  /** Client threads, besides the nemesis; 2 if not given. */
  readonly threads?: number;
  /** `turn` counts the calls of the same thread, from 0. */
  readonly reply?: (invocation: Op, turn: number) => Reply;
  /** Invocations after which an endless plan is cut off; 1000 if not given. */
  readonly maxOps?: number;
  /** Virtual time at which it is cut off; no limit if not given. */
  readonly maxTimeMs?: number;
  /** Chooses among the free threads. */
  readonly stream?: Stream;
}

/** Without what a preset decides. */
export type Setting = Omit<Simulation, 'reply'>;

/** Every call is ok, at once. */
export function quick(plan: OpGenerator, setting: Setting = {}): Op[] {
  return simulate(plan, { ...setting, reply: () => ({ afterNanos: 0, outcome: { type: 'ok' } }) });
}

/** Every call is ok after 10 ns. */
export function perfect(plan: OpGenerator, setting: Setting = {}): Op[] {
  return simulate(plan, { ...setting, reply: () => ({ afterNanos: 10, outcome: { type: 'ok' } }) });
}

/** Of every call nobody knows what became of it, after 10 ns. */
export function perfectInfo(plan: OpGenerator, setting: Setting = {}): Op[] {
  return simulate(plan, { ...setting, reply: () => ({ afterNanos: 10, outcome: { type: 'info' } }) });
}

/** On each thread calls fail, are unknown and are ok in turn, after 10 ns. */
export function imperfect(plan: OpGenerator, setting: Setting = {}): Op[] {
  const outcomes: readonly Outcome[] = [
    { type: 'fail', error: { code: 'imagined' } },
    { type: 'info' },
    { type: 'ok' },
  ];
  return simulate(plan, {
    ...setting,
    reply: (_, turn) => ({ afterNanos: 10, outcome: outcomes[turn % 3] as Outcome }),
  });
}

/** Invocations only. */
export function invocations(ops: readonly Op[]): Op[] {
  return ops.filter((op) => op.type === 'invoke');
}

/** A line for each op, e.g. `1500 p0 invoke write x=3`; times in nanoseconds. */
export function lines(ops: readonly Op[]): string[] {
  return ops.map((op) => {
    const who = op.process === 'nemesis' ? 'nemesis' : `p${op.process}`;
    const subject = `${op.key ?? ''}${op.value === undefined ? '' : `=${JSON.stringify(op.value)}`}`;
    return [op.time, who, op.type, op.f, subject].filter((part) => part !== '').join(' ');
  });
}

/** All ops, invocations and completions. Throws when the plan breaks a rule or waits for what cannot happen. */
export function simulate(plan: OpGenerator, simulation: Simulation = {}): Op[] {
  return new ImaginedRun(plan, simulation).ops();
}

interface InFlight {
  readonly thread: Thread;
  readonly invocation: Op;
  readonly outcome: Outcome;
  readonly endsAt: number;
}

class ImaginedRun {
  #plan: OpGenerator;
  readonly #roster: Roster;
  readonly #reply: (invocation: Op, turn: number) => Reply;
  readonly #maxOps: number;
  readonly #maxTime: number;
  readonly #turns = new Map<Thread, number>();
  readonly #ops: Op[] = [];
  #inFlight: InFlight[] = [];
  #invoked = 0;
  #time = 0;

  constructor(plan: OpGenerator, simulation: Simulation) {
    this.#plan = plan;
    this.#roster = new Roster(simulation.threads ?? 2, simulation.stream ?? Stream.of(0));
    this.#reply = simulation.reply ?? (() => ({ afterNanos: 10, outcome: { type: 'ok' } }));
    this.#maxOps = simulation.maxOps ?? 1000;
    this.#maxTime = (simulation.maxTimeMs ?? Infinity) * nanosPerMs;
  }

  ops(): Op[] {
    while (this.#invoked < this.#maxOps && this.#step());
    while (this.#inFlight[0] !== undefined) this.#complete(this.#inFlight[0]);
    return this.#ops;
  }

  /** False when the plan is exhausted or cut off. */
  #step(): boolean {
    const next = ask(this.#plan, this.#roster.context(this.#time));
    if (next.kind === 'exhausted') return false;
    const [first] = this.#inFlight;
    const time = next.kind === 'op' ? Math.max(next.op.time, this.#time) : this.#wake(next.until);
    this.#plan = next.kind === 'pending' ? next.rest : (next.kept ?? this.#plan);
    if (first !== undefined && first.endsAt <= time) {
      this.#complete(first);
    } else if (time > this.#maxTime) {
      return false;
    } else if (time === Infinity) {
      throw new Error(`the plan waits, though nothing is open and no time would help, at ${this.#time} ns`);
    } else {
      this.#time = time;
      if (next.kind === 'op') {
        this.#plan = next.rest;
        this.#invoke(next.op.thread, next.op.call);
      }
    }
    return true;
  }

  #wake(until: number | undefined): number {
    return until === undefined || until <= this.#time ? this.#time + nanosPerMs : until;
  }

  #invoke(thread: Thread, call: { readonly f: string }): void {
    const process = this.#roster.processOf(thread);
    const invocation = this.#record({ time: this.#time, type: 'invoke', process, ...call });
    const turn = this.#turns.get(thread) ?? 0;
    const { afterNanos, outcome } = this.#reply(invocation, turn);
    this.#turns.set(thread, turn + 1);
    this.#invoked++;
    this.#inFlight = [
      ...this.#inFlight,
      { thread, invocation, outcome, endsAt: this.#time + afterNanos },
    ].sort((a, b) => a.endsAt - b.endsAt);
    this.#roster.take(thread);
    this.#plan = tell(this.#plan, this.#roster.context(this.#time), invocation);
  }

  #complete(ending: InFlight): void {
    const { thread, invocation, outcome, endsAt } = ending;
    this.#inFlight = this.#inFlight.filter((other) => other !== ending);
    this.#time = endsAt;
    const { f, key, value, process } = invocation;
    const answer = 'value' in outcome ? outcome.value : value;
    const completion = this.#record({
      time: endsAt,
      type: process === 'nemesis' ? 'info' : outcome.type,
      process,
      f,
      ...(key === undefined ? {} : { key }),
      ...(answer === undefined ? {} : { value: answer }),
      ...('error' in outcome && outcome.error !== undefined ? { error: outcome.error } : {}),
      ...('found' in outcome ? { found: outcome.found } : {}),
    });
    if (completion.type === 'info') this.#roster.retire(thread);
    this.#roster.release(thread);
    this.#plan = tell(this.#plan, this.#roster.context(endsAt), completion);
  }

  #record(op: Omit<Op, 'index'>): Op {
    const recorded = { index: this.#ops.length, ...op };
    this.#ops.push(recorded);
    return recorded;
  }
}
