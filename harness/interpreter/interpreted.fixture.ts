// Runs the interpreter on plans and fake clients, for its tests.

import { type History, HistoryBuilder, type NewOp } from '../../checkers/history.ts';
import type { Call, Op, Outcome } from '../../checkers/op.ts';
import type { OpGenerator } from '../generator/generator.ts';
import { type InterpreterOptions, type InterpreterReport, interpret } from '../interpreter.ts';
import type { Nemesis } from '../nemesis/nemesis.ts';
import type { Client } from '../system.ts';
import { VirtualTime } from './virtual-time.fixture.ts';

export type Invoke = (call: Call, signal: AbortSignal, process: number) => Promise<Outcome>;

export interface FakeClient extends Client {
  readonly process: number;
  readonly thread: number;
  isClosed: boolean;
}

export interface Interpreted {
  /** As it was recorded. */
  readonly ops: Op[];
  /** Accepted by the history's own rules. */
  readonly history: History;
  readonly clients: readonly FakeClient[];
  readonly report: InterpreterReport | undefined;
  /** What the interpreter rejected with. */
  readonly problem: unknown;
}

export type Setting = Partial<InterpreterOptions> & {
  readonly plan: OpGenerator;
  readonly invoke?: Invoke;
  readonly time?: VirtualTime;
};

export const idleNemesis: Nemesis = {
  fs: [],
  invoke: () => Promise.resolve({ status: 'applied', evidence: {} }),
  restore: () => Promise.resolve({ status: 'applied', evidence: {} }),
};

/** In virtual time unless `clock` and `timers` are given; 2 threads and time-outs of 100 ms unless told otherwise. */
export async function interpreted(setting: Setting): Promise<Interpreted> {
  const {
    plan,
    invoke = () => Promise.resolve({ type: 'ok' }),
    time = new VirtualTime(),
    ...others
  } = setting;
  const builder = new HistoryBuilder();
  const clients: FakeClient[] = [];
  const work = interpret({
    generator: plan,
    threads: 2,
    nodeOf: (thread) => `n${thread + 1}`,
    openClient: (thread, process) => Promise.resolve(fakeClient(thread, process)),
    nemesis: idleNemesis,
    clock: time,
    timers: time,
    opTimeoutMs: 100,
    record: (op: NewOp) => builder.append(op),
    signal: new AbortController().signal,
    ...others,
  });
  function fakeClient(thread: number, process: number): FakeClient {
    const client: FakeClient = {
      thread,
      process,
      isClosed: false,
      invoke: (call, signal) => invoke(call, signal, process),
      close: () => {
        client.isClosed = true;
        return Promise.resolve();
      },
    };
    clients.push(client);
    return client;
  }
  let report: InterpreterReport | undefined;
  let problem: unknown;
  try {
    report = await (setting.clock === undefined || setting.clock === time ? time.run(work) : work);
  } catch (error) {
    problem = error;
  }
  const history = builder.build();
  return { ops: [...history], history, clients, report, problem };
}

/** The completion of the n-th client invocation. */
export function ending({ history }: Interpreted, n = 0): Op {
  const invocations = [...history].filter((op) => op.type === 'invoke' && op.process !== 'nemesis');
  return history.op(history.partner(invocations[n]?.index ?? -1));
}
