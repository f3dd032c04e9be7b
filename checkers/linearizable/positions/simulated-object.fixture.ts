// Histories of any object for tests, from a seed: simulated atomically, some answers then replaced by others; and the
// question whether an algorithm is right about one.

import { budget } from '../../checker.ts';
import type { Model } from '../../model.ts';
import type { Call, Operation, Result } from '../../op.ts';
import { everyOrder } from '../brute-force.ts';
import { failure } from '../layers/small-histories.fixture.ts';
import { partOf } from '../part.ts';
import type { Algorithm } from '../portfolio.ts';
import { randomNumbers } from '../random-history.fixture.ts';
import { faultInOrder } from '../verify-order.ts';
import { prefix } from '../weaken.ts';

export const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 70_000_000);
/** Small histories for each algorithm. */
export const histories = process.env['FAULTLINE_LONG'] === '1' ? 1_000_000 : 100_000;
export const unlimited = budget({});

/** An object to simulate. `random` gives integers below a bound. */
export interface Simulated<State> {
  readonly initial: State;
  call(random: (bound: number) => number, state: State): Call;
  perform(state: State, call: Call, random: (bound: number) => number): readonly [State, Result];
  /** A wrong answer to the call, given one that another call got at some time. */
  wrong?(random: (bound: number) => number, call: Call, right: Result, other: Result): Result;
}

export interface SimulationShape {
  readonly operations: number;
  readonly processes: number;
  readonly crashed: number;
  /** Share of answers that are replaced. */
  readonly wrong: number;
}

export function smallShape(seed: number, most = 8): SimulationShape {
  const random = randomNumbers(seed ^ 0x5bd1e995);
  return {
    operations: 2 + Math.floor(random() * (most - 1)),
    processes: 2 + Math.floor(random() * 5),
    crashed: random() < 0.4 ? 0 : random() * 0.5,
    wrong: random() < 0.2 ? 0 : 0.1 + random() * 0.6,
  };
}

interface Open {
  readonly call: Call;
  readonly invokedAt: number;
  readonly process: number;
  readonly crashes: boolean;
  result?: Result;
}

/** Operations by invocation. Without `wrong` they are linearizable. A crashed call takes effect late, early or never. */
export function simulate<State>(seed: number, object: Simulated<State>, shape: SimulationShape): Operation[] {
  const random = randomNumbers(seed);
  const integer = (bound: number): number => Math.floor(random() * bound);
  const finished: Operation[] = [];
  const open: (Open | undefined)[] = Array.from({ length: shape.processes }, () => undefined);
  const lingering: Open[] = [];
  const answers: Result[] = [];
  let state = object.initial;
  let position = 0;
  let started = 0;
  const perform = (one: Open): void => {
    const [next, result] = object.perform(state, one.call, integer);
    state = next;
    one.result = result;
  };
  while (started < shape.operations || open.some((one) => one !== undefined)) {
    const thread = integer(shape.processes);
    const one = open[thread];
    if (one === undefined) {
      if (started === shape.operations) continue;
      started++;
      const call = object.call(integer, state);
      open[thread] = { call, invokedAt: position++, process: started, crashes: random() < shape.crashed };
    } else if (one.result === undefined && random() < 0.7) perform(one);
    else if (one.crashes && random() < 0.5) {
      const { call, invokedAt, process } = one;
      finished.push({ id: invokedAt, process, call, invokedAt, completedAt: Infinity });
      if (one.result === undefined) lingering.push(one);
      open[thread] = undefined;
    } else if (one.result !== undefined && !one.crashes) {
      const { call, invokedAt, process } = one;
      let result = one.result;
      answers.push(result);
      const other = answers[Math.max(0, answers.length - 1 - integer(6))] ?? result;
      if (random() < shape.wrong) result = object.wrong?.(integer, call, result, other) ?? other;
      finished.push({ id: invokedAt, process, call, invokedAt, completedAt: position++, result });
      open[thread] = undefined;
    }
    if (lingering.length > 0 && random() < 0.2) {
      const [late] = lingering.splice(integer(lingering.length), 1);
      if (late !== undefined) perform(late);
    }
  }
  return finished.sort((a, b) => a.invokedAt - b.invokedAt);
}

export interface Agreement {
  valid: number;
  invalid: number;
  proved: number;
  crashed: number;
  unclear: number;
  other: number;
}

/**
 * Puts the algorithm beside every order there is, on so many histories to which it applies and in which it decides: the
 * verdict, the order, and that the proof is bad by itself and names the first bad completion. Throws with the seed.
 */
export function agreement<State>(
  algorithm: Algorithm,
  count: number,
  draw: (seed: number) => { readonly model: Model<State>; readonly operations: Operation[] },
): Agreement {
  const seen = { valid: 0, invalid: 0, proved: 0, crashed: 0, unclear: 0, other: 0 };
  for (let seed = firstSeed; seen.valid + seen.invalid < count; seed++) {
    if (seed - firstSeed > 20 * count) throw new Error(`too few to decide: ${JSON.stringify(seen)}`);
    const { model, operations } = draw(seed);
    const part = partOf(model, operations);
    if (!algorithm.applies(part)) {
      seen.other++;
      continue;
    }
    try {
      const decision = algorithm.decide(part, { budget: unlimited });
      if (decision.validity === 'unknown') {
        seen.unclear++;
        continue;
      }
      const expected = everyOrder(model, operations).linearizable ? 'valid' : 'invalid';
      if (decision.validity !== expected) throw new Error(`${decision.validity}, but it is ${expected}`);
      if (decision.validity === 'valid') {
        const fault = faultInOrder(part, decision.order);
        if (fault !== undefined) throw new Error(fault);
      } else if (decision.proof !== undefined) {
        expectProof(model, operations, decision.proof);
        seen.proved++;
      }
      seen[expected]++;
    } catch (error) {
      throw failure(seed, String(error), operations);
    }
    if (operations.some(({ result }) => result === undefined)) seen.crashed++;
  }
  return seen;
}

function expectProof<State>(
  model: Model<State>,
  operations: readonly Operation[],
  { culprit, rows }: { readonly culprit: number; readonly rows: Int32Array },
): void {
  const end = (operations[culprit] as Operation).completedAt;
  if (everyOrder(model, prefix(model, operations, end)).linearizable) throw new Error('told too early');
  if (!everyOrder(model, prefix(model, operations, end - 1)).linearizable) throw new Error('told too late');
  if (!rows.includes(culprit)) throw new Error('the culprit is not in its proof');
  const own = Array.from(rows, (row) => operations[row] as Operation);
  if (everyOrder(model, prefix(model, own, end)).linearizable) throw new Error('the proof has an order');
}
