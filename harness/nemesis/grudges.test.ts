import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grudge } from '../environment.ts';
import { Stream } from '../random.ts';
import {
  bridge,
  components,
  grudgeJson,
  halves,
  majoritiesRing,
  oneAlone,
  oneWay,
  randomHalves,
  refuses,
  symmetric,
} from './grudges.ts';

const names = (n: number) => Array.from({ length: n }, (_, i) => `n${i + 1}`);
const sizes = fc.constantFrom(3, 4, 5, 7);
const shuffled = fc.tuple(sizes, fc.nat()).map(([n, seed]) => Stream.of(seed).source().shuffle(names(n)));

/** Whom a node hears, itself included. */
function hears(nodes: readonly string[], grudge: Grudge, node: string): string[] {
  return nodes.filter((other) => !refuses(grudge, node, other)).sort();
}

function isSymmetric(nodes: readonly string[], grudge: Grudge): boolean {
  return nodes.every((a) => nodes.every((b) => refuses(grudge, a, b) === refuses(grudge, b, a)));
}

describe('grudges, as literal examples', () => {
  it('halves: the smaller half comes first', () => {
    expect(grudgeJson(halves(names(3)))).toEqual({ n1: ['n2', 'n3'], n2: ['n1'], n3: ['n1'] });
    expect(grudgeJson(halves(names(4)))).toEqual({
      n1: ['n3', 'n4'],
      n2: ['n3', 'n4'],
      n3: ['n1', 'n2'],
      n4: ['n1', 'n2'],
    });
    expect(grudgeJson(halves(names(5)))).toEqual({
      n1: ['n3', 'n4', 'n5'],
      n2: ['n3', 'n4', 'n5'],
      n3: ['n1', 'n2'],
      n4: ['n1', 'n2'],
      n5: ['n1', 'n2'],
    });
    expect(
      Object.keys(grudgeJson(halves(names(7)))).filter((node) => refuses(halves(names(7)), 'n7', node)),
    ).toEqual(['n1', 'n2', 'n3']);
  });

  it('one alone: it refuses all, all refuse it', () => {
    expect(grudgeJson(oneAlone(names(3), 'n2'))).toEqual({ n1: ['n2'], n2: ['n1', 'n3'], n3: ['n2'] });
    expect(grudgeJson(oneAlone(names(5), 'n5'))).toEqual({
      n1: ['n5'],
      n2: ['n5'],
      n3: ['n5'],
      n4: ['n5'],
      n5: ['n1', 'n2', 'n3', 'n4'],
    });
  });

  it('majorities ring: on four and five nodes each refuses those that are not its neighbours', () => {
    expect(grudgeJson(majoritiesRing(names(4)))).toEqual({ n1: ['n3'], n2: ['n4'], n3: ['n1'], n4: ['n2'] });
    expect(grudgeJson(majoritiesRing(names(5)))).toEqual({
      n1: ['n3', 'n4'],
      n2: ['n4', 'n5'],
      n3: ['n1', 'n5'],
      n4: ['n1', 'n2'],
      n5: ['n2', 'n3'],
    });
  });

  it('majorities ring: on seven nodes each sees five, two on either side', () => {
    expect(grudgeJson(majoritiesRing(names(7)))).toMatchObject({ n1: ['n4', 'n5'], n4: ['n1', 'n7'] });
  });

  it('majorities ring: on three nodes neighbours are everybody, so nothing is cut', () => {
    expect([1, 2, 3].map((n) => majoritiesRing(names(n)).size)).toEqual([0, 0, 0]);
  });

  it('bridge: the middle node refuses nobody and is refused by nobody', () => {
    expect(grudgeJson(bridge(names(3)))).toEqual({ n1: ['n3'], n3: ['n1'] });
    expect(grudgeJson(bridge(names(4)))).toEqual({ n1: ['n4'], n2: ['n4'], n4: ['n1', 'n2'] });
    expect(grudgeJson(bridge(names(5)))).toEqual({
      n1: ['n4', 'n5'],
      n2: ['n4', 'n5'],
      n4: ['n1', 'n2'],
      n5: ['n1', 'n2'],
    });
    expect(Object.keys(grudgeJson(bridge(names(7))))).toEqual(['n1', 'n2', 'n3', 'n5', 'n6', 'n7']);
  });

  it('one way: a deaf set hears nobody of the rest, a mute set is heard by nobody of it', () => {
    expect(grudgeJson(oneWay(names(3), ['n1'], 'deaf'))).toEqual({ n1: ['n2', 'n3'] });
    expect(grudgeJson(oneWay(names(3), ['n1'], 'mute'))).toEqual({ n2: ['n1'], n3: ['n1'] });
    expect(grudgeJson(oneWay(names(5), ['n2', 'n4'], 'mute'))).toEqual({
      n1: ['n2', 'n4'],
      n3: ['n2', 'n4'],
      n5: ['n2', 'n4'],
    });
  });

  it('components: any number of groups, and nodes in no group are left alone', () => {
    expect(grudgeJson(components([['n1'], ['n2'], ['n3']]))).toEqual({
      n1: ['n2', 'n3'],
      n2: ['n1', 'n3'],
      n3: ['n1', 'n2'],
    });
    expect(components([['n1', 'n2', 'n3']]).size).toBe(0);
  });

  it('pitfall 41: the symmetric closure turns a one-way cut into both directions', () => {
    const nodes = names(5);
    const deaf = oneWay(nodes, ['n3'], 'deaf');
    expect(isSymmetric(nodes, deaf)).toBe(false);
    expect(grudgeJson(symmetric(deaf))).toEqual(grudgeJson(oneAlone(nodes, 'n3')));
  });
});

