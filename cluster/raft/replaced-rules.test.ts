// Each rule that mutants replace, in a scenario made for it: with the paper's rule all is well, and with the other the
// nodes go on and what they answer is wrong in just the way that a checker is to find.

import { describe, expect, it } from 'vitest';
import type { Answer, Message, NodeId } from './messages.ts';
import { PureCluster, type PureClusterOptions } from './pure-cluster.fixture.ts';
import { paperRules, type Rules } from './rules.ts';

const three = ['a', 'b', 'c'];

interface Outcome {
  readonly broken: readonly string[];
}

/** Plays the scenario under the paper's rules with some replaced, and gives what it saw and what broke. */
function play<Seen>(
  replaced: Partial<Rules>,
  scenario: (cluster: PureCluster) => Seen,
  options: Partial<PureClusterOptions> = {},
): Outcome & Seen {
  const broken: string[] = [];
  const cluster = new PureCluster({
    ids: three,
    rules: { ...paperRules, ...replaced },
    onBroken: (claim) => broken.push(claim),
    ...options,
  });
  const seen = scenario(cluster);
  cluster.invariants.checkRejected();
  return { broken, ...seen };
}

function beat(cluster: PureCluster, id: NodeId): void {
  cluster.timeOut(id);
  cluster.stabilize();
}

/** `old` leads, is cut off, and the others elect `next` and commit `data`. */
function depose(cluster: PureCluster, old: NodeId, next: NodeId, data: string): void {
  cluster.isolate(old);
  cluster.elect(next);
  cluster.propose(next, data);
  cluster.stabilize();
}

function kindOf(answer: Answer | undefined): Answer['kind'] | 'none' {
  return answer?.kind ?? 'none';
}

describe('reads served by a deposed leader: isReadConfirmed', () => {
  const scenario = (cluster: PureCluster) => {
    cluster.elect('a');
    depose(cluster, 'a', 'b', 'x');
    const answer = cluster.answers.get(cluster.read('a'));
    cluster.heal();
    beat(cluster, 'b');
    return { answer };
  };

  it('as in the paper: no answer', () => {
    expect(play({}, scenario)).toEqual({ answer: undefined, broken: [] });
  });

  it('always true: answered in the same step, from before the write', () => {
    const { answer, broken } = play({ isReadConfirmed: () => true }, scenario);
    expect(answer).toMatchObject({ kind: 'readable', index: 1 });
    expect(broken).toEqual(['linearizable reads: a reads at 1, but 3 was known before the read began']);
  });
});

describe('a read that joins a round begun before it: isReadConfirmed', () => {
  const scenario = (cluster: PureCluster) => {
    cluster.elect('a');
    beat(cluster, 'a');
    cluster.timeOut('a');
    cluster.deliver();
    const late = cluster.take();
    depose(cluster, 'a', 'b', 'x');
    const ticket = cluster.read('a');
    cluster.take();
    cluster.heal();
    cluster.inFlight.push(...late);
    cluster.deliver();
    return { answer: kindOf(cluster.answers.get(ticket)) };
  };

  it('as in the paper: late answers to that round do not help', () => {
    expect(play({}, scenario)).toEqual({ answer: 'none', broken: [] });
  });

  it('with ≥ in place of >: they let a deposed leader answer', () => {
    const { answer, broken } = play(
      { isReadConfirmed: (arrived, confirmed) => confirmed >= arrived },
      scenario,
    );
    expect(answer).toBe('readable');
    expect(broken[0]).toMatch(/^linearizable reads: a reads at 1/);
  });
});

