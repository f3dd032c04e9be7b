// One test a rule of the paper (figure 2 and the sections named), told in our words. They run on cores that exchange
// messages only when a test delivers them.

import { describe, expect, it } from 'vitest';
import { Log } from './log.ts';
import type { Entry, Envelope, Message, NodeId } from './messages.ts';
import { electionMs, heartbeatMs, PureCluster, type PureClusterOptions } from './pure-cluster.fixture.ts';
import { Raft } from './raft.ts';
import { Replication } from './replication.ts';
import { paperRules } from './rules.ts';

const three = ['a', 'b', 'c'];
const five = ['a', 'b', 'c', 'd', 'e'];

function clusterOf(ids: readonly NodeId[], more: Partial<PureClusterOptions> = {}): PureCluster {
  return new PureCluster({ ids, ...more });
}

/** Nodes whose peers say what the test puts into their mouths, true or not; so nothing is watched. */
function nodesToldLies(more: Partial<PureClusterOptions> = {}): PureCluster {
  return clusterOf(three, { onBroken: () => undefined, ...more });
}

/** Three nodes, `a` leads term 1 and its no-op is committed everywhere. */
function ledByA(ids: readonly NodeId[] = three): PureCluster {
  const cluster = clusterOf(ids);
  cluster.elect('a');
  beat(cluster, 'a');
  return cluster;
}

/** A heartbeat of this leader and all that follows from it. */
function beat(cluster: PureCluster, id: NodeId): readonly Envelope[] {
  cluster.timeOut(id);
  return cluster.stabilize();
}

function receive(cluster: PureCluster, to: NodeId, from: NodeId, message: Message): Message[] {
  const { send } = cluster.step(to, [{ kind: 'receive', from, message }]);
  return send.filter((envelope) => envelope.to === from).map((envelope) => envelope.message);
}

function append(more: Partial<Extract<Message, { kind: 'append' }>>): Message {
  return { kind: 'append', term: 1, prevIndex: 0, prevTerm: 0, entries: [], commit: 0, round: 1, ...more };
}

function entry(index: number, term: number): Entry {
  return { index, term, data: `${term}.${index}` };
}

function requestVote(term: number, lastIndex = 0, lastTerm = 0): Message {
  return { kind: 'request-vote', term, lastIndex, lastTerm };
}

describe('§5.1 terms', () => {
  it('a node starts as a follower, whatever it was before', () => {
    const cluster = ledByA();
    cluster.crash('a');
    cluster.restart('a');
    expect(cluster.status('a')).toMatchObject({ role: 'follower', leader: null, term: 1 });
  });

  it('whoever hears of a later term takes it over', () => {
    const cluster = clusterOf(three);
    receive(cluster, 'b', 'a', append({ term: 7 }));
    expect(cluster.status('b').term).toBe(7);
  });

  it.each<Message>([
    requestVote(5),
    { kind: 'vote', term: 5, granted: false },
    append({ term: 5 }),
    { kind: 'appended', term: 5, round: 1, match: 0 },
    { kind: 'refused', term: 5, round: 0, prevIndex: 0, firstIndex: 1 },
  ])('a leader that hears of a later term, here by $kind, becomes a follower at once', (message) => {
    const cluster = ledByA();
    receive(cluster, 'a', 'b', message);
    expect(cluster.status('a')).toMatchObject({ role: 'follower', term: 5 });
  });

  it('a leader that steps down waits a whole election timeout before it tries again', () => {
    const cluster = ledByA();
    receive(cluster, 'a', 'b', { kind: 'vote', term: 5, granted: false });
    expect(cluster.deadline('a') - cluster.now).toBeGreaterThanOrEqual(electionMs);
  });

  it('a candidate that hears of a later term becomes a follower at once', () => {
    const cluster = clusterOf(three);
    cluster.timeOut('a');
    receive(cluster, 'a', 'b', { kind: 'vote', term: 5, granted: false });
    expect(cluster.status('a')).toMatchObject({ role: 'follower', term: 5, leader: null });
  });

  it('a request of an earlier term is rejected, and the answer tells the later one', () => {
    const cluster = clusterOf(three, { term: 5 });
    expect(receive(cluster, 'b', 'a', requestVote(4, 9, 4))).toEqual([
      { kind: 'vote', term: 5, granted: false },
    ]);
    expect(receive(cluster, 'b', 'a', append({ term: 4, entries: [entry(1, 4)] }))).toMatchObject([
      { kind: 'refused', term: 5 },
    ]);
    expect(cluster.log('b')).toEqual([]);
  });

  it('a message of an earlier term does not keep a follower from timing out', () => {
    const cluster = clusterOf(three, { term: 5 });
    const deadline = cluster.deadline('b');
    cluster.now = deadline - 1;
    receive(cluster, 'b', 'a', append({ term: 4 }));
    expect(cluster.deadline('b')).toBe(deadline);
  });

  it('term and vote are among what is to be on disk before the answer leaves (figure 2)', () => {
    const cluster = clusterOf(three);
    const effects = cluster.step('b', [{ kind: 'receive', from: 'a', message: requestVote(3) }]);
    expect(effects.send[0]?.message).toEqual({ kind: 'vote', term: 3, granted: true });
    expect(effects.persist?.hardState).toEqual({ term: 3, votedFor: 'a' });
  });

  it('what comes from nobody of the cluster is ignored', () => {
    const cluster = clusterOf(three);
    expect(receive(cluster, 'b', 'stranger', requestVote(9))).toEqual([]);
    expect(receive(cluster, 'b', 'b', requestVote(9))).toEqual([]);
    expect(cluster.status('b').term).toBe(0);
  });
});

