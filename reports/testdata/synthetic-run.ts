// Runs for tests of reports: what clients of a correct register saw while faults came and went, made up by a small
// simulator from a seed, with a stale read planted on request.

import type { CheckResult } from '../../checkers/checker.ts';
import type { Counterexample } from '../../checkers/counterexample.ts';
import { History, type NewOp } from '../../checkers/history.ts';
import type { Json } from '../../checkers/json.ts';
import type { Operation } from '../../checkers/op.ts';
import type { FaultBand } from '../../harness/nemesis/nemesis.ts';
import type { Conclusion, PlanSummary, TestRun } from '../../harness/test-run.ts';

export const ms = 1_000_000;
export const second = 1_000 * ms;

export const bands: readonly FaultBand[] = [
  { name: 'partition', from: ['start-partition'], to: ['stop-partition'], colour: '#7b61c9' },
  { name: 'kill', from: ['kill'], to: ['start'], colour: '#d9822b' },
  { name: 'pause', from: ['pause'], to: ['resume'], colour: '#2b9d8f' },
];

export interface Options {
  readonly operations?: number;
  readonly threads?: number;
  readonly keys?: number;
  readonly seconds?: number;
  readonly seed?: number;
  readonly faults?: boolean;
  readonly stale?: boolean;
}

function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let mixed = state ^ (state >>> 15);
    mixed = Math.imul(mixed, 0x2c1b3c6d);
    mixed ^= mixed >>> 12;
    return (mixed >>> 0) / 0x100000000;
  };
}

interface Drawn {
  process: number;
  node: string;
  f: string;
  key: string;
  from: number;
  effect: number;
  to: number;
  type: 'ok' | 'fail' | 'info';
  value?: Json;
  read?: Json;
  found?: Json;
}

function spanOf(fault: number, seconds: number): [number, number] {
  const spans: [number, number][] = [
    [0.2, 0.36],
    [0.5, 0.6],
    [0.74, 0.82],
  ];
  const [from, to] = spans[fault] ?? [0, 0];
  return [from * seconds * second, to * seconds * second];
}

/** The ops of a run, in order of time. */
export function syntheticOps(options: Options = {}): NewOp[] {
  const { operations = 600, threads = 10, keys = 5, seconds = 20, seed = 1, faults = true } = options;
  const random = randomSource(seed);
  const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'];
  const drawn: Drawn[] = [];
  let nextValue = 1;
  const pace = (seconds * second * threads) / operations;
  for (let thread = 0; thread < threads; thread++) {
    let process = thread;
    let time = Math.floor(random() * pace);
    const node = nodes[thread % nodes.length] ?? 'n1';
    for (let i = Math.floor(operations / threads); i > 0; i--) {
      const f = ['read', 'read', 'write', 'cas'][Math.floor(random() * 4)] ?? 'read';
      const number = Math.floor(random() * keys);
      // k17 is left to the planted stale read.
      const key = `k${number < 17 ? number : number + 1}`;
      const hit = (fault: number, nodesHit: string[]): boolean => {
        const [from, to] = spanOf(fault, seconds);
        return faults && time >= from && time < to && nodesHit.includes(node);
      };
      let latency = (1 + 3 * random() ** 2 + (random() < 0.02 ? 40 * random() : 0)) * ms;
      let type: Drawn['type'] = 'ok';
      if (hit(0, ['n1', 'n2'])) {
        latency = 300 * ms;
        type = f === 'read' ? 'fail' : 'info';
      } else if (hit(1, ['n3'])) {
        latency = 0.4 * ms;
        type = 'fail';
      } else if (hit(2, ['n4'])) {
        latency = (100 + 300 * random()) * ms;
      }
      latency = Math.min(latency, pace * 0.95);
      const from = Math.floor(time);
      const to = Math.floor(time + latency);
      const op: Drawn = {
        process,
        node,
        f,
        key,
        from,
        effect: from + random() * (to - from),
        to,
        type,
      };
      if (f === 'write') op.value = nextValue++;
      drawn.push(op);
      if (type === 'info') process += threads + 3;
      time += pace * (0.95 + 0.1 * random());
      if (time < to) time = to + 1;
    }
  }
  settle(drawn, () => nextValue++);
  const ops = drawn.flatMap(endsOf);
  if (faults) ops.push(...nemesisOps(seconds));
  if (options.stale === true) ops.push(...staleOps(seconds, threads));
  return ops.sort((a, b) => a.time - b.time || rank(a) - rank(b));
}

function rank(op: NewOp): number {
  return op.type === 'invoke' ? 1 : 0;
}

