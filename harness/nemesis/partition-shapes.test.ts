import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Stream } from '../random.ts';
import { grudgeJson, oneAlone, refuses } from './grudges.ts';
import { parseShape, planPartition, shapeNames } from './partition-shapes.ts';

const names = (n: number) => Array.from({ length: n }, (_, i) => `n${i + 1}`);
const random = (seed: number) => Stream.of(seed).source();

describe('partition shapes', () => {
  it('every shape cuts something on 3, 4, 5 and 7 nodes, and is the same for the same stream', () => {
    for (const n of [3, 4, 5, 7]) {
      for (const shape of shapeNames) {
        const plan = () => planPartition(shape, names(n), 'n2', random(n));
        expect(plan().grudge.size, `${shape} on ${n}`).toBeGreaterThan(0);
        expect(plan()).toEqual(plan());
      }
    }
  });

  it('the leader is alone, or a random node when nobody claims to lead, and the note says which', () => {
    const { grudge, note } = planPartition('leader', names(5), 'n4', random(1));
    expect(grudgeJson(grudge)).toEqual(grudgeJson(oneAlone(names(5), 'n4')));
    expect(note).toBe('the leader n4 is alone');
    expect(planPartition('leader', names(5), undefined, random(1)).note).toMatch(
      /^nobody claims to lead; a random node, n\d, is alone$/,
    );
  });

  it('the ring falls back to a bridge on three nodes, and says why', () => {
    const { grudge, note } = planPartition('majorities-ring', names(3), undefined, random(1));
    expect([...grudge.values()].map((refused) => refused.size)).toEqual([1, 1]);
    expect(note).toBe('on three nodes two neighbours are everybody; a bridge instead');
    expect(planPartition('majorities-ring', names(5), undefined, random(1)).note).toBeUndefined();
  });

  it('one way cuts one direction only, of a minority, and of the leader more often than of any other set', () => {
    const notes = Array.from({ length: 200 }, (_, seed) => {
      const { grudge, note } = planPartition('one-way', names(5), 'n3', random(seed));
      for (const [hearer, refused] of grudge) {
        for (const speaker of refused) expect(refuses(grudge, speaker, hearer)).toBe(false);
      }
      return note ?? '';
    });
    const leader = notes.filter((note) => /^the leader n3 is (deaf|mute)$/.test(note)).length;
    expect(leader).toBeGreaterThan(100);
    expect(notes.filter((note) => note.endsWith('deaf')).length).toBeGreaterThan(60);
    expect(notes.filter((note) => note.endsWith('mute')).length).toBeGreaterThan(60);
    expect(notes.some((note) => /^n\d, n\d are/.test(note))).toBe(true);
    expect(notes.some((note) => /n\d, n\d, n\d/.test(note))).toBe(false);
  });

  it('groups by name are cut from each other', () => {
    const shape = parseShape([['n1'], ['n2', 'n3']]);
    expect(shape).toBeDefined();
    expect(grudgeJson(planPartition(shape ?? 'halves', names(3), undefined, random(1)).grudge)).toEqual({
      n1: ['n2', 'n3'],
      n2: ['n1'],
      n3: ['n1'],
    });
  });

  it('a cluster too small for a shape gets an empty grudge, never a crash', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2), fc.constantFrom(...shapeNames), fc.nat(), (n, shape, seed) => {
        const { grudge } = planPartition(shape, names(n), undefined, random(seed));
        for (const [node, refused] of grudge) expect(refused.has(node)).toBe(false);
        if (n === 1) expect(grudge.size).toBe(0);
      }),
    );
  });

  it('what is no shape is not guessed at', () => {
    expect([undefined, 'thirds', 3, null, ['n1'], [[1]]].map((value) => parseShape(value))).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });
});