describe('§5.2 leader election', () => {
  it('a follower that hears nothing for an election timeout begins an election: next term, own vote, all are asked', () => {
    const cluster = clusterOf(three);
    const { send, persist } = cluster.timeOut('a');
    expect(cluster.status('a')).toMatchObject({ role: 'candidate', term: 1, leader: null });
    expect(persist?.hardState).toEqual({ term: 1, votedFor: 'a' });
    expect(send).toEqual(['b', 'c'].map((to) => ({ from: 'a', to, message: requestVote(1) })));
  });

  it('before its deadline a node does nothing by itself', () => {
    const cluster = clusterOf(three);
    cluster.now = cluster.deadline('a') - 0.001;
    expect(cluster.step('a', [{ kind: 'tick' }])).toEqual({ send: [], apply: [], answers: [] });
  });

  it('a follower stays one as long as it hears from a leader', () => {
    const cluster = ledByA();
    for (let beats = 0; beats < 50; beats += 1) {
      beat(cluster, 'a');
      for (const id of ['b', 'c']) cluster.step(id, [{ kind: 'tick' }]);
    }
    expect(cluster.now).toBeGreaterThan(10 * electionMs);
    expect(three.map((id) => cluster.status(id).term)).toEqual([1, 1, 1]);
  });

  it('a candidate wins with the votes of a majority of the whole cluster in its term, and not before', () => {
    const cluster = clusterOf(five);
    cluster.timeOut('a');
    cluster.deliver(({ to }) => to === 'b' || to === 'c');
    cluster.deliver(({ from }) => from === 'b');
    expect(cluster.status('a').role).toBe('candidate');
    cluster.deliver(({ from }) => from === 'c');
    expect(cluster.status('a')).toMatchObject({ role: 'leader', leader: 'a', term: 1 });
  });

  it('a vote that arrives twice counts once', () => {
    const cluster = clusterOf(five);
    cluster.timeOut('a');
    for (let copy = 0; copy < 5; copy += 1) {
      receive(cluster, 'a', 'b', { kind: 'vote', term: 1, granted: true });
    }
    expect(cluster.status('a').role).toBe('candidate');
  });

  it('a vote of an earlier term does not count', () => {
    const cluster = clusterOf(three);
    cluster.timeOut('a');
    cluster.timeOut('a');
    receive(cluster, 'a', 'b', { kind: 'vote', term: 1, granted: true });
    expect(cluster.status('a')).toMatchObject({ role: 'candidate', term: 2 });
  });

  it('a node votes for one candidate a term, the first that asks', () => {
    const cluster = clusterOf(three);
    expect(receive(cluster, 'c', 'a', requestVote(1))).toEqual([{ kind: 'vote', term: 1, granted: true }]);
    expect(receive(cluster, 'c', 'b', requestVote(1))).toEqual([{ kind: 'vote', term: 1, granted: false }]);
  });

  it('a node that has voted gives the same vote again, and after a crash too', () => {
    const cluster = clusterOf(three);
    receive(cluster, 'c', 'a', requestVote(1));
    cluster.crash('c');
    cluster.restart('c');
    expect(receive(cluster, 'c', 'b', requestVote(1))).toEqual([{ kind: 'vote', term: 1, granted: false }]);
    expect(receive(cluster, 'c', 'a', requestVote(1))).toEqual([{ kind: 'vote', term: 1, granted: true }]);
  });

  it('a vote is forgotten with its term and not by other messages of that term', () => {
    const cluster = clusterOf(three);
    receive(cluster, 'c', 'a', requestVote(1));
    receive(cluster, 'c', 'a', append({ term: 1 }));
    expect(receive(cluster, 'c', 'b', requestVote(1))).toMatchObject([{ granted: false }]);
    expect(receive(cluster, 'c', 'b', requestVote(2))).toMatchObject([{ granted: true }]);
  });

  it('the winner tells all others at once', () => {
    const cluster = clusterOf(three);
    cluster.timeOut('a');
    cluster.deliver();
    cluster.deliver(({ from }) => from === 'b');
    expect(cluster.inFlight.filter(({ message }) => message.kind === 'append').map(({ to }) => to)).toEqual([
      'b',
      'c',
    ]);
  });

  it('a candidate that hears from a leader of its term follows it', () => {
    const cluster = clusterOf(three);
    cluster.timeOut('b');
    receive(cluster, 'b', 'a', append({ term: 1 }));
    expect(cluster.status('b')).toMatchObject({ role: 'follower', leader: 'a', term: 1 });
  });

  it('a candidate that hears from a leader of an earlier term goes on', () => {
    const cluster = clusterOf(three, { term: 3 });
    cluster.timeOut('b');
    receive(cluster, 'b', 'a', append({ term: 3 }));
    expect(cluster.status('b')).toMatchObject({ role: 'candidate', term: 4 });
  });

  it('when votes are split, the candidates time out and try again in a later term', () => {
    const cluster = clusterOf(['a', 'b']);
    cluster.timeOut('a');
    cluster.timeOut('b');
    cluster.stabilize();
    expect(['a', 'b'].map((id) => cluster.status(id).role)).toEqual(['candidate', 'candidate']);
    cluster.elect('b');
    expect(cluster.status('b').term).toBe(2);
  });

  it('timeouts are drawn anew each time, between electionMs and twice that', () => {
    const cluster = clusterOf(three);
    const timeouts = Array.from({ length: 200 }, () => {
      cluster.timeOut('a');
      return cluster.deadline('a') - cluster.now;
    });
    expect(Math.min(...timeouts)).toBeGreaterThanOrEqual(electionMs);
    expect(Math.max(...timeouts)).toBeLessThan(2 * electionMs);
    expect(new Set(timeouts).size).toBeGreaterThan(190);
  });

  it('granting a vote begins a new timeout, refusing one does not', () => {
    const cluster = clusterOf(three, { logs: { b: [1, 1] } });
    cluster.now = cluster.deadline('b') - 1;
    const deadline = cluster.deadline('b');
    receive(cluster, 'b', 'a', requestVote(4, 1, 1));
    expect(cluster.deadline('b')).toBe(deadline);
    receive(cluster, 'b', 'c', requestVote(4, 2, 1));
    expect(cluster.deadline('b')).toBeGreaterThanOrEqual(cluster.now + electionMs);
  });

  it('a leader sends heartbeats to all as long as it leads', () => {
    const cluster = ledByA();
    for (let beats = 0; beats < 3; beats += 1) {
      const began = cluster.now;
      const { send } = cluster.timeOut('a');
      expect(cluster.now - began).toBeLessThanOrEqual(heartbeatMs);
      expect(send.map(({ to, message }) => [to, message.kind])).toEqual([
        ['b', 'append'],
        ['c', 'append'],
      ]);
    }
  });

  it('a second leader in one term stops the node that sees it', () => {
    const cluster = ledByA();
    expect(() => receive(cluster, 'b', 'c', append({ term: 1 }))).toThrow(
      'broken: a term has one leader (term 1, known "a", sender "c")',
    );
  });

  it('a cluster of one elects itself', () => {
    const cluster = clusterOf(['a']);
    cluster.timeOut('a');
    expect(cluster.status('a')).toMatchObject({ role: 'leader', commit: 1 });
  });
});