describe('reads served by followers: mayTakeRead, knowsCommit and isReadConfirmed', () => {
  const scenario = (cluster: PureCluster) => {
    cluster.elect('a');
    beat(cluster, 'a');
    cluster.propose('a', 'x');
    cluster.stabilize();
    return { answer: cluster.answers.get(cluster.read('b')) };
  };

  it('as in the paper: a follower turns the read away', () => {
    expect(play({}, scenario)).toMatchObject({ answer: { kind: 'rejected', leader: 'a' }, broken: [] });
  });

  it('always true: it answers at once from what it has applied', () => {
    const always = { mayTakeRead: () => true, knowsCommit: () => true, isReadConfirmed: () => true };
    const { answer, broken } = play(always, scenario);
    expect(answer).toMatchObject({ kind: 'readable', index: 1 });
    expect(broken).toEqual(['linearizable reads: b reads at 1, but 2 was known before the read began']);
  });
});

describe('reads served before an entry of the term is committed: knowsCommit', () => {
  // c has to refuse twice before the logs meet, and each refusal confirms a round without committing anything.
  const options = { term: 4, logs: { a: [1, 1, 4], b: [1, 1, 4], c: [1, 2, 3] } };
  const scenario = (cluster: PureCluster) => {
    cluster.isolate('c');
    cluster.elect('a');
    cluster.propose('a', 'x');
    cluster.stabilize();
    cluster.crash('a');
    cluster.heal();
    cluster.timeOut('b');
    cluster.deliver();
    cluster.deliver();
    const ticket = cluster.read('b');
    for (let wave = 0; wave < 4; wave += 1) cluster.deliver();
    return { answer: kindOf(cluster.answers.get(ticket)) };
  };

  it('as in the paper: the read waits', () => {
    expect(play({}, scenario, options)).toEqual({ answer: 'none', broken: [] });
  });

  it('always true: what earlier leaders committed is missing', () => {
    const { answer, broken } = play({ knowsCommit: () => true }, scenario, options);
    expect(answer).toBe('readable');
    expect(broken[0]).toMatch(/^linearizable reads: b reads at 4, but 5 was known/);
  });
});

describe('acknowledged before a majority has it: mayAcknowledge', () => {
  const scenario = (cluster: PureCluster) => {
    cluster.elect('a');
    cluster.isolate('a');
    const ticket = cluster.propose('a', 'mine');
    const atOnce = kindOf(cluster.answers.get(ticket));
    cluster.elect('b');
    cluster.propose('b', 'x');
    cluster.heal();
    beat(cluster, 'b');
    beat(cluster, 'b');
    return {
      atOnce,
      finally: kindOf(cluster.answers.get(ticket)),
      applied: three.map((id) => cluster.applied(id).map(({ data }) => data)),
    };
  };
  const applied = three.map(() => ['', '', 'x']);

  it('as in the paper: abandoned on stepping down', () => {
    expect(play({}, scenario)).toEqual({ atOnce: 'none', finally: 'abandoned', applied, broken: [] });
  });

  it('always true: answered in the same step though not applied, and gone afterwards', () => {
    const outcome = play({ mayAcknowledge: () => true }, scenario);
    expect(outcome).toMatchObject({ atOnce: 'committed', finally: 'committed', applied });
    expect(outcome.broken[0]).toBe(
      'honest answers: a says that mine is committed at 2, where there is no entry',
    );
  });
});

describe('logs not compared before voting: isLogUpToDate, with mayTruncate', () => {
  const scenario = (cluster: PureCluster) => {
    cluster.elect('a');
    cluster.isolate('c');
    const tickets = ['x', 'y', 'z'].map((data) => cluster.propose('a', data));
    cluster.stabilize();
    beat(cluster, 'a');
    cluster.heal();
    cluster.isolate('a');
    cluster.timeOut('c');
    cluster.stabilize();
    const role = cluster.status('c').role;
    cluster.heal();
    if (role === 'leader') {
      for (const data of ['1', '2', '3']) cluster.propose('c', data);
      beat(cluster, 'c');
      beat(cluster, 'c');
    }
    return {
      role,
      answered: tickets.map((ticket) => kindOf(cluster.answers.get(ticket))),
      applied: three.map((id) =>
        cluster
          .applied(id)
          .map(({ data }) => data)
          .join(' '),
      ),
      commits: three.map((id) => cluster.status(id).commit),
    };
  };
  const answered = ['committed', 'committed', 'committed'];

  it('as in the paper: the node with the shorter log is not elected', () => {
    expect(play({}, scenario)).toMatchObject({ role: 'candidate', answered, broken: [] });
  });

  it('always true: what was acknowledged is overwritten; what was applied stays, and applying goes on behind it', () => {
    const outcome = play({ isLogUpToDate: () => true, mayTruncate: () => true }, scenario);
    expect(outcome).toMatchObject({
      role: 'leader',
      answered,
      applied: [' x y z 3', ' x y z 3', '  1 2 3'],
      commits: [5, 5, 5],
    });
    expect(outcome.broken[0]).toMatch(/^leader completeness: c leads term 2 without "x"/);
  });
});