/** Each operation that takes effect does so at one moment: what a correct register is. */
function settle(drawn: Drawn[], freshValue: () => number): void {
  const state = new Map<string, Json>();
  for (const op of [...drawn].sort((a, b) => a.effect - b.effect)) {
    const current = state.get(op.key);
    if (op.f === 'cas') op.value = [current ?? 0, freshValue()];
    if (op.type === 'fail') continue;
    if (op.f === 'read') {
      if (current !== undefined) op.read = current;
    } else if (op.f === 'write') state.set(op.key, op.value ?? null);
    else if (current === undefined) op.type = 'fail';
    else state.set(op.key, (op.value as readonly Json[])[1] ?? null);
  }
}

function endsOf(op: Drawn): [NewOp, NewOp] {
  const base = { process: op.process, node: op.node, f: op.f, key: op.key };
  const call = op.value === undefined ? base : { ...base, value: op.value };
  const error =
    op.type === 'info' || op.to - op.from > 100 * ms
      ? { code: 'timeout', message: 'no answer within 300 ms' }
      : op.f === 'cas' && op.to - op.from > ms
        ? { code: 'cas-mismatch' }
        : { code: 'ECONNREFUSED', message: `connect ECONNREFUSED ${op.node}:8080` };
  const done: NewOp =
    op.type === 'ok'
      ? op.f === 'read'
        ? { ...base, type: 'ok', time: op.to, ...(op.read === undefined ? {} : { value: op.read }) }
        : { ...call, type: 'ok', time: op.to }
      : { ...call, type: op.type, time: op.to, error };
  return [{ ...call, type: 'invoke', time: op.from }, done];
}

function nemesisOps(seconds: number): NewOp[] {
  const pair = (f: string, time: number, value: Json, outcome: Json): NewOp[] => [
    { type: 'invoke', f, time: Math.floor(time), process: 'nemesis', value },
    { type: 'info', f, time: Math.floor(time + 12 * ms), process: 'nemesis', value: outcome },
  ];
  const [p, k, z] = [0, 1, 2].map((fault) => spanOf(fault, seconds)) as [number, number][];
  return [
    ...pair(
      'start-partition',
      p?.[0] ?? 0,
      { shape: 'halves', cut: [['n1', 'n2'], ['n3', 'n4', 'n5']] },
      {
        status: 'applied',
        evidence: { 'n1 → n3': 'silent for 200 ms', 'n2 → n4': 'silent for 200 ms', 'n3 → n1': 'silent for 200 ms' },
      },
    ),
    ...pair('stop-partition', p?.[1] ?? 0, null, { status: 'applied', evidence: { 'all 20 links': 'answer' } }),
    ...pair('kill', k?.[0] ?? 0, ['n3'], { status: 'applied', evidence: { n3: 'process 4711 is gone' } }),
    ...pair('start', k?.[1] ?? 0, ['n3'], { status: 'applied', evidence: { n3: 'serves again after 310 ms' } }),
    ...pair('kill', (k?.[1] ?? 0) + second, ['n3'], {
      status: 'skipped',
      reason: 'n3 is still catching up',
      evidence: {},
    }),
    ...pair('pause', z?.[0] ?? 0, ['n4'], { status: 'applied', evidence: { n4: 'state T' } }),
    ...pair('resume', z?.[1] ?? 0, ['n4'], { status: 'applied', evidence: { n4: 'state S' } }),
  ];
}

/** A write acknowledged before a read that does not see it, while the partition holds. */
function staleOps(seconds: number, threads: number): NewOp[] {
  const at = spanOf(0, seconds)[0] + 0.4 * second;
  const base = { key: 'k17' };
  const op = (offset: number, type: NewOp['type'], process: number, node: string, call: object): NewOp =>
    ({ ...base, ...call, type, process, node, time: Math.floor(at + offset) }) as NewOp;
  const [a, b, c] = [threads, threads + 1, threads + 2];
  return [
    op(0, 'invoke', a, 'n1', { f: 'write', value: 1 }),
    op(3.2 * ms, 'ok', a, 'n1', { f: 'write', value: 1 }),
    op(5 * ms, 'invoke', b, 'n3', { f: 'write', value: 2 }),
    op(9.4 * ms, 'ok', b, 'n3', { f: 'write', value: 2 }),
    op(21.1 * ms, 'invoke', c, 'n2', { f: 'read' }),
    op(22.8 * ms, 'ok', c, 'n2', { f: 'read', value: 1 }),
  ];
}

export function operationsOf(history: History, key: string): Operation[] {
  return history.operations().filter((operation) => operation.call.key === key);
}