describe('§5.3 log replication', () => {
  it('a command becomes an entry of the leader, which sends it to all others at once', () => {
    const cluster = ledByA();
    cluster.propose('a', 'x');
    expect(cluster.log('a').at(-1)).toEqual({ index: 2, term: 1, data: 'x' });
    expect(cluster.inFlight.map(({ to, message }) => [to, message])).toEqual(
      ['b', 'c'].map((to) => [to, expect.objectContaining({ entries: [{ index: 2, term: 1, data: 'x' }] })]),
    );
  });

  it('once a majority has the entry it is committed: the leader applies it and answers', () => {
    const cluster = ledByA(five);
    const ticket = cluster.propose('a', 'x');
    cluster.deliver();
    cluster.deliver(({ from }) => from === 'b');
    expect([cluster.status('a').commit, cluster.answers.has(ticket)]).toEqual([1, false]);
    cluster.deliver(({ from }) => from === 'c');
    expect(cluster.applied('a').at(-1)).toEqual({ index: 2, term: 1, data: 'x' });
    expect(cluster.answers.get(ticket)).toEqual({ kind: 'committed', ticket, index: 2 });
  });

  it('committing an entry commits all before it', () => {
    const cluster = clusterOf(three, { logs: { a: [1, 2, 2], b: [1, 2, 2], c: [1] } });
    cluster.elect('a');
    expect(cluster.applied('a').map(({ term }) => term)).toEqual([1, 2, 2, 3]);
  });

  it('followers learn from later appends what is committed and apply it in order', () => {
    const cluster = ledByA();
    for (const data of ['x', 'y', 'z']) cluster.propose('a', data);
    cluster.stabilize();
    beat(cluster, 'a');
    for (const id of three) expect(cluster.applied(id).map(({ data }) => data)).toEqual(['', 'x', 'y', 'z']);
  });

  it('a leader sends again without end what a follower does not have, also after it has answered its client', () => {
    const cluster = ledByA();
    cluster.isolate('c');
    const ticket = cluster.propose('a', 'x');
    for (let beats = 0; beats < 30; beats += 1) beat(cluster, 'a');
    expect(cluster.answers.get(ticket)).toMatchObject({ kind: 'committed' });
    cluster.heal();
    beat(cluster, 'a');
    beat(cluster, 'a');
    expect(cluster.applied('c').map(({ data }) => data)).toEqual(['', 'x']);
  });

  it('a lost append is made good at the next heartbeat', () => {
    const cluster = ledByA();
    cluster.propose('a', 'x');
    cluster.take();
    cluster.propose('a', 'y');
    cluster.take();
    beat(cluster, 'a');
    expect(three.map((id) => cluster.log(id).length)).toEqual([3, 3, 3]);
  });

  it('an append names the entry before it, and a follower without that entry refuses', () => {
    const cluster = clusterOf(three, { logs: { b: [1, 1] } });
    const refused = (prevIndex: number, prevTerm: number) =>
      receive(
        cluster,
        'b',
        'a',
        append({ term: 3, prevIndex, prevTerm, entries: [entry(prevIndex + 1, 3)] }),
      );
    expect(refused(3, 1)).toMatchObject([{ kind: 'refused', prevIndex: 3, firstIndex: 3 }]);
    expect(refused(2, 2)).toMatchObject([{ kind: 'refused', prevIndex: 2, conflictTerm: 1, firstIndex: 1 }]);
    expect(cluster.terms('b')).toEqual([1, 1]);
    expect(refused(2, 1)).toMatchObject([{ kind: 'appended', match: 3 }]);
    expect(cluster.terms('b')).toEqual([1, 1, 3]);
  });

  it('an entry that conflicts with a new one is removed, with all that follow it', () => {
    const cluster = clusterOf(three, { logs: { b: [1, 1, 2, 2, 2] } });
    receive(cluster, 'b', 'a', append({ term: 4, prevIndex: 2, prevTerm: 1, entries: [entry(3, 4)] }));
    expect(cluster.terms('b')).toEqual([1, 1, 4]);
  });

  it('a shorter append that comes late removes nothing', () => {
    const cluster = clusterOf(three);
    receive(cluster, 'b', 'a', append({ entries: [entry(1, 1), entry(2, 1), entry(3, 1)] }));
    expect(receive(cluster, 'b', 'a', append({ entries: [entry(1, 1)] }))).toMatchObject([
      { kind: 'appended', match: 1 },
    ]);
    expect(cluster.terms('b')).toEqual([1, 1, 1]);
  });

  it('a committed entry is never removed: the node stops instead', () => {
    const cluster = nodesToldLies();
    receive(cluster, 'b', 'a', append({ entries: [entry(1, 1), entry(2, 1)], commit: 2 }));
    expect(() =>
      receive(cluster, 'b', 'c', append({ term: 2, prevIndex: 1, prevTerm: 1, entries: [entry(2, 2)] })),
    ).toThrow(
      'broken: a committed entry is never overwritten (truncateFrom 2, commit 2, termFound 1, termSent 2)',
    );
  });

  it('a follower commits no further than the message went', () => {
    const cluster = nodesToldLies({ logs: { b: [1, 2, 2] } });
    receive(cluster, 'b', 'a', append({ term: 3, prevIndex: 1, prevTerm: 1, commit: 3 }));
    expect(cluster.status('b').commit).toBe(1);
  });

  it('a commit index that comes late does not set a follower back', () => {
    const cluster = nodesToldLies();
    receive(cluster, 'b', 'a', append({ entries: [entry(1, 1), entry(2, 1)], commit: 2 }));
    receive(cluster, 'b', 'a', append({ prevIndex: 2, prevTerm: 1, commit: 1 }));
    expect(cluster.status('b').commit).toBe(2);
  });

  // Figure 7, in which a leader of term 8 has just been elected; (a) to (f) are what its followers may look like.
  const leaderLog = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  it.each([
    { name: 'a', log: [1, 1, 1, 4, 4, 5, 5, 6, 6] },
    { name: 'b', log: [1, 1, 1, 4] },
    { name: 'c', log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6] },
    { name: 'd', log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7] },
    { name: 'e', log: [1, 1, 1, 4, 4, 4, 4] },
    { name: 'f', log: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3] },
  ])('figure 7: the follower ($name) ends with the log of the leader', ({ log }) => {
    const cluster = clusterOf(three, { term: 7, logs: { a: leaderLog, b: log, c: leaderLog } });
    cluster.timeOut('a');
    cluster.deliver(({ to }) => to === 'c');
    cluster.deliver(({ from }) => from === 'c');
    cluster.stabilize();
    beat(cluster, 'a');
    expect(cluster.terms('b')).toEqual([...leaderLog, 8]);
    expect(cluster.applied('b')).toEqual(cluster.log('a'));
  });

  it('one refusal skips a whole term, however long the tails', () => {
    const tail = (term: number) => Array.from({ length: 50 }, () => term);
    const shared = [1, 1];
    const logs = {
      a: [...shared, ...tail(4), ...tail(6), ...tail(8)],
      b: [...shared, ...tail(2), ...tail(3), ...tail(5), ...tail(7)],
      c: [...shared, ...tail(4), ...tail(6), ...tail(8)],
    };
    const cluster = clusterOf(three, { logs, term: 8 });
    cluster.timeOut('a');
    const refusals = cluster.stabilize().filter(({ message }) => message.kind === 'refused');
    expect(cluster.terms('b')).toEqual(cluster.terms('a'));
    // The terms of the follower's tail are 2, 3, 5 and 7.
    expect(refusals.length).toBeLessThanOrEqual(4);
    expect(refusals.length).toBeGreaterThan(0);
  });

  it('a leader never removes or changes entries of its own log', () => {
    const cluster = clusterOf(three, { logs: { a: [1, 2], b: [1, 1, 1], c: [1, 1] } });
    cluster.elect('a');
    expect(cluster.terms('a')).toEqual([1, 2, 3]);
    expect(cluster.terms('b')).toEqual([1, 2, 3]);
  });

  it('an append carries so many entries at most that one lost message does not cost much', () => {
    const cluster = clusterOf(['a', 'b'], { logs: { a: Array.from({ length: 1000 }, () => 1) } });
    cluster.elect('a');
    beat(cluster, 'a');
    const sizes: number[] = [];
    cluster.crash('b');
    cluster.restart('b');
    for (const { message } of beat(cluster, 'a'))
      if (message.kind === 'append') sizes.push(message.entries.length);
    expect(cluster.log('b')).toHaveLength(1001);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
  });

  it('in a pipeline no entry is sent twice as long as nothing is lost', () => {
    const cluster = ledByA();
    for (let number = 0; number < 20; number += 1) cluster.propose('a', `x${number}`);
    const sent = cluster.inFlight.flatMap(({ to, message }) =>
      message.kind === 'append' && to === 'b' ? message.entries.map(({ index }) => index) : [],
    );
    expect(sent).toEqual(Array.from({ length: 20 }, (_, position) => position + 2));
  });

  it('a follower that does not answer is sent only so much', () => {
    const cluster = ledByA();
    cluster.isolate('c');
    for (let number = 0; number < 2000; number += 1) cluster.propose('a', `x${number}`);
    const sent = cluster.inFlight.flatMap(({ to, message }) =>
      message.kind === 'append' && to === 'c' ? message.entries : [],
    );
    expect(sent.length).toBeLessThanOrEqual(1024);
    cluster.stabilize();
    const perBeat = cluster.timeOut('a').send.filter(({ to }) => to === 'c');
    expect(perBeat).toHaveLength(1);
    cluster.heal();
    beat(cluster, 'a');
    beat(cluster, 'a');
    expect(cluster.log('c')).toEqual(cluster.log('a'));
  });
});

