import { describe, expect, it } from 'vitest';
import { leaseRules } from '../mutants/lease.ts';
import type { Envelope, Input, NodeId } from './messages.ts';
import { electionMs, heartbeatMs, PureCluster } from './pure-cluster.fixture.ts';
import { paperRules, type Rules } from './rules.ts';

const steps = 3000;

describe('random runs with loss, delay, reordering, duplicates, cuts and crashes', () => {
  for (const [size, runs] of [
    [1, 4],
    [2, 8],
    [3, 20],
    [5, 20],
    [7, 12],
  ] as const) {
    it(`break no invariant of a cluster of ${size}, and it works again when all is well`, () => {
      const seeds = Array.from({ length: runs }, (_, position) => size * 1000 + position);
      const committed = seeds.map((seed) =>
        run({ seed, size, rules: paperRules }, (run) => {
          run.misbehave();
          run.behave();
        }),
      );
      // Green must mean that something happened.
      expect(Math.min(...committed)).toBeGreaterThan(10);
    });
  }

  it('break nothing either where reads rest on a lease and clocks run evenly', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const rules = { ...paperRules, ...leaseRules };
      const committed = run({ seed, size: seed % 2 === 0 ? 3 : 5, rules }, (run) => {
        run.misbehave();
        run.behave();
      });
      expect(committed).toBeGreaterThan(5);
    }
  });

  const mutants: Record<string, { rules: Partial<Rules>; seen: RegExp }> = {
    'reads are not confirmed': { rules: { isReadConfirmed: () => true }, seen: /linearizable reads/ },
    'followers answer reads': {
      rules: { mayTakeRead: () => true, knowsCommit: () => true, isReadConfirmed: () => true },
      seen: /linearizable reads/,
    },
    'reads are served before an entry of the term is committed': {
      rules: { knowsCommit: () => true },
      seen: /linearizable reads/,
    },
    'proposals are acknowledged when appended': {
      rules: { mayAcknowledge: () => true },
      seen: /honest answers/,
    },
    'a definite answer is given on stepping down': {
      rules: { mayStillCommit: () => false },
      seen: /honest answers/,
    },
    'logs are not compared': {
      rules: { isLogUpToDate: () => true, mayTruncate: () => true },
      seen: /leader completeness/,
    },
    'only the last term of logs is compared': {
      rules: {
        isLogUpToDate: (candidate, own) => candidate.lastTerm >= own.lastTerm,
        mayTruncate: () => true,
      },
      seen: /leader completeness/,
    },
    'fewer than a majority are enough': {
      rules: {
        isQuorum: (count, members) => count >= Math.floor(members / 2),
        mayFollow: () => true,
        mayTruncate: () => true,
      },
      seen: /what is committed is kept|election safety/,
    },
    'votes are given twice': {
      rules: {
        mayGrantVote: (_votedFor, _candidate, isUpToDate) => isUpToDate,
        mayFollow: () => true,
      },
      seen: /election safety/,
    },
    'a late append truncates': {
      rules: { conflicts: (found) => found !== undefined, mayTruncate: () => true },
      seen: /what is committed is kept/,
    },
  };
  for (const [name, { rules, seen }] of Object.entries(mutants)) {
    it(`show it when ${name}, and the nodes go on`, () => {
      expect(firstBroken({ ...paperRules, ...rules })).toMatch(seen);
    });
  }
});

/** What is broken first under these rules. No assertion of the core may stop the run, before or after. */
function firstBroken(rules: Rules): string {
  const seeds = 40;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const broken: string[] = [];
    run({ seed, size: 5, rules, onBroken: (claim) => broken.push(claim) }, (run) => run.misbehave());
    if (broken[0] !== undefined) return `${broken[0]} (seed ${seed})`;
  }
  return `nothing in ${seeds} seeds`;
}

interface RunOptions {
  readonly seed: number;
  readonly size: number;
  readonly rules: Rules;
  readonly onBroken?: (claim: string) => void;
}

