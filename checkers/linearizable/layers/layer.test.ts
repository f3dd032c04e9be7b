import { describe, expect, it } from 'vitest';
import { budget } from '../../checker.ts';
import { CrashedUses } from './crashed-uses.ts';
import { Effort } from './effort.ts';
import { Layer, RANK, STATE, shapeOf, USES } from './layer.ts';
import { NO_STEP, Trail } from './trail.ts';

const effort = new Effort(budget({}), Infinity);

/** One word of each kind. */
const shape = shapeOf([1, 1, 1]);

interface Configuration {
  readonly state?: number;
  readonly cas?: number;
  readonly writes?: number;
  readonly observers?: number;
  readonly oldWrites?: number;
  readonly oldObservers?: number;
  readonly rank?: number;
  readonly uses?: number;
}

function words(configuration: Configuration): Int32Array {
  const result = new Int32Array(shape.words);
  result[STATE] = configuration.state ?? 0;
  result[RANK] = configuration.rank ?? 0;
  result[USES] = configuration.uses ?? 0;
  result[shape.cas] = configuration.cas ?? 0;
  result[shape.writes] = configuration.writes ?? 0;
  result[shape.observers] = configuration.observers ?? 0;
  result[shape.oldWrites] = configuration.oldWrites ?? 0;
  result[shape.oldObservers] = configuration.oldObservers ?? 0;
  return result;
}

function sizeAfter(...configurations: readonly Configuration[]): number {
  const uses = new CrashedUses(2, effort);
  uses.withOneMore(CrashedUses.NONE, 0, false);
  uses.withOneMore(CrashedUses.NONE, 1, false);
  const layer = new Layer(shape, uses, effort);
  for (const configuration of configurations) layer.add(words(configuration), 0);
  layer.compact();
  return layer.count;
}

describe('a layer', () => {
  it('keeps of two configurations the one that can do more, whichever came first', () => {
    const pairs: [less: Configuration, more: Configuration][] = [
      [{}, {}],
      [{}, { observers: 4 }],
      [{}, { oldWrites: 1 }],
      [{}, { oldObservers: 1 }],
      [{}, { rank: 1 }],
      [{ uses: 1 }, {}],
      [{ writes: 1 }, { oldWrites: 1 }],
    ];
    for (const [less, more] of pairs) {
      expect(sizeAfter(less, more), JSON.stringify([less, more])).toBe(1);
      expect(sizeAfter(more, less), JSON.stringify([more, less])).toBe(1);
    }
  });

  it('keeps both where each can do what the other cannot', () => {
    const pairs: [Configuration, Configuration][] = [
      [{ state: 1 }, {}],
      [{ cas: 1 }, {}],
      [{ writes: 1 }, {}],
      [{ writes: 1 }, { writes: 2, oldWrites: 1 }],
      [{ observers: 1 }, { observers: 2 }],
      [{ uses: 1 }, { uses: 2 }],
      [{ uses: 1, observers: 1 }, {}],
      [{ rank: 1 }, { oldWrites: 1 }],
    ];
    for (const pair of pairs) expect(sizeAfter(...pair), JSON.stringify(pair)).toBe(2);
  });

  it('never takes one for another, however many there are', () => {
    const layer = new Layer(shape, new CrashedUses(0, effort), effort);
    for (let state = 0; state < 200; state++) {
      for (let cas = 0; cas < 200; cas++) layer.add(words({ state, cas: cas << 20 }), 0);
    }
    expect(layer.count).toBe(40_000);
    for (let state = 0; state < 200; state++) layer.add(words({ state, cas: 7 << 20, observers: 1 }), 0);
    layer.compact();
    expect(layer.count).toBe(40_000);
  });
});

describe('a trail', () => {
  it('forgets what leads nowhere and keeps the rest', () => {
    const trail = new Trail(effort);
    let last = NO_STEP;
    for (let i = 0; i < 20_000; i++) {
      trail.add(last, -1, i);
      last = trail.add(last, i, i);
    }
    expect(trail.isFull).toBe(true);
    const ends = Int32Array.of(last, NO_STEP);
    trail.sweep(ends, 2);
    expect(trail.isFull).toBe(false);
    expect([...ends]).toEqual([19_999, NO_STEP]);
    expect([...trail.path(ends[0] ?? 0).items]).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
    expect(trail.path(NO_STEP).items).toHaveLength(0);
  });
});

describe('uses of crashed operations', () => {
  it('settle, and are compared count by count', () => {
    const uses = new CrashedUses(2, effort);
    const late = uses.withOneMore(CrashedUses.NONE, 1, true);
    const both = uses.withOneMore(late, 1, false);
    expect([uses.settled(both, 1), uses.late(both, 1), uses.total(both)]).toEqual([1, 1, 2]);
    expect(uses.settled(uses.allSettled(both), 1)).toBe(2);
    expect(uses.isWithin(late, both)).toBe(true);
    expect(uses.isWithin(both, late)).toBe(false);
    expect(uses.withOneMore(CrashedUses.NONE, 1, true)).toBe(late);
    for (let i = 0, vector = CrashedUses.NONE; i < 500; i++) vector = uses.withOneMore(vector, 0, false);
    expect(uses.total(both)).toBe(2);
  });
});