describe('§5.3 how a leader keeps account of a follower', () => {
  const entries = Array.from({ length: 9 }, (_, position) => entry(position + 1, 1));

  /** The account of b, whose log is taken to agree up to 3; entries 4 to 9 are on their way. */
  function streaming(): Replication {
    const replication = new Replication(new Log(entries), ['b'], 0, paperRules);
    replication.startRound();
    replication.acceptAppended('b', { kind: 'appended', term: 1, round: 1, match: 3 });
    expect(replication.nextAppend('b', 1, 0)).toMatchObject({ prevIndex: 3, entries: entries.slice(3) });
    return replication;
  }
  const refusal = (prevIndex: number, firstIndex: number): Extract<Message, { kind: 'refused' }> => ({
    kind: 'refused',
    term: 1,
    round: 1,
    prevIndex,
    firstIndex,
  });

  it('what it is known to have does not shrink when answers come out of order', () => {
    const replication = streaming();
    replication.acceptAppended('b', { kind: 'appended', term: 1, round: 1, match: 7 });
    replication.acceptAppended('b', { kind: 'appended', term: 1, round: 1, match: 5 });
    expect(replication.replicated).toBe(7);
    expect(replication.nextAppend('b', 1, 0).prevIndex).toBe(9);
  });

  it('a late refusal of what it has accepted since is ignored', () => {
    const replication = streaming();
    replication.acceptRefused('b', refusal(3, 1));
    expect(replication.nextAppend('b', 1, 0).prevIndex).toBe(9);
  });

  it('a refusal in the pipeline has it probed from where its log ends', () => {
    const replication = streaming();
    replication.acceptRefused('b', refusal(8, 6));
    expect(replication.nextAppend('b', 1, 0).prevIndex).toBe(5);
  });

  it('while it is probed, only the refusal of that probe counts', () => {
    const replication = streaming();
    replication.acceptRefused('b', refusal(8, 6));
    expect(replication.nextAppend('b', 1, 0).prevIndex).toBe(5);
    replication.acceptRefused('b', refusal(7, 4));
    expect([replication.hasNews('b'), replication.nextAppend('b', 1, 0).prevIndex]).toEqual([false, 5]);
    replication.acceptRefused('b', refusal(5, 5));
    expect([replication.hasNews('b'), replication.nextAppend('b', 1, 0).prevIndex]).toEqual([true, 4]);
  });

  it('it is never probed below what it is known to have', () => {
    const replication = streaming();
    replication.acceptRefused('b', refusal(8, 1));
    expect(replication.nextAppend('b', 1, 0).prevIndex).toBe(3);
  });

  it('when it has been silent for a heartbeat it is probed again, and sent nothing in between', () => {
    const cluster = ledByA();
    cluster.isolate('c');
    cluster.propose('a', 'x');
    cluster.stabilize();
    beat(cluster, 'a');
    beat(cluster, 'a');
    for (const data of ['y', 'z']) cluster.propose('a', data);
    expect(cluster.take(({ to }) => to === 'c')).toEqual([]);
    expect(cluster.timeOut('a').send.find(({ to }) => to === 'c')?.message).toMatchObject({
      prevIndex: 1,
      entries: [{ data: 'x' }, { data: 'y' }, { data: 'z' }],
    });
  });
});