describe('only the length of logs compared before voting: isLogUpToDate', () => {
  const options = { logs: { a: [1, 1, 1], b: [1, 2], c: [1, 2] }, term: 2 };
  const scenario = (cluster: PureCluster) => {
    cluster.timeOut('a');
    cluster.stabilize();
    return { role: cluster.status('a').role, terms: cluster.terms('b') };
  };

  it('as in the paper: an old long log does not win', () => {
    expect(play({}, scenario, options)).toEqual({ role: 'candidate', terms: [1, 2], broken: [] });
  });

  it('by length: it wins and overwrites later entries', () => {
    const byLength: Rules['isLogUpToDate'] = (candidate, own) => candidate.lastIndex >= own.lastIndex;
    expect(play({ isLogUpToDate: byLength }, scenario, options)).toMatchObject({
      role: 'leader',
      terms: [1, 1, 1, 3],
    });
  });
});

describe('a definite failure answered on stepping down: mayStillCommit', () => {
  const scenario = (cluster: PureCluster) => {
    cluster.elect('a');
    const ticket = cluster.propose('a', 'x');
    cluster.deliver(({ to }) => to === 'b');
    cluster.isolate('a');
    cluster.elect('b');
    cluster.heal();
    beat(cluster, 'b');
    return {
      answer: kindOf(cluster.answers.get(ticket)),
      applied: cluster.applied('b').map(({ data }) => data),
    };
  };
  const applied = ['', 'x', ''];

  it('as in the paper: abandoned, which promises nothing', () => {
    expect(play({}, scenario)).toEqual({ answer: 'abandoned', applied, broken: [] });
  });

  it('never true: rejected, and committed all the same', () => {
    expect(play({ mayStillCommit: () => false }, scenario)).toEqual({
      answer: 'rejected',
      applied,
      broken: ['honest answers: x was rejected and entered a log'],
    });
  });
});

describe('entries of earlier terms committed by counting: mayCommitByCounting', () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  const options = { ids: five, term: 3, logs: { a: [1, 2], b: [1, 2], c: [1], d: [1], e: [1, 3] } };
  const scenario = (cluster: PureCluster) => {
    cluster.crash('e');
    cluster.elect('a');
    const applied = cluster.applied('a').map(({ term }) => term);
    cluster.crash('a');
    cluster.restart('e');
    cluster.timeOut('e');
    cluster.take();
    cluster.timeOut('e');
    cluster.stabilize();
    return { applied, role: cluster.status('e').role, terms: cluster.terms('b') };
  };
  const noNoop = { needsNoop: () => false };

  it('as in the paper: figure 8 loses nothing that was applied', () => {
    expect(play(noNoop, scenario, options)).toEqual({
      applied: [],
      role: 'leader',
      terms: [1, 3],
      broken: [],
    });
  });

  it('always true: figure 8 overwrites what a leader has applied', () => {
    const mutant = { ...noNoop, mayCommitByCounting: () => true, mayTruncate: () => true };
    const outcome = play(mutant, scenario, options);
    expect(outcome).toMatchObject({ applied: [1, 2], role: 'leader', terms: [1, 3] });
    expect(outcome.broken.join()).toMatch(/leader completeness: e leads term 5 without "2.2"/);
  });

  it('always true, but with a no-op: the figure does not come about', () => {
    expect(play({ mayCommitByCounting: () => true }, scenario, options)).toMatchObject({
      role: 'candidate',
      broken: [],
    });
  });
});