/** Gives how many entries were committed. Everything in it follows from the seed, which a failure names. */
function run({ size, ...options }: RunOptions, play: (run: RandomRun) => void): number {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, size);
  const cluster = new PureCluster({ ids, ...options });
  try {
    play(new RandomRun(cluster));
    return cluster.invariants.committed.length;
  } catch (cause) {
    const where = `seed ${options.seed}, ${size} nodes, at ${cluster.now} ms`;
    throw new Error(`${where}: ${(cause as Error).message}`, { cause });
  }
}

/** One run: first with every fault there is, then without any, when the cluster has to work. */
class RandomRun {
  readonly #cluster: PureCluster;
  readonly #inboxes: Map<NodeId, Input[]>;
  #queue: { readonly at: number; readonly order: number; readonly what: () => void }[] = [];
  #order = 0;
  readonly #lossRate: number;
  readonly #delayMs: number;
  #faults = true;

  constructor(cluster: PureCluster) {
    this.#cluster = cluster;
    this.#inboxes = new Map(cluster.ids.map((id) => [id, []]));
    // Each run has a temper of its own, for faults that are always there hide others.
    this.#lossRate = this.#pick([0, 0.01, 0.1, 0.3]);
    this.#delayMs = this.#pick([2, 20, 100]);
  }

  misbehave(): void {
    this.#later(this.#pick([100, 500, 2000]), () => this.#disturb());
    this.#later(5, () => this.#request());
    for (let step = 0; step < steps; step += 1) this.#next();
    this.#cluster.invariants.checkRejected();
  }

