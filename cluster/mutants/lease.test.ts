import { describe, expect, test } from 'vitest';
import { electionMs, PureCluster } from '../raft/pure-cluster.fixture.ts';
import { mutantNamed } from './catalogue.ts';
import { leaseShare } from './lease.ts';

const mutant = mutantNamed('wall-clock-lease');
if (mutant === undefined) throw new Error('the mutant is in the catalogue');
const { rules } = mutant;

interface Cut {
  readonly cluster: PureCluster;
  readonly broken: readonly string[];
}

/** a leads and is cut off right after the others have answered; what breaks is collected. */
function cutOffLeader(): Cut {
  const broken: string[] = [];
  const cluster = new PureCluster({
    ids: ['a', 'b', 'c'],
    rules,
    onBroken: (claim) => broken.push(claim),
  });
  // Nobody votes in the first moments of its life.
  cluster.now = electionMs;
  cluster.elect('a');
  cluster.propose('a', 'x');
  cluster.timeOut('a');
  cluster.stabilize();
  cluster.isolate('a');
  return { cluster, broken };
}

/** The others elect b, as soon as they may, and commit y. */
function replaceLeader(cluster: PureCluster): void {
  while (cluster.status('b').role !== 'leader') {
    cluster.timeOut('b');
    cluster.stabilize();
  }
  cluster.propose('b', 'y');
  cluster.stabilize();
}

function isAnswered(cluster: PureCluster): boolean {
  return cluster.answers.has(cluster.read('a'));
}

describe('reads by a lease', () => {
  test('are answered at once while it runs, though the leader reaches nobody, and not after it', () => {
    const { cluster, broken } = cutOffLeader();
    const confirmed = cluster.now;
    expect(isAnswered(cluster)).toBe(true);
    cluster.now = confirmed + leaseShare * electionMs - 1;
    expect(isAnswered(cluster)).toBe(true);
    cluster.now = confirmed + leaseShare * electionMs;
    expect(isAnswered(cluster)).toBe(false);
    expect(broken).toEqual([]);
  });

  test('nobody votes while it runs', () => {
    const { cluster } = cutOffLeader();
    const { term } = cluster.status('c');
    cluster.now += leaseShare * electionMs;
    const request = { kind: 'request-vote', term: term + 5, lastIndex: 9, lastTerm: term } as const;
    cluster.step('c', [{ kind: 'receive', from: 'b', message: request }]);
    expect(cluster.status('c')).toMatchObject({ term, leader: 'a' });
    expect(cluster.take()).toEqual([]);
    cluster.restart('c');
    cluster.step('c', [{ kind: 'receive', from: 'b', message: request }]);
    expect(cluster.status('c')).toMatchObject({ term, leader: null });
    cluster.now += electionMs;
    cluster.step('c', [{ kind: 'receive', from: 'b', message: request }]);
    expect(cluster.status('c').term).toBe(term + 5);
  });

  test.each([0, 40, -2, 3_600_000])(
    'are never stale in a replaced leader whose clock is %d ms ahead, and runs evenly',
    (aheadMs) => {
      const broken: string[] = [];
      const cluster = new PureCluster({
        ids: ['a', 'b', 'c'],
        rules,
        onBroken: (claim) => broken.push(claim),
      });
      cluster.leaseClocks.set('a', aheadMs);
      cluster.now = electionMs;
      cluster.elect('a');
      cluster.isolate('a');
      replaceLeader(cluster);
      expect(isAnswered(cluster)).toBe(false);
      expect(broken).toEqual([]);
    },
  );

  test('are stale in a replaced leader whose clock was set back', () => {
    const { cluster, broken } = cutOffLeader();
    replaceLeader(cluster);
    expect(isAnswered(cluster)).toBe(false);
    cluster.leaseClocks.set('a', -60_000);
    expect(isAnswered(cluster)).toBe(true);
    expect(broken).toContainEqual(expect.stringMatching(/^linearizable reads: a reads at 2, but /));
  });

  test('wait for a round where the clock was set forward', () => {
    const { cluster, broken } = cutOffLeader();
    cluster.leaseClocks.set('a', 60_000);
    const ticket = cluster.read('a');
    expect(cluster.answers.has(ticket)).toBe(false);
    cluster.heal();
    cluster.timeOut('a');
    cluster.stabilize();
    expect(cluster.answers.get(ticket)).toMatchObject({ kind: 'readable' });
    expect(broken).toEqual([]);
  });
});

test('the mutant differs from a right lease in its clock alone', () => {
  const host = {
    clock: {
      now: () => 1,
      timer: () => {
        throw new Error('no timer is needed');
      },
    },
    wall: () => 2,
  };
  expect(mutant.duties.leaseTimeMs(host)).toBe(2);
});