describe('votes of an earlier term counted: mayCountVote', () => {
  const scenario = (cluster: PureCluster) => {
    cluster.timeOut('a');
    cluster.deliver();
    const late = cluster.take();
    cluster.elect('b');
    cluster.isolate('a');
    cluster.timeOut('a');
    cluster.timeOut('a');
    cluster.take();
    cluster.heal();
    cluster.inFlight.push(...late);
    cluster.deliver();
    return { role: cluster.status('a').role };
  };

  it('as in the paper: they elect nobody', () => {
    expect(play({}, scenario)).toEqual({ role: 'candidate', broken: [] });
  });

  it('always true: they elect a leader whom nobody voted for', () => {
    expect(play({ mayCountVote: () => true }, scenario)).toMatchObject({ role: 'leader' });
  });
});

describe('what a message did not cover: knownMatch and followerCommit', () => {
  // c has a tail of a leader of term 2 that was never committed; a leads term 3 and reaches c with an empty append.
  const options = { term: 2, logs: { a: [1], b: [1], c: [1, 2, 2] } };
  const elected = (cluster: PureCluster) => {
    cluster.cutOneWay('a', 'c');
    cluster.elect('a');
    for (const data of ['x', 'y']) cluster.propose('a', data);
  };

  it.each<{ name: string; replaced: Partial<Rules>; commit: number; applied: number[]; broken: RegExp }>([
    { name: 'as in the paper', replaced: {}, commit: 4, applied: [1], broken: /^$/ },
    {
      name: 'followerCommit beyond it',
      replaced: { followerCommit: (leaderCommit) => leaderCommit, mayTruncate: () => true },
      commit: 4,
      applied: [1, 2, 2],
      broken: /^state machine safety: c applies "2.2"/,
    },
  ])('$name: a follower with a tail of its own applies $applied', ({ replaced, commit, applied, broken }) => {
    const outcome = play(
      replaced,
      (cluster) => {
        elected(cluster);
        cluster.stabilize();
        cluster.heal();
        const empty: Message = {
          kind: 'append',
          term: 3,
          prevIndex: 1,
          prevTerm: 1,
          entries: [],
          commit: 4,
          round: 1,
        };
        cluster.step('c', [{ kind: 'receive', from: 'a', message: empty }]);
        return { commit: cluster.status('a').commit, applied: cluster.applied('c').map(({ term }) => term) };
      },
      options,
    );
    expect(outcome).toMatchObject({ commit, applied });
    expect(outcome.broken.join()).toMatch(broken);
  });

  it.each<{ name: string; replaced: Partial<Rules>; commit: number; broken: RegExp }>([
    { name: 'as in the paper', replaced: {}, commit: 2, broken: /^$/ },
    {
      name: 'knownMatch beyond it',
      replaced: { knownMatch: (_covered, lastIndex) => lastIndex },
      commit: 3,
      broken: /^what is committed is kept: "x" .* is on 1 of 3 disks/,
    },
  ])(
    '$name: a leader that hears from such a follower alone commits up to $commit',
    ({ replaced, commit, broken }) => {
      const outcome = play(
        replaced,
        (cluster) => {
          elected(cluster);
          cluster.take();
          cluster.heal();
          cluster.isolate('b');
          const empty: Message = {
            kind: 'append',
            term: 3,
            prevIndex: 1,
            prevTerm: 1,
            entries: [],
            commit: 0,
            round: 1,
          };
          cluster.step('c', [{ kind: 'receive', from: 'a', message: empty }]);
          cluster.deliver();
          return { commit: cluster.status('a').commit };
        },
        options,
      );
      expect(outcome).toMatchObject({ commit });
      expect(outcome.broken.join()).toMatch(broken);
    },
  );
});