  /** Faults end. Within a few election timeouts there must be one leader, and all must agree. */
  behave(): void {
    this.#faults = false;
    this.#cluster.heal();
    for (const id of this.#cluster.ids) if (!this.#cluster.isUp(id)) this.#cluster.restart(id);
    const until = this.#cluster.now + 20 * electionMs;
    while (this.#cluster.now < until) this.#next();
    const leader = this.#leader();
    if (leader === undefined) throw new Error('no leader though all is well');
    const proposal = this.#cluster.propose(leader, 'last');
    const read = this.#cluster.read(leader);
    const end = this.#cluster.now + 4 * electionMs;
    while (this.#cluster.now < end) this.#next();
    expect(this.#cluster.answers.get(proposal)).toMatchObject({ kind: 'committed' });
    expect(this.#cluster.answers.get(read)).toMatchObject({ kind: 'readable' });
    for (const id of this.#cluster.ids) {
      expect(this.#cluster.log(id)).toEqual(this.#cluster.log(leader));
      expect(this.#cluster.status(id)).toMatchObject({ commit: this.#cluster.log(leader).length, leader });
    }
  }

  /** The next thing to happen: a due event, or a node whose deadline has come. */
  #next(): void {
    const event = this.#queue[0];
    const due = this.#dueNode();
    if (due !== undefined && (event === undefined || due.at <= event.at)) {
      this.#cluster.now = Math.max(this.#cluster.now, due.at);
      this.#input(due.id, { kind: 'tick' });
    } else if (event !== undefined) {
      this.#queue.shift();
      this.#cluster.now = Math.max(this.#cluster.now, event.at);
      event.what();
    }
    for (const envelope of this.#cluster.take()) this.#transmit(envelope);
  }

  #dueNode(): { id: NodeId; at: number } | undefined {
    return this.#cluster.ids
      .filter((id) => this.#cluster.isUp(id) && !this.#inboxes.get(id)?.some(({ kind }) => kind === 'tick'))
      .map((id) => ({ id, at: this.#cluster.deadline(id) }))
      .reduce<{ id: NodeId; at: number } | undefined>(
        (first, node) => (first === undefined || node.at < first.at ? node : first),
        undefined,
      );
  }

  #transmit(envelope: Envelope): void {
    if (!this.#faults) return this.#later(1, () => this.#arrive(envelope));
    if (this.#chance(this.#lossRate)) return;
    const copies = this.#chance(0.05) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const delayMs = this.#chance(0.02) ? 10 * this.#delayMs : this.#delayMs * this.#cluster.random();
      this.#later(delayMs, () => this.#arrive(envelope));
    }
  }

  #arrive(envelope: Envelope): void {
    if (!this.#cluster.passes(envelope)) return;
    this.#input(envelope.to, { kind: 'receive', from: envelope.from, message: envelope.message });
  }

  /** Inputs are taken alone or gathered into batches, and now and then a node dies over them. */
  #input(id: NodeId, input: Input): void {
    const inbox = this.#inboxes.get(id) ?? [];
    inbox.push(input);
    if (this.#chance(0.6)) this.#work(id);
    else if (inbox.length === 1) this.#later(5 * this.#cluster.random(), () => this.#work(id));
  }

  #work(id: NodeId): void {
    const inputs = this.#inboxes.get(id)?.splice(0) ?? [];
    if (inputs.length === 0 || !this.#cluster.isUp(id)) return;
    if (!this.#faults || !this.#chance(0.003)) {
      this.#cluster.step(id, inputs);
      return;
    }
    this.#cluster.step(
      id,
      inputs,
      this.#pick(['before-persist', { sent: 0 }, { sent: 1 }, { sent: 99 }] as const),
    );
    this.#later(this.#pick([1, heartbeatMs, 5 * electionMs]), () => this.#restart(id));
  }

  #request(): void {
    const { ids } = this.#cluster;
    const leader = this.#leader();
    const id = leader !== undefined && this.#chance(0.7) ? leader : this.#pick(ids);
    if (this.#cluster.isUp(id) && this.#faults) {
      const isRead = this.#chance(0.5);
      const ticket = this.#cluster.ticketFor(isRead ? null : `p${this.#order}`);
      this.#input(
        id,
        isRead ? { kind: 'read', ticket } : { kind: 'propose', ticket, data: `p${this.#order}` },
      );
    }
    this.#later(this.#chance(0.2) ? 0 : 20 * this.#cluster.random(), () => this.#request());
  }

  #disturb(): void {
    if (!this.#faults) return;
    const { ids } = this.#cluster;
    const one = this.#pick(ids);
    const other = this.#pick(ids);
    const leader =
      ids.find((id) => this.#cluster.isUp(id) && this.#cluster.status(id).role === 'leader') ?? one;
    const crash = (id: NodeId) => {
      this.#cluster.crash(id);
      this.#later(2 * electionMs * this.#cluster.random(), () => this.#restart(id));
    };
    this.#pick([
      () => this.#cluster.isolate(leader),
      () => this.#cluster.isolate(one),
      () => this.#cluster.partition(ids.filter(() => this.#chance(0.5))),
      () => this.#cluster.cutOneWay(one, other),
      () => this.#cluster.cutOneWay(leader, other),
      () => crash(leader),
      () => crash(one),
      () => ids.forEach(crash),
      () => this.#cluster.heal(),
      () => this.#cluster.heal(),
      () => this.#cluster.heal(),
    ])();
    this.#later(this.#pick([50, 400, 1500]) * this.#cluster.random(), () => this.#disturb());
  }

  /** One of them, when several think they are. */
  #leader(): NodeId | undefined {
    const leaders = this.#cluster.ids.filter(
      (id) => this.#cluster.isUp(id) && this.#cluster.status(id).role === 'leader',
    );
    return leaders.length === 0 ? undefined : this.#pick(leaders);
  }

  #restart(id: NodeId): void {
    if (this.#cluster.isUp(id)) return;
    this.#inboxes.get(id)?.splice(0);
    this.#cluster.restart(id);
  }

  #later(ms: number, what: () => void): void {
    this.#order += 1;
    const event = { at: this.#cluster.now + ms, order: this.#order, what };
    const place = this.#queue.findIndex(({ at }) => at > event.at);
    this.#queue.splice(place === -1 ? this.#queue.length : place, 0, event);
  }

  #chance(probability: number): boolean {
    return this.#cluster.random() < probability;
  }

  #pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[Math.floor(this.#cluster.random() * choices.length)] as Choice;
  }
}
