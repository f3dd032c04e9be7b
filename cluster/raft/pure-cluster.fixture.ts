// A cluster of cores in one thread, for tests: its network is a list of messages, its disks are arrays, its time stands
// still until a test moves it. The random runs and the scripts of the tests stand on it.

import { assert } from './assert.ts';
import { mergeEffects } from './effects.ts';
import { Invariants } from './invariants.fixture.ts';
import type { Answer, Effects, Entry, Envelope, HardState, Input, NodeId, Term, Ticket } from './messages.ts';
import { Raft, type RaftStatus } from './raft.ts';
import { paperRules, type Rules } from './rules.ts';

export interface PureClusterOptions {
  readonly ids: readonly NodeId[];
  readonly seed?: number;
  readonly rules?: Rules;
  /** The terms of the entries that a node's log begins with, written as in figure 7: `{ a: [1, 1, 4] }`. */
  readonly logs?: Readonly<Record<NodeId, readonly Term[]>>;
  /** The term that every node has seen at the beginning; otherwise that of its last entry. */
  readonly term?: Term;
  /** Hears of what breaks an invariant. Without it the first such thing is thrown. */
  readonly onBroken?: (claim: string) => void;
  /** Sees every batch that is carried out to the end. */
  readonly onStep?: (id: NodeId, inputs: readonly Input[], effects: Effects) => void;
}

/** What survives a crash. */
export interface Disk {
  hardState: HardState;
  readonly entries: Entry[];
}

/** How far a node gets with its duties before it crashes; `sent` messages have left. */
export type CrashPoint = 'before-persist' | { readonly sent: number };

interface Node {
  readonly disk: Disk;
  raft: Raft | null;
  applied: Entry[];
}

export const heartbeatMs = 50;
export const electionMs = 200;

export class PureCluster {
  readonly ids: readonly NodeId[];
  readonly invariants: Invariants;
  /** Numbers from 0 to 1, the same for the same seed. */
  readonly random: () => number;
  /** Sent and not delivered yet, oldest first. */
  inFlight: Envelope[] = [];
  readonly answers = new Map<Ticket, Answer>();
  now = 0;
  /** By how much each node's clock for leases is ahead. */
  readonly leaseClocks = new Map<NodeId, number>();

  readonly #nodes: ReadonlyMap<NodeId, Node>;
  readonly #rules: Rules;
  readonly #onStep: PureClusterOptions['onStep'];
  readonly #cuts = new Set<string>();
  #lastTicket = 0;