describe('§5.4.1 election restriction', () => {
  it.each([
    { own: [1, 1], candidate: [1, 1], granted: true },
    { own: [1, 1], candidate: [1, 1, 1], granted: true },
    { own: [1, 1, 1], candidate: [1, 1], granted: false },
    { own: [1, 1, 1], candidate: [1, 2], granted: true },
    { own: [1, 2], candidate: [1, 1, 1], granted: false },
  ])(
    'a node with the terms $own grants its vote to one with $candidate: $granted',
    ({ own, candidate, granted }) => {
      const cluster = clusterOf(three, { logs: { a: candidate, b: own } });
      cluster.timeOut('a');
      cluster.timeOut('a');
      cluster.deliver(({ to }) => to === 'b');
      expect(cluster.take(({ from }) => from === 'b').at(-1)?.message).toMatchObject({
        kind: 'vote',
        granted,
      });
    },
  );

  it('a node without a committed entry cannot win', () => {
    const cluster = ledByA();
    cluster.isolate('c');
    cluster.propose('a', 'x');
    cluster.stabilize();
    cluster.heal();
    cluster.isolate('a');
    for (let tries = 0; tries < 5; tries += 1) {
      cluster.timeOut('c');
      cluster.stabilize();
    }
    expect(cluster.status('c').role).toBe('candidate');
    cluster.elect('b');
    expect(cluster.log('c').map(({ data }) => data)).toContain('x');
  });
});

