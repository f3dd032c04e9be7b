import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Stream } from '../random.ts';
import { chooseTargets, parseTargets, targetWords } from './targets.ts';

const names = (n: number) => Array.from({ length: n }, (_, i) => `n${i + 1}`);
const random = (seed: number) => Stream.of(seed).source();

describe('targets', () => {
  it('each word means a number of nodes', () => {
    const counts = [1, 2, 3, 4, 5, 7].map((n) =>
      targetWords.map((word) => chooseTargets(word, names(n), ['n1'], random(n)).nodes.length),
    );
    expect(counts).toEqual([
      // one, minority, majority, minority-third, primaries, all
      [1, 1, 1, 1, 1, 1],
      [1, 1, 2, 1, 1, 2],
      [1, 1, 2, 1, 1, 3],
      [1, 1, 3, 1, 1, 4],
      [1, 2, 3, 1, 1, 5],
      [1, 3, 4, 2, 1, 7],
    ]);
  });

  it('pitfall 36: words differ in whether a majority survives, from three nodes on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 15 }), fc.nat(), (n, seed) => {
        const left = (word: 'minority' | 'majority') =>
          n - chooseTargets(word, names(n), [], random(seed)).nodes.length;
        expect(left('minority')).toBeGreaterThan(n / 2);
        expect(left('majority')).toBeLessThan(n / 2);
      }),
    );
  });

  it('pitfall 51: primaries are all that claim to lead, and a random node with a note when nobody does', () => {
    expect(chooseTargets('primaries', names(5), ['n4', 'n2'], random(1))).toEqual({ nodes: ['n2', 'n4'] });
    const none = chooseTargets('primaries', names(5), [], random(1));
    expect(none.nodes).toHaveLength(1);
    expect(none.note).toBe('nobody claims to lead; a random node instead');
  });

  it('named nodes are taken in the order of the cluster, and strangers are told', () => {
    expect(chooseTargets(['n3', 'n1'], names(3), [], random(1))).toEqual({ nodes: ['n1', 'n3'] });
    expect(chooseTargets(['n3', 'n9'], names(3), [], random(1))).toEqual({
      nodes: ['n3'],
      note: 'no such node: n9',
    });
  });

  it('every node is hit sooner or later, and the same stream chooses the same nodes', () => {
    const chosen = Array.from(
      { length: 60 },
      (_, seed) => chooseTargets('one', names(5), [], random(seed)).nodes,
    );
    expect(new Set(chosen.flat()).size).toBe(5);
    expect(chosen).toEqual(
      Array.from({ length: 60 }, (_, seed) => chooseTargets('one', names(5), [], random(seed)).nodes),
    );
  });

  it('a value that is no target is not guessed at', () => {
    expect(parseTargets('majority')).toBe('majority');
    expect(parseTargets(['n1', 'n2'])).toEqual(['n1', 'n2']);
    expect(parseTargets(undefined, 'all')).toBe('all');
    expect([parseTargets('most'), parseTargets(3), parseTargets([1]), parseTargets(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
