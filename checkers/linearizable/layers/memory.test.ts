// Memory is a hard limit: a search whose layers would outgrow it gives up before they do, and so does the process that
// would have held them.

import { expect, it } from 'vitest';
import { type Budget, budget } from '../../checker.ts';
import { casRegister } from '../../models/cas-register.ts';
import type { Operation } from '../../op.ts';
import { searchModel } from './model-search.ts';
import { modelTimelineOf } from './model-timeline.ts';
import { withoutMoves } from './small-histories.fixture.ts';

const MEGABYTE = 2 ** 20;
const timeout = 600_000;

type Answer = { readonly cause?: string; readonly bytes?: number };

/** Writes that are all open at once, and a read of what nobody wrote. */
function hopeless(): Operation[] {
  const open = Array.from({ length: 26 }, (_, i): Operation => {
    const call = { f: 'write', value: i };
    return { id: i, process: i, call, result: {}, invokedAt: i, completedAt: 200 + i };
  });
  const call = { f: 'read' };
  return [...open, { id: 99, process: 99, call, result: { value: 99 }, invokedAt: 99, completedAt: 100 }];
}

/** The most that arrays and heap took beside what they took before, at each look of the search. */
function watched(bytes: number): { limits: Budget; most: () => number } {
  const held = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = held();
  let most = before;
  const within = budget({ memoryBytes: bytes });
  return {
    limits: {
      giveUp: (asked) => {
        most = Math.max(most, held());
        return within.giveUp(asked);
      },
    },
    most: () => Math.max(most, held()) - before,
  };
}

const model = withoutMoves(casRegister());
const ways: [name: string, search: (limits: Budget) => Answer][] = [
  [
    'of any model',
    (limits) => {
      const timeline = modelTimelineOf(model, hopeless());
      const outcome = searchModel(model, timeline, { budget: limits, configurations: Infinity });
      return outcome.found === 'nothing yet' ? outcome : {};
    },
  ],
];

it.each(ways)('the search %s stays within its memory', { timeout }, (_, search) => {
  for (const megabytes of [8, 32, 128]) {
    const { limits, most } = watched(megabytes * MEGABYTE);
    const { cause, bytes } = search(limits);
    expect(cause, `${megabytes} MB`).toBe('memory');
    expect(bytes).toBeGreaterThan(megabytes * MEGABYTE);
    expect(most() / MEGABYTE, `${megabytes} MB`).toBeLessThan(megabytes * 1.3 + 30);
  }
});
