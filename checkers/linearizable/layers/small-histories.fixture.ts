// Random small histories of registers, of every kind that a search over them has to tell apart, from a seed.

import type { Model } from '../../model.ts';
import { casRegister } from '../../models/cas-register.ts';
import { register } from '../../models/register.ts';
import type { Operation } from '../../op.ts';
import { randomHistory, randomNumbers } from '../random-history.fixture.ts';

export const firstSeed = Number(process.env['FAULTLINE_TEST_SEED'] ?? 40_000_000);

export interface SmallHistory {
  readonly model: Model<unknown>;
  readonly operations: Operation[];
}

/** Two to `most` operations of two to eight processes; hardly more than four different values. */
export function smallHistory(seed: number, most = 8): SmallHistory {
  const random = randomNumbers(seed ^ 0x5bd1e995);
  const withCas = random() < 0.8;
  const operations = randomHistory(seed, {
    operations: 2 + Math.floor(random() * (most - 1)),
    processes: 2 + Math.floor(random() * 7),
    ...(random() < 0.2 ? {} : { values: 1 + Math.floor(random() * 4) }),
    writes: 0.1 + random() * 0.6,
    cas: withCas ? random() * 0.5 : 0,
    crashed: random() < 0.4 ? 0 : random() * 0.4,
    wrong: random() < 0.25 ? 0 : random() * 0.6,
  });
  const initial = random() < 0.3 ? 1 : undefined;
  return { model: withCas ? casRegister(initial) : register(initial), operations };
}

/** What a failure shows: the seed, what is wrong, and the operations. */
export function failure(seed: number, what: string, operations: readonly Operation[]): Error {
  const lines = operations.map(({ id, call, result, invokedAt, completedAt }) =>
    JSON.stringify([id, call.f, call.value ?? null, result ?? 'info', invokedAt, completedAt]),
  );
  return new Error(`seed ${seed}: ${what}\n${lines.join('\n')}`);
}

/** The same model, which does not tell how its calls move between states. */
export function withoutMoves<State>(model: Model<State>): Model<State> {
  const silent = { ...model };
  delete silent.move;
  return silent;
}
