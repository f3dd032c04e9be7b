// The algorithms of the portfolio: which attempts they make, what they give up for, and what their verdicts carry.

import { describe, expect, it } from 'vitest';
import { budget } from '../../checker.ts';
import { casRegister } from '../../models/cas-register.ts';
import type { Operation } from '../../op.ts';
import { everyOrder } from '../brute-force.ts';
import { scripted } from '../history-script.fixture.ts';
import type { Moves } from '../moves.ts';
import { type Part, partOf } from '../part.ts';
import { portfolio } from '../portfolio.ts';
import { randomHistory } from '../random-history.fixture.ts';
import { faultInOrder } from '../verify-order.ts';
import { prefix } from '../weaken.ts';
import { busyMoves } from './busy-moves.fixture.ts';
import { decideRegister, modelLayers, registerLayers } from './event-layers.ts';
import { searchRegister } from './register-search.ts';
import { failure, firstSeed, smallHistory, withoutMoves } from './small-histories.fixture.ts';
import { timelineOf } from './timeline.ts';

const unlimited = { budget: budget({}) };
const timeout = 600_000;

function partOfMoves(moves: Moves): Part<unknown> {
  const ends = new Map<number, number>();
  for (const [at, event] of moves.events.entries()) if ((event & 1) === 1) ends.set(event >> 1, at);
  const operation = (row: number): Operation => ({
    id: row,
    process: 0,
    call: { f: 'read' },
    invokedAt: 0,
    completedAt: ends.get(row) ?? Infinity,
  });
  const model = casRegister() as Part<unknown>['model'];
  return {
    model,
    key: undefined,
    size: moves.needs.length,
    operation,
    operations: () => [],
    moves: () => moves,
  };
}

const shape = { operations: 5_000, clients: 10, values: 5, writes: 0.25, cas: 0.25 };

describe('event layers', () => {
  it('decide small histories with crashed operations like every order there is', { timeout }, () => {
    for (let seed = firstSeed; seed < firstSeed + 20_000; seed++) {
      const { model, operations } = smallHistory(seed);
      const part = partOf(model, operations);
      const truth = everyOrder(model, operations).linearizable ? 'valid' : 'invalid';
      const decision = registerLayers.decide(part, unlimited);
      if (decision.validity !== truth) throw failure(seed, `${decision.validity}, not ${truth}`, operations);
      if (decision.validity === 'valid') {
        const fault = faultInOrder(part, decision.order);
        if (fault !== undefined) throw failure(seed, fault, operations);
      }
      if (decision.validity === 'invalid') {
        const before = prefix(model, operations, decision.reached - 1);
        if (!everyOrder(model, before).linearizable) throw failure(seed, 'reached too much', operations);
      }
    }
  });

  it('decide nearly all histories with crashed operations and few values', { timeout }, () => {
    let decided = 0;
    for (let seed = firstSeed; seed < firstSeed + 20; seed++) {
      const crashed = [0.01, 0.02, 0.05, 0.1][seed % 4] ?? 0;
      const part = partOfMoves(busyMoves(seed, { ...shape, crashed }));
      // In this many configurations, which no busy machine changes.
      const decision = decideRegister(part, { ...unlimited, configurations: 100_000 }, 'initial');
      expect(decision.validity, `seed ${seed}`).not.toBe('invalid');
      if (decision.validity === 'valid') decided++;
    }
    expect(decided).toBeGreaterThanOrEqual(19);
  });

  it('find that there is none where crashed operations cannot explain it', { timeout }, () => {
    let refuted = 0;
    for (let seed = firstSeed; seed < firstSeed + 20; seed++) {
      const part = partOfMoves(busyMoves(seed, { ...shape, clients: 5, crashed: 0.001, stale: 10 }));
      const decision = decideRegister(part, { ...unlimited, configurations: 2_000_000 }, 'initial');
      if (decision.validity === 'invalid') refuted++;
    }
    expect(refuted).toBeGreaterThan(10);
  });

  it('claim nothing of how far a search got in which crashed operations can be used again', () => {
    const operations = scripted(`
      9 invoke write 1
      9 info write 1
      0 invoke read
      0 ok read 1
      0 invoke write 2
      0 ok write 2
      0 invoke read
      0 ok read 1
      0 invoke read
      0 ok read 7`).operations();
    const decision = registerLayers.decide(partOf(casRegister(), operations), unlimited);
    expect(decision).toMatchObject({ validity: 'invalid' });
    if (decision.validity === 'invalid') expect(decision.reached).toBeLessThanOrEqual(7);
  });

  it('use a crashed write that was invoked just before the last who needs it completed', () => {
    const operations = scripted(`
      0 invoke write 1
      0 ok write 1
      1 invoke read
      0 invoke write 2
      0 ok write 2
      2 invoke read
      1 ok read 1
      9 invoke write 1
      2 ok read 1`).operations();
    expect(registerLayers.decide(partOf(casRegister(), operations), unlimited).validity).toBe('valid');
  });

  it('give up for memory with what they hold, and never hold much more than they may', { timeout }, () => {
    const crowded = timelineOf(busyMoves(firstSeed, { ...shape, crashed: 0.1 }));
    const memoryBytes = 8 << 20;
    const outcome = searchRegister(crowded, {
      budget: budget({ memoryBytes }),
      configurations: Infinity,
      crashed: 'exact',
    });
    expect(outcome).toMatchObject({ found: 'nothing yet', cause: 'memory' });
    if (outcome.found !== 'nothing yet') return;
    expect(outcome.bytes).toBeGreaterThan(memoryBytes);
    // A layer that is nearly full is counted with what it is about to take.
    expect(outcome.bytes).toBeLessThan(memoryBytes * 4);
  });

  it('give up when told to, and for a limit of configurations', () => {
    const part = partOfMoves(
      busyMoves(firstSeed, { ...shape, clients: 60, writes: 0.05, cas: 0.5, aimed: 0.7 }),
    );
    let looks = 0;
    const impatient = { giveUp: () => (looks++ > 3 ? ('time' as const) : undefined) };
    expect(decideRegister(part, { budget: impatient }, 'initial')).toMatchObject({ cause: 'time' });
    expect(looks).toBe(5);
    expect(decideRegister(part, { ...unlimited, configurations: 1 }, 'initial')).toMatchObject({
      cause: 'limit',
    });
  });

  it('stand before the general search', () => {
    const names = portfolio.map(({ name }) => name);
    expect(names.indexOf('event-layers')).toBeLessThan(names.indexOf('wing-gong-lowe'));
    const part = partOf(
      casRegister(),
      randomHistory(firstSeed, { operations: 5, processes: 2, writes: 0.5 }),
    );
    expect([registerLayers.applies(part), modelLayers.applies(part)]).toEqual([true, false]);
    const silent = withoutMoves(casRegister());
    const other = partOf(silent, part.operations());
    expect([registerLayers.applies(other), modelLayers.applies(other)]).toEqual([false, true]);
  });
});