describe('§5.4.2 entries of earlier terms', () => {
  // Figure 8 from (b) on: a had sent its entry of term 2 to b only, e was elected in term 3 and sent its to nobody.
  const figure8 = { term: 3, logs: { a: [1, 2], b: [1, 2], c: [1], d: [1], e: [1, 3] } };
  // With its no-op a leader always has an entry of its own term behind them; here it is left out, as in the figure.
  const asInTheFigure = { ...paperRules, needsNoop: () => false };

  it('figure 8 (c) and (d): on a majority and yet not committed, for a later leader may remove it', () => {
    const cluster = clusterOf(five, { ...figure8, rules: asInTheFigure });
    cluster.crash('e');
    cluster.cutOneWay('a', 'd');
    cluster.cutOneWay('d', 'a');
    cluster.elect('a');
    expect(['a', 'b', 'c'].map((id) => cluster.terms(id))).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(cluster.status('a').commit).toBe(0);
    cluster.crash('a');
    cluster.restart('e');
    cluster.timeOut('e');
    cluster.take();
    cluster.elect('e');
    cluster.propose('e', 'x');
    cluster.stabilize();
    expect(['b', 'c', 'd', 'e'].map((id) => cluster.terms(id).slice(0, 2))).toEqual([
      [1, 3],
      [1, 3],
      [1, 3],
      [1, 3],
    ]);
  });

  it('figure 8 (e): once an entry of its own term is on a majority, all before it is committed for good', () => {
    const cluster = clusterOf(five, { ...figure8, rules: asInTheFigure });
    cluster.crash('e');
    cluster.elect('a');
    cluster.propose('a', 'x');
    cluster.stabilize();
    expect(cluster.status('a').commit).toBe(3);
    cluster.crash('a');
    cluster.restart('e');
    for (let tries = 0; tries < 5; tries += 1) {
      cluster.timeOut('e');
      cluster.stabilize();
    }
    expect(cluster.status('e').role).toBe('candidate');
  });
});