export function staleCounterexample(history: History): Counterexample {
  const operations = operationsOf(history, 'k17');
  const [first, second_, read] = operations as [Operation, Operation, Operation];
  return {
    key: 'k17',
    shape: 'stale-read',
    sentence: `stale read: process ${read.process} on n2 read 1 although 2 had been written and acknowledged before the read began`,
    observed: [
      `Process ${first.process} on n1 wrote 1, acknowledged.`,
      `Process ${second_.process} on n3 wrote 2, acknowledged after that.`,
      `Then process ${read.process} on n2 read and got 1.`,
    ],
    because: [
      'write 1 must come before write 2: it was acknowledged before write 2 began.',
      'write 2 must come before the read: it was acknowledged before the read began.',
      'So the read can only see 2, but it returned 1.',
    ],
    operations,
    culprit: read.id,
    initial: {},
    longestOrder: [first.id, second_.id],
    deadEnds: [
      {
        order: [first.id, second_.id],
        stateBefore: '2',
        remaining: [{ id: read.id, why: 'it read 1 where the value was 2' }],
        remainingNotListed: 0,
      },
    ],
    operationsBefore: 58,
    from: history.time(first.invokedAt),
    to: history.time(read.completedAt),
  };
}

const plan: PlanSummary = {
  name: 'register',
  workload: 'register',
  model: 'cas-register',
  required: ['read', 'write', 'cas'],
  environment: 'local',
  system: { name: 'raft-register', version: '0.1.0', fsync: true },
  nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
  concurrency: 10,
  rate: 300,
  timeLimitMs: 20_000,
  opTimeoutMs: 300,
  seed: 7,
  faults: bands,
  command:
    'faultline test register --nodes 5 --nemesis partition,kill,pause --time-limit 20s --concurrency 10 --seed 7',
};

export function runOf(
  history: History,
  over: { conclusion?: Conclusion; sentence?: string; plan?: Partial<PlanSummary> } & Partial<
    Omit<TestRun, 'plan' | 'history'>
  > = {},
): TestRun {
  const { conclusion = 'valid', sentence, plan: planOver, ...rest } = over;
  const validity = conclusion === 'violation' ? 'invalid' : conclusion === 'valid' ? 'valid' : 'unknown';
  return {
    plan: { ...plan, ...planOver },
    history,
    result: { validity, summary: 'the parts decide', parts: {} },
    verdict: { conclusion, sentence: sentence ?? `the sentence for ${conclusion}`, partial: false },
    problems: [],
    stages: [
      { stage: 'environment up', ms: 412 },
      { stage: 'system up', ms: 1730 },
      { stage: 'main phase', ms: 20_015 },
      { stage: 'heal and settle', ms: 2104 },
      { stage: 'check', ms: 312 },
    ],
    measures: { eventLoopLagMs: { p50: 0.4, p99: 3.1, max: 21 }, achievedRate: 296.4, lateReplies: 2 },
    startedAt: '2026-03-14T09:26:53.589Z',
    versions: { faultline: '0.1.0', node: 'v20.20.0', git: '4177861 (clean)', kernel: 'Linux 6.1' },
    ...rest,
  };
}

export function validRun(options: Options = {}): TestRun {
  const history = History.of(syntheticOps(options));
  const keys: Record<string, CheckResult> = {};
  for (let key = 0; key < (options.keys ?? 5); key++) {
    keys[`k${key}`] = { validity: 'valid', summary: `an order of its operations was found and verified` };
  }
  return runOf(history, {
    plan: { concurrency: (options.threads ?? 10) + 3 },
    sentence:
      'Valid: linearizable on all 5 keys; 596 operations (91 % ok) under 3 faults that took effect (partition, kill, pause), seed 7.',
    result: {
      validity: 'valid',
      summary: 'linearizable on all keys; every function was seen to work before, during and after faults',
      parts: {
        linearizable: {
          validity: 'valid',
          summary: 'linearizable: for each of 5 keys an order was found and verified',
          parts: keys,
          details: { keys: 5, steps: 1822 },
        },
        coverage: {
          validity: 'valid',
          summary: 'read, write and cas succeeded before, during and after faults; partition, kill and pause took effect',
        },
        stats: { validity: 'valid', summary: 'every function has ok operations' },
      },
    },
  });
}

export function staleRun(options: Options = {}): TestRun {
  const history = History.of(syntheticOps({ ...options, stale: true }));
  const counterexample = staleCounterexample(history);
  return runOf(history, {
    conclusion: 'violation',
    sentence:
      'Not linearizable: stale read on key k17 (1 of 6 keys) — a read returned 1 although 2 had been acknowledged before; 603 operations, 3 faults, seed 7.',
    plan: { mutant: 'stale-read', concurrency: (options.threads ?? 10) + 3 },
    result: {
      validity: 'invalid',
      summary: counterexample.sentence,
      counterexamples: [counterexample],
      parts: {
        linearizable: {
          validity: 'invalid',
          summary: '1 of 6 keys is not linearizable',
          counterexamples: [counterexample],
          parts: {
            k0: { validity: 'valid', summary: 'an order was found' },
            k17: {
              validity: 'invalid',
              summary: counterexample.sentence,
              counterexamples: [counterexample],
              details: { operations: 58, shrunkTo: 3 },
            },
          },
        },
        coverage: { validity: 'valid', summary: 'every function succeeded before, during and after faults' },
      },
    },
  });
}
