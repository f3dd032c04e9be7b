// The search over event layers as algorithms of the portfolio: one for models whose calls are moves between states, one
// for all others.

import type { GaveUp } from '../../checker.ts';
import type { Operation } from '../../op.ts';
import type { Decision } from '../decision.ts';
import type { Part } from '../part.ts';
import type { Algorithm, Limits } from '../portfolio.ts';
import type { Start } from '../problem.ts';
import { isImpossible } from '../witness.ts';
import { searchModel } from './model-search.ts';
import { modelTimelineOf } from './model-timeline.ts';
import { type RegisterOutcome, type RegisterSearchOptions, searchRegister } from './register-search.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** Words of bits by state may take so much; beyond that the search is left to others. */
const MOST_TABLE_WORDS = 1 << 25;

/** Configurations that an attempt may cost at first, for each operation and besides; later ones may cost more and more. */
const FIRST_PER_OPERATION = 10;
const FIRST = 20_000;
const NEXT_EFFORT = 8;

type Attempt = Pick<RegisterSearchOptions, 'crashed' | 'beam'> & { readonly share: number };

/** `share`: how many times the configurations of a round the attempt may cost. */
const withoutCrashed: readonly Attempt[] = [
  { crashed: 'exact', share: 8 },
  { crashed: 'exact', beam: 64, share: 8 },
];

/**
 * An order with few crashed operations is looked for first, because most histories have one. Then whether there is none
 * even if they could be used without limit, which no counts of uses slow down; and all of that again, with more effort.
 */
const withCrashed: readonly Attempt[] = [
  { crashed: 'forced', beam: 4, share: 1 },
  { crashed: 'forced', beam: 64, share: 8 },
  { crashed: 'unlimited', share: 1 },
  { crashed: 'exact', share: 1 },
  { crashed: 'exact', beam: 64, share: 8 },
  { crashed: 'forced', beam: 1024, share: 8 },
  { crashed: 'exact', beam: 1024, share: 8 },
];

export const registerLayers: Algorithm = {
  name: 'event-layers',
  applies: (part) => {
    const moves = part.moves();
    return moves !== undefined && moves.states * 3 < MOST_TABLE_WORDS;
  },
  decide: (part, limits) => decideRegister(part, limits, 'initial'),
};

export const modelLayers: Algorithm = {
  name: 'event-layers',
  applies: (part) => part.model.move === undefined,
  decide: decideModel,
};

/** The decision for a model with moves, also from any state (an order is then not given). */
export function decideRegister<State>(part: Part<State>, limits: Limits, start: Start): Decision {
  const moves = part.moves();
  if (moves === undefined) throw new Error(`${part.model.name} has no moves`);
  if (start === 'any' && part.operations().some((operation) => isImpossible(part.model, operation))) {
    return { validity: 'invalid', reached: 0, longest: [], configurations: 0 };
  }
  const timeline = timelineOf(moves);
  const allowed = Math.max(limits.configurations ?? Infinity, FIRST);
  let attempts = timeline.classes.length === 0 ? withoutCrashed : withCrashed;
  let configurations = 0;
  let reached = 0;
  let bytes = 0;
  for (let effort = FIRST; attempts.length > 0 && effort <= allowed; effort *= NEXT_EFFORT) {
    const unfinished: Attempt[] = [];
    for (const attempt of attempts) {
      const { share, ...how } = attempt;
      const outcome = searchRegister(timeline, {
        ...how,
        budget: limits.budget,
        configurations: share * (effort / FIRST) * (FIRST + part.size * FIRST_PER_OPERATION),
        anyStart: start === 'any',
      });
      configurations += outcome.configurations;
      switch (outcome.found) {
        case 'order':
          return { validity: 'valid', order: outcome.order, configurations };
        case 'none':
          return invalid(part, timeline, outcome, how.crashed === 'unlimited', reached, configurations);
        case 'lost':
          // What completed before has an order, only what comes then has none that goes on from there.
          reached = Math.max(reached, positionOf(part, timeline, outcome.event));
          break;
        case 'nothing yet':
          if (outcome.cause !== 'limit') return undecided(outcome.cause, outcome.bytes, configurations);
          bytes = Math.max(bytes, outcome.bytes);
          unfinished.push(attempt);
          break;
        case 'unlimited order':
          break;
      }
    }
    attempts = unfinished;
  }
  return undecided('limit', bytes, configurations);
}

function undecided(cause: GaveUp | 'limit', bytes: number, configurations: number): Decision {
  return { validity: 'unknown', cause, bytes, configurations };
}

function invalid<State>(
  part: Part<State>,
  timeline: Timeline,
  { event, longest }: Extract<RegisterOutcome, { found: 'none' }>,
  isRelaxed: boolean,
  reached: number,
  configurations: number,
): Decision {
  return {
    validity: 'invalid',
    // A search in which crashed operations can be used again got further than orders do.
    reached: isRelaxed ? reached : positionOf(part, timeline, event),
    longest: Array.from(longest, (row) => part.operation(row)),
    configurations,
  };
}

function positionOf<State>(part: Part<State>, { moves }: Timeline, event: number): number {
  return part.operation((moves.events[event] as number) >> 1).completedAt;
}

function decideModel<State>(part: Part<State>, limits: Limits): Decision {
  const operations = part.operations();
  const timeline = modelTimelineOf(part.model, operations);
  const positionOf = (event: number): number =>
    (operations[(timeline.events[event] as number) >> 1] as Operation).completedAt;
  const allowed = (limits.configurations ?? Infinity) + part.size * FIRST_PER_OPERATION;
  let configurations = 0;
  let reached = 0;
  let bytes = 0;
  for (const { share, ...how } of timeline.crashed.length === 0 ? withoutCrashed : withCrashed) {
    const most = Math.min(allowed, share * (FIRST + part.size * FIRST_PER_OPERATION));
    const outcome = searchModel(part.model, timeline, {
      ...how,
      budget: limits.budget,
      configurations: how.crashed === 'exact' ? allowed : most,
    });
    configurations += outcome.configurations;
    switch (outcome.found) {
      case 'order':
        return { validity: 'valid', order: outcome.order, configurations };
      case 'none': {
        const longest = Array.from(outcome.longest, (row) => part.operation(row));
        // A search in which crashed operations can be used again got further than orders do.
        const isRelaxed = how.crashed === 'unlimited' && timeline.crashed.length > 0;
        const position = isRelaxed ? reached : positionOf(outcome.event);
        return { validity: 'invalid', reached: position, longest, configurations };
      }
      case 'lost':
        reached = Math.max(reached, positionOf(outcome.event));
        break;
      case 'nothing yet':
        if (outcome.cause !== 'limit') return undecided(outcome.cause, outcome.bytes, configurations);
        bytes = Math.max(bytes, outcome.bytes);
        break;
      case 'unlimited order':
        break;
    }
  }
  return undecided('limit', bytes, configurations);
}