describe('grudges, as properties for 3, 4, 5 and 7 nodes', () => {
  it('halves: each node hears exactly its own half, and the halves differ by one node at most', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (n, seed) => {
        const nodes = names(n);
        const grudge = randomHalves(nodes, Stream.of(seed).source());
        const groups = new Set(nodes.map((node) => hears(nodes, grudge, node).join()));
        expect(groups.size).toBe(2);
        const counts = [...groups].map((group) => group.split(',').length).sort((a, b) => a - b);
        expect(counts).toEqual([Math.floor(n / 2), Math.ceil(n / 2)]);
      }),
    );
  });

  it('one alone: it hears itself only, the others hear all but it', () => {
    fc.assert(
      fc.property(shuffled, (nodes) => {
        const alone = nodes[0] as string;
        const grudge = oneAlone(nodes, alone);
        expect(hears(nodes, grudge, alone)).toEqual([alone]);
        for (const node of nodes.slice(1)) expect(hears(nodes, grudge, node)).toEqual(nodes.slice(1).sort());
      }),
    );
  });

  it('majorities ring: each sees a majority, no two the same, links are symmetric, something is cut from four on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 16 }), fc.nat(), (n, seed) => {
        const nodes = Stream.of(seed).source().shuffle(names(n));
        const grudge = majoritiesRing(nodes);
        const views = nodes.map((node) => hears(nodes, grudge, node));
        const majority = Math.floor(n / 2) + 1;
        const least = n % 4 === 3 ? majority + 1 : majority;
        expect(views.map((view) => view.length)).toEqual(nodes.map(() => least));
        expect(new Set(views.map((view) => view.join())).size).toBe(n);
        expect(isSymmetric(nodes, grudge)).toBe(true);
        expect(least).toBeLessThan(n);
      }),
    );
  });

  it('bridge: one node hears all, and without it two groups hear only themselves', () => {
    fc.assert(
      fc.property(shuffled, (nodes) => {
        const grudge = bridge(nodes);
        const middles = nodes.filter((node) => hears(nodes, grudge, node).length === nodes.length);
        expect(middles).toHaveLength(1);
        const rest = nodes.filter((node) => node !== middles[0]);
        const groups = new Set(rest.map((node) => hears(rest, grudge, node).join()));
        expect(groups.size).toBe(2);
        expect([...groups].flatMap((group) => group.split(',')).sort()).toEqual([...rest].sort());
      }),
    );
  });

  it('one way: deaf and mute are each other in reverse, and nothing is cut within the set or within the rest', () => {
    fc.assert(
      fc.property(shuffled, fc.nat(), (nodes, k) => {
        const set = nodes.slice(0, 1 + (k % (nodes.length - 1)));
        const deaf = oneWay(nodes, set, 'deaf');
        const mute = oneWay(nodes, set, 'mute');
        for (const a of nodes) {
          for (const b of nodes) {
            expect(refuses(deaf, a, b)).toBe(set.includes(a) && !set.includes(b));
            expect(refuses(mute, a, b)).toBe(refuses(deaf, b, a));
          }
        }
      }),
    );
  });

  it('the symmetric closure contains the grudge, is symmetric, and is a fixed point', () => {
    const pair = fc.tuple(fc.constantFrom(...names(5)), fc.constantFrom(...names(5)));
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const grudge = new Map<string, Set<string>>();
        for (const [a, b] of pairs) if (a !== b) grudge.set(a, (grudge.get(a) ?? new Set()).add(b));
        const closed = symmetric(grudge);
        expect(isSymmetric(names(5), closed)).toBe(true);
        for (const a of names(5)) {
          for (const b of names(5)) {
            expect(refuses(closed, a, b)).toBe(refuses(grudge, a, b) || refuses(grudge, b, a));
          }
        }
        expect(grudgeJson(symmetric(closed))).toEqual(grudgeJson(closed));
      }),
    );
  });

  it('nobody refuses itself, whatever the shape', () => {
    fc.assert(
      fc.property(shuffled, (nodes) => {
        const first = nodes[0] as string;
        const all = [halves(nodes), oneAlone(nodes, first), majoritiesRing(nodes), bridge(nodes)];
        all.push(oneWay(nodes, [first], 'deaf'), oneWay(nodes, [first], 'mute'));
        for (const grudge of all) {
          for (const [node, refused] of grudge) {
            expect(refused.has(node)).toBe(false);
            expect(refused.size).toBeGreaterThan(0);
          }
        }
      }),
    );
  });
});