describe('§5.5 crashes of followers and candidates', () => {
  it('the same append twice does what it does once', () => {
    const cluster = nodesToldLies();
    const message = append({ entries: [entry(1, 1), entry(2, 1)], commit: 1 });
    const first = receive(cluster, 'b', 'a', message);
    expect(receive(cluster, 'b', 'a', message)).toEqual(first);
    expect([cluster.terms('b'), cluster.applied('b').length]).toEqual([[1, 1], 1]);
  });

  it('a node that comes back has its term, vote and log, and applies again from the first entry', () => {
    const cluster = ledByA();
    cluster.propose('a', 'x');
    cluster.stabilize();
    cluster.crash('b');
    cluster.restart('b');
    expect(cluster.status('b')).toMatchObject({ term: 1, commit: 0, lastIndex: 2 });
    expect(cluster.applied('b')).toEqual([]);
    beat(cluster, 'a');
    expect(cluster.applied('b').map(({ data }) => data)).toEqual(['', 'x']);
  });

  it('all crash at once and nothing that was answered is gone', () => {
    const cluster = ledByA(five);
    const ticket = cluster.propose('a', 'x');
    cluster.stabilize();
    expect(cluster.answers.get(ticket)?.kind).toBe('committed');
    for (const id of five) cluster.crash(id);
    for (const id of five) cluster.restart(id);
    cluster.elect('d');
    expect(cluster.applied('d').map(({ data }) => data)).toEqual(['', 'x', '']);
  });

  it('a log from a later term than the node has seen is no log of its own', () => {
    const options = {
      id: 'a',
      members: three,
      heartbeatMs,
      electionMs,
      random: () => 0,
      rules: paperRules,
      now: 0,
    };
    expect(
      () => new Raft({ ...options, hardState: { term: 1, votedFor: null }, entries: [entry(1, 2)] }),
    ).toThrow('broken: no entry is of a later term than the node has seen (lastTerm 2, term 1)');
  });
});