  constructor({
    ids,
    seed = 1,
    rules = paperRules,
    logs = {},
    term = 0,
    onBroken,
    onStep,
  }: PureClusterOptions) {
    this.ids = ids;
    this.random = mulberry32(seed);
    this.#rules = rules;
    this.#onStep = onStep;
    this.#nodes = new Map(
      ids.map((id) => [id, { disk: initialDisk(logs[id] ?? [], term), raft: null, applied: [] }]),
    );
    const disks = new Map([...this.#nodes].map(([id, { disk }]) => [id, disk]));
    this.invariants = new Invariants(disks, onBroken);
    for (const id of ids) this.restart(id);
  }

  status(id: NodeId): RaftStatus {
    return this.#raft(id).status(this.now);
  }

  log(id: NodeId): readonly Entry[] {
    return this.#node(id).disk.entries;
  }

  /** The log as figure 7 writes it. */
  terms(id: NodeId): readonly Term[] {
    return this.log(id).map(({ term }) => term);
  }

  hardState(id: NodeId): HardState {
    return this.#node(id).disk.hardState;
  }

  applied(id: NodeId): readonly Entry[] {
    return this.#node(id).applied;
  }

  deadline(id: NodeId): number {
    return this.#raft(id).deadline;
  }

  isUp(id: NodeId): boolean {
    return this.#node(id).raft !== null;
  }

  /** Steps the node through the inputs and then does what they want done, as one batch. */
  step(id: NodeId, inputs: readonly Input[], crash?: CrashPoint): Effects {
    const leaseNow = this.now + (this.leaseClocks.get(id) ?? 0);
    const effects = mergeEffects(inputs.map((input) => this.#raft(id).step(this.now, input, leaseNow)));
    if (crash === undefined) this.#onStep?.(id, inputs, effects);
    this.#carryOut(id, effects, crash);
    return effects;
  }

  propose(id: NodeId, data: string): Ticket {
    const ticket = this.ticketFor(data);
    this.step(id, [{ kind: 'propose', ticket, data }]);
    return ticket;
  }

  read(id: NodeId): Ticket {
    const ticket = this.ticketFor(null);
    this.step(id, [{ kind: 'read', ticket }]);
    return ticket;
  }

  /** A new ticket for a proposal of this data, or for a read (`null`) that begins now. */
  ticketFor(data: string | null): Ticket {
    this.#lastTicket += 1;
    if (data === null) this.invariants.readBegins(this.#lastTicket);
    else this.invariants.proposed(this.#lastTicket, data);
    return this.#lastTicket;
  }

  /** Moves time to the node's deadline and ticks it. The other nodes do not get to tick. */
  timeOut(id: NodeId): Effects {
    this.now = Math.max(this.now, this.deadline(id));
    return this.step(id, [{ kind: 'tick' }]);
  }

  /** Delivers what is in flight now and asked for, and not what that causes. Gives the messages delivered. */
  deliver(wanted: (envelope: Envelope) => boolean = () => true): readonly Envelope[] {
    const chosen = this.take(wanted);
    return chosen.filter((envelope) => {
      if (!this.passes(envelope)) return false;
      this.step(envelope.to, [{ kind: 'receive', from: envelope.from, message: envelope.message }]);
      return true;
    });
  }

  /** Takes messages off the network: to be lost, or kept and put back into `inFlight` later. */
  take(wanted: (envelope: Envelope) => boolean = () => true): readonly Envelope[] {
    const chosen = this.inFlight.filter(wanted);
    this.inFlight = this.inFlight.filter((envelope) => !wanted(envelope));
    return chosen;
  }

  /** Delivers until nothing is in flight. Gives the messages delivered. */
  stabilize(): readonly Envelope[] {
    const delivered: Envelope[] = [];
    while (this.inFlight.length > 0) {
      assert(delivered.length < 10_000, 'the cluster comes to rest', { delivered: delivered.length });
      delivered.push(...this.deliver());
    }
    return delivered;
  }

  /** Lets this node time out and be elected, or says why that did not happen. */
  elect(id: NodeId): void {
    this.timeOut(id);
    this.stabilize();
    const { role, term } = this.status(id);
    assert(role === 'leader', 'the node is elected', { id, role, term });
  }

  /** Whether the message would reach a node now. */
  passes({ from, to }: Envelope): boolean {
    return !this.#cuts.has(`${from}→${to}`) && this.isUp(to);
  }

  cutOneWay(from: NodeId, to: NodeId): void {
    this.#cuts.add(`${from}→${to}`);
  }

  /** Cuts every link between the groups, both ways. */
  partition(...groups: readonly (readonly NodeId[])[]): void {
    for (const group of groups) {
      for (const from of group) {
        for (const to of this.ids) if (!group.includes(to)) this.cutOneWay(from, to);
      }
    }
  }

  /** Cuts this node off from all others. */
  isolate(id: NodeId): void {
    this.partition(
      [id],
      this.ids.filter((other) => other !== id),
    );
  }

  heal(): void {
    this.#cuts.clear();
  }

  crash(id: NodeId): void {
    this.#node(id).raft = null;
  }

  /** Comes back with what is on its disk and nothing else. */
  restart(id: NodeId): void {
    const node = this.#node(id);
    node.applied = [];
    node.raft = new Raft({
      id,
      members: this.ids,
      heartbeatMs,
      electionMs,
      random: this.random,
      rules: this.#rules,
      now: this.now,
      hardState: node.disk.hardState,
      entries: node.disk.entries,
    });
  }

  #carryOut(id: NodeId, effects: Effects, crash: CrashPoint | undefined): void {
    const node = this.#node(id);
    const { term, role, lastIndex } = this.status(id);
    if (crash === 'before-persist') return this.crash(id);
    persist(node.disk, effects.persist);
    assert(node.disk.entries.length === lastIndex, 'the disk holds what the core thinks it holds', {
      id,
      onDisk: node.disk.entries.length,
      lastIndex,
    });
    this.invariants.persisted(id, effects.persist);
    if (role === 'leader') this.invariants.leads(id, term);
    if (crash !== undefined) {
      this.inFlight.push(...effects.send.slice(0, crash.sent));
      return this.crash(id);
    }
    this.inFlight.push(...effects.send);
    for (const entry of effects.apply) {
      node.applied.push(entry);
      this.invariants.applied(id, entry, term);
    }
    for (const answer of effects.answers) {
      this.invariants.answered(id, answer, node.applied.at(-1)?.index ?? 0);
      this.answers.set(answer.ticket, answer);
    }
  }

  #node(id: NodeId): Node {
    const node = this.#nodes.get(id);
    assert(node !== undefined, 'a known node is named', { id, known: this.ids });
    return node;
  }

  #raft(id: NodeId): Raft {
    const { raft } = this.#node(id);
    assert(raft !== null, 'only nodes that are up take steps', { id });
    return raft;
  }
}

function initialDisk(terms: readonly Term[], term: Term): Disk {
  const entries = terms.map((term, position) => entryOf(position + 1, term));
  return { hardState: { term: Math.max(term, terms.at(-1) ?? 0), votedFor: null }, entries };
}

function entryOf(index: number, term: Term): Entry {
  return { index, term, data: `${term}.${index}` };
}

function persist(disk: Disk, change: Effects['persist']): void {
  if (change === undefined) return;
  if (change.hardState !== undefined) disk.hardState = change.hardState;
  if (change.truncateFrom !== undefined) disk.entries.length = change.truncateFrom - 1;
  disk.entries.push(...change.append);
}

/** A small generator of random numbers from 0 to 1 (T. Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