describe('§8 clients', () => {
  it('a node that does not lead turns a proposal away, names the leader, and keeps nothing of it', () => {
    const cluster = ledByA();
    const ticket = cluster.propose('b', 'x');
    expect(cluster.answers.get(ticket)).toEqual({ kind: 'rejected', ticket, leader: 'a' });
    expect(cluster.inFlight).toEqual([]);
    expect(cluster.log('b')).toHaveLength(1);
  });

  it('a node that does not lead turns a read away and names the leader', () => {
    const cluster = ledByA();
    const ticket = cluster.read('b');
    expect(cluster.answers.get(ticket)).toEqual({ kind: 'rejected', ticket, leader: 'a' });
  });

  it('proposals in the log of a leader that steps down are abandoned: they may be committed yet', () => {
    const cluster = ledByA();
    const ticket = cluster.propose('a', 'x');
    cluster.deliver(({ to }) => to === 'b');
    cluster.isolate('a');
    cluster.elect('b');
    cluster.heal();
    beat(cluster, 'b');
    expect(cluster.answers.get(ticket)).toEqual({ kind: 'abandoned', ticket });
    expect(cluster.applied('b').map(({ data }) => data)).toContain('x');
  });

  it('a leader begins its term with an empty entry, which commits what earlier leaders left', () => {
    const cluster = clusterOf(three, { logs: { a: [1, 1], b: [1, 1], c: [1, 1] } });
    cluster.elect('b');
    expect(cluster.log('b').at(-1)).toEqual({ index: 3, term: 2, data: '' });
    expect(cluster.status('b').commit).toBe(3);
  });

  it('a read waits until the leader has committed an entry of its own term', () => {
    const cluster = clusterOf(three, { logs: { a: [1, 1], b: [1, 1], c: [1, 1] } });
    cluster.timeOut('a');
    cluster.deliver();
    cluster.deliver();
    expect(cluster.status('a').role).toBe('leader');
    const ticket = cluster.read('a');
    expect(cluster.answers.has(ticket)).toBe(false);
    cluster.stabilize();
    expect(cluster.answers.get(ticket)).toEqual({ kind: 'readable', ticket, index: 3 });
  });

  it('a read is answered once a majority has answered a round that began after the read', () => {
    const cluster = ledByA(five);
    const ticket = cluster.read('a');
    cluster.deliver();
    cluster.deliver(({ from }) => from === 'b');
    expect(cluster.answers.has(ticket)).toBe(false);
    cluster.deliver(({ from }) => from === 'c');
    expect(cluster.answers.get(ticket)).toEqual({ kind: 'readable', ticket, index: 1 });
  });

  it('answers to a round that began before the read do not confirm it', () => {
    const cluster = ledByA();
    cluster.timeOut('a');
    cluster.deliver();
    const ticket = cluster.read('a');
    expect(cluster.deliver().map(({ message }) => message.kind)).toEqual(['appended', 'appended']);
    expect(cluster.answers.has(ticket)).toBe(false);
    cluster.stabilize();
    expect(cluster.answers.has(ticket)).toBe(true);
  });

  it('a refusal of the right term confirms a round as well: its sender follows this leader', () => {
    const cluster = clusterOf(three, { logs: { a: [1, 1], b: [1, 1], c: [] } });
    cluster.elect('a');
    cluster.isolate('b');
    const ticket = cluster.read('a');
    cluster.deliver();
    const rounds = cluster
      .take(({ to }) => to === 'a')
      .flatMap(({ message }) => (message.kind === 'appended' ? [message.round] : []));
    expect(rounds).toHaveLength(1);
    receive(cluster, 'a', 'c', {
      kind: 'refused',
      term: 2,
      round: rounds[0] ?? 0,
      prevIndex: 2,
      firstIndex: 1,
    });
    expect(cluster.answers.get(ticket)).toMatchObject({ kind: 'readable' });
  });

  it('a refusal of an earlier term confirms nothing, though it names the term that its receiver leads by now', () => {
    const cluster = ledByA();
    beat(cluster, 'a');
    cluster.timeOut('a');
    const late = cluster.take(({ to }) => to === 'b');
    cluster.take();
    cluster.crash('a');
    cluster.restart('a');
    cluster.elect('a');
    cluster.isolate('c');
    const ticket = cluster.read('a');
    cluster.take();
    cluster.inFlight.push(...late);
    expect(cluster.stabilize().map(({ message }) => message)).toMatchObject([
      { kind: 'append', term: 1 },
      { kind: 'refused', term: 2, round: 0 },
    ]);
    expect(cluster.answers.has(ticket)).toBe(false);
  });

  it('reads that come while a round is on its way share the next one', () => {
    const cluster = ledByA();
    const tickets = Array.from({ length: 10 }, () => cluster.read('a'));
    const appends = cluster.stabilize().filter(({ message }) => message.kind === 'append');
    expect(appends).toHaveLength(4);
    expect(tickets.map((ticket) => cluster.answers.get(ticket)?.kind)).toEqual(tickets.map(() => 'readable'));
  });

  it('a leader that cannot reach a majority answers no read, and turns it away when it steps down', () => {
    const cluster = ledByA();
    cluster.isolate('a');
    const ticket = cluster.read('a');
    for (let beats = 0; beats < 20; beats += 1) beat(cluster, 'a');
    expect(cluster.answers.has(ticket)).toBe(false);
    cluster.elect('b');
    cluster.heal();
    beat(cluster, 'b');
    expect(cluster.answers.get(ticket)).toMatchObject({ kind: 'rejected' });
  });

  it('a lost round is made good by the next heartbeat', () => {
    const cluster = ledByA();
    const ticket = cluster.read('a');
    cluster.take();
    beat(cluster, 'a');
    expect(cluster.answers.get(ticket)).toMatchObject({ kind: 'readable' });
  });

  it('a cluster of one answers proposals and reads at once, in effects that persist first', () => {
    const cluster = clusterOf(['a']);
    cluster.timeOut('a');
    const effects = cluster.step('a', [
      { kind: 'propose', ticket: cluster.ticketFor('x'), data: 'x' },
      { kind: 'read', ticket: cluster.ticketFor(null) },
    ]);
    expect(effects).toEqual({
      persist: { append: [{ index: 2, term: 1, data: 'x' }] },
      send: [],
      apply: [{ index: 2, term: 1, data: 'x' }],
      answers: [
        { kind: 'committed', ticket: 1, index: 2 },
        { kind: 'readable', ticket: 2, index: 2 },
      ],
    });
  });

  it('an empty proposal is a mistake of the caller', () => {
    const cluster = ledByA();
    expect(() => cluster.propose('a', '')).toThrow('broken: an empty entry is a no-op and not for clients');
  });
});

describe('the status of a node', () => {
  it('says how long ago it heard from each of the others', () => {
    const cluster = ledByA();
    const heard = cluster.now;
    cluster.isolate('c');
    cluster.now += 30;
    receive(cluster, 'a', 'b', { kind: 'appended', term: 1, round: 1, match: 1 });
    cluster.now += 5;
    expect(cluster.status('a').lastContactMs).toEqual({ b: 5, c: cluster.now - heard });
    expect(clusterOf(three).status('a').lastContactMs).toEqual({ b: null, c: null });
  });
});
