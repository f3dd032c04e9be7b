// A cluster in memory that behaves: nodes with states, links that carry or do not, leaders that claim, time that passes
// only when all wait. It can be told to lie, to fail and to hang.

import type { Json } from '../../../checkers/json.ts';
import { nanosPerMs } from '../../clock.ts';
import type {
  Command,
  Environment,
  Evidence,
  Grudge,
  Link,
  LinkRule,
  Net,
  Node,
  NodeClock,
  NodeName,
  ProgramState,
  Signal,
} from '../../environment.ts';
import { Stream } from '../../random.ts';
import type { LeaderClaim, System } from '../../system.ts';
import type { FaultContext } from '../fault-context.ts';
import { linkWishes } from '../link-wishes.ts';
import { nodeStates } from '../node-states.ts';
import type { Timer } from '../timer.ts';

/** Virtual time: jumps to the next sleeper as soon as nothing else can happen. */
export class FakeTimer implements Timer {
  #now = 0;
  #sleepers: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { at: this.#now + ms * nanosPerMs, wake };
      this.#sleepers = [...this.#sleepers, sleeper].sort((a, b) => a.at - b.at);
      signal?.addEventListener('abort', wake);
      setImmediate(() => this.#advance());
    });
  }

  #advance(): void {
    const next = this.#sleepers[0];
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.at);
    next.wake();
    if (this.#sleepers.length > 0) setImmediate(() => this.#advance());
  }
}

/** What a machine may pretend to do. */
export type Lie = 'cpu' | 'disk' | 'clock';

/** A clock that is ahead of the controller's by what was done to it. */
export class FakeClock implements NodeClock {
  rate = 1;
  readonly #node: FakeNode;
  readonly #timer: FakeTimer;
  #anchor = { at: 0, offsetMs: 0 };
  #strobing = false;

  constructor(node: FakeNode, timer: FakeTimer) {
    this.#node = node;
    this.#timer = timer;
  }

  /** As anybody may see it from outside. */
  get aheadMs(): number {
    return this.#anchor.offsetMs + ((this.#timer.now() - this.#anchor.at) / nanosPerMs) * (this.rate - 1);
  }

  async bump(byMs: number): Promise<void> {
    await this.#reached(`bump ${byMs} ms`);
    if (this.#node.movesHostClock !== undefined) this.#node.movesHostClock(byMs);
    if (!this.#node.lies.has('clock')) this.#set(this.aheadMs + byMs);
  }

  async setRate(rate: number): Promise<void> {
    await this.#reached(`rate ${rate}`);
    if (this.#node.lies.has('clock')) return;
    this.#set(this.aheadMs);
    this.rate = rate;
  }

  /** The wall clock goes along. */
  async setMonotonicRate(rate: number): Promise<void> {
    await this.setRate(rate);
  }

  async strobe({ deltaMs, periodMs, durationMs }: Parameters<NodeClock['strobe']>[0]): Promise<void> {
    await this.#reached('strobe');
    this.#strobing = true;
    const end = this.#timer.now() + durationMs * nanosPerMs;
    let away = false;
    const jump = () => {
      if (!this.#node.lies.has('clock')) this.#set(this.aheadMs + (away ? -deltaMs : deltaMs));
      away = !away;
    };
    while (this.#strobing && this.#timer.now() < end) {
      jump();
      await this.#timer.sleep(periodMs);
    }
    if (this.#strobing && away) jump();
    this.#strobing = false;
  }

  async reset(): Promise<void> {
    await this.#reached('reset');
    if (this.#node.lies.has('clock')) return;
    this.#strobing = false;
    this.rate = 1;
    this.#set(0);
  }

  async offsetMs(): Promise<number> {
    await this.#reached();
    return this.aheadMs;
  }

  #set(offsetMs: number): void {
    this.#anchor = { at: this.#timer.now(), offsetMs };
  }

  async #reached(what?: string): Promise<void> {
    this.#node.reach();
    if (what !== undefined) this.#node.note(`clock ${what}`);
    if (this.#node.hangs) await new Promise(() => {});
  }
}

export class FakeNode implements Node {
  readonly name: NodeName;
  readonly dataDirectory = '/nowhere';
  readonly logFiles = [];
  program: ProgramState = 'running';
  machine: 'up' | 'frozen' | 'off' = 'up';
  share: number | undefined;
  full = false;
  readOnly = false;
  excused = false;
  /** Ends at once when its disk takes nothing more, and does not start on such a disk. */
  needsItsDisk = false;
  /** Signals do nothing to it, and it does not say so. */
  stubborn = false;
  /** Signals never come to an end. */
  hangs = false;
  /** What is done to these does nothing, and it does not say so. */
  readonly lies = new Set<Lie>();
  /** The wrong clock is moved. */
  movesHostClock: ((byMs: number) => void) | undefined;
  readonly received: (Signal | 'start')[] = [];
  readonly clock: FakeClock;
  readonly #journal: string[];
  #pid = 100;

  constructor(name: NodeName, journal: string[], timer: FakeTimer) {
    this.name = name;
    this.#journal = journal;
    this.clock = new FakeClock(this, timer);
  }

  readonly power = {
    off: async () => {
      await this.#begin('power off');
      if (this.machine === 'off') throw new Error(`${this.name} is off already`);
      if (this.stubborn) return;
      this.machine = 'off';
      this.program = 'dead';
    },
    on: async () => {
      await this.#begin('power on');
      if (this.machine !== 'off') throw new Error(`${this.name} is on already`);
      if (!this.stubborn) this.machine = 'up';
    },
  };

  readonly freezer = {
    freeze: async () => {
      await this.#begin('freeze');
      if (this.machine !== 'up') throw new Error(`${this.name} cannot be frozen: it is ${this.machine}`);
      if (this.stubborn) return;
      this.machine = 'frozen';
      if (this.program === 'running') this.program = 'paused';
    },
    thaw: async () => {
      await this.#begin('thaw');
      if (this.stubborn) return;
      this.machine = 'up';
      if (this.program === 'paused') this.program = 'running';
    },
  };

  readonly cpu = {
    limit: async (share: number | undefined): Promise<Json> => {
      await this.#begin(share === undefined ? 'unlimit' : 'limit');
      this.reach();
      if (!this.lies.has('cpu')) this.share = share;
      return { share: this.share ?? null };
    },
  };

  readonly disk = {
    fill: async (): Promise<Json> => {
      this.reach();
      await this.#begin('fill');
      if (!this.lies.has('disk')) this.full = true;
      this.#suffer();
      return { writable: !this.full };
    },
    free: async (): Promise<Json> => {
      this.reach();
      await this.#begin('free');
      if (!this.lies.has('disk')) this.full = false;
      return { writable: !this.full };
    },
    setReadOnly: async (readOnly: boolean): Promise<Json> => {
      this.reach();
      await this.#begin(readOnly ? 'read-only' : 'writable');
      if (this.program !== 'dead') throw new Error(`${this.name} is not dead`);
      // The machine is made anew, as containers are.
      if (this.share !== undefined) throw new Error(`${this.name} would lose its limit`);
      if (!this.lies.has('disk')) this.readOnly = readOnly;
      return { writable: !this.readOnly };
    },
  };

  excuseExits(excused: boolean): void {
    this.excused = excused;
  }

  argvOf(): never {
    throw new Error('no programs here');
  }
  listen(): never {
    throw new Error('no ports here');
  }
  endpoint(): never {
    throw new Error('no ports here');
  }
  peer(): never {
    throw new Error('no ports here');
  }
  async wipe(): Promise<void> {}

  async start(_command: Command): Promise<void> {
    if (this.program !== 'dead') throw new Error(`${this.name} runs already`);
    this.received.push('start');
    this.note('start');
    this.#pid++;
    if (this.stubborn) return;
    this.machine = 'up';
    this.program = 'running';
    this.#suffer();
  }

  async signal(signal: Signal): Promise<void> {
    if (this.program === 'dead') throw new Error(`${this.name} has no program for ${signal}`);
    if (this.machine === 'frozen' && signal !== 'SIGCONT') throw new Error(`${this.name} is frozen`);
    this.received.push(signal);
    await this.#begin(signal);
    if (this.stubborn) return;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.program = 'dead';
    if (signal === 'SIGSTOP') this.program = 'paused';
    if (signal === 'SIGCONT') {
      this.machine = 'up';
      this.program = 'running';
    }
  }

  async state(): Promise<ProgramState> {
    return this.program;
  }

  pid(): number | undefined {
    return this.program === 'dead' ? undefined : this.#pid;
  }

  /** Throws where nothing can be done within the machine. */
  reach(): void {
    if (this.machine !== 'up') throw new Error(`${this.name} cannot be reached: it is ${this.machine}`);
  }

  note(what: string): void {
    this.#journal.push(`${what} ${this.name}`);
  }

  /** In working order, as far as anybody can see. */
  get troubles(): readonly string[] {
    return [
      ...(this.program === 'running' ? [] : [this.program]),
      ...(this.machine === 'up' ? [] : [this.machine]),
      ...(this.share === undefined ? [] : ['slow']),
      ...(this.full ? ['full'] : []),
      ...(this.readOnly ? ['read-only'] : []),
      ...(this.excused ? ['excused'] : []),
      ...(Math.abs(this.clock.aheadMs) < 1 && this.clock.rate === 1 ? [] : ['wrong time']),
    ].map((trouble) => `${this.name}: ${trouble}`);
  }

  #suffer(): void {
    if (!this.needsItsDisk || !(this.full || this.readOnly)) return;
    this.program = 'dead';
    this.note(this.excused ? 'ended by itself' : 'ENDED UNEXCUSED');
  }

  async #begin(what: string): Promise<void> {
    this.note(what);
    if (this.hangs) await new Promise(() => {});
  }
}

/** Links carry unless a rule is in force; every answer comes from a probe of what is really carried. */
export class FakeNet implements Net {
  /** `n1<n2`: n1 does not hear n2. */
  readonly rules = new Set<string>();
  /** `n1<n2`: what n2 says to n1 fares like this; a link has either this or silence. */
  readonly shapes = new Map<string, LinkRule>();
  /** Who hears no client. */
  readonly clientsCut = new Set<NodeName>();
  /** Rules that are asked for do not come into force: the wrong back end. */
  cutsDoNothing = false;
  /** Only the first rule of a cut comes into force, then it throws. */
  breaksHalfWay = false;
  healsDoNothing = false;
  shapesDoNothing = false;
  hangs = false;
  readonly #nodes: readonly NodeName[];
  readonly #journal: string[];

  constructor(nodes: readonly NodeName[], journal: string[]) {
    this.#nodes = nodes;
    this.#journal = journal;
  }

  hears(hearer: NodeName, speaker: NodeName): boolean {
    return !this.rules.has(`${hearer}<${speaker}`);
  }

  async cut(grudge: Grudge, clients: readonly NodeName[] = []): Promise<Evidence> {
    this.#journal.push(clients.length === 0 ? 'cut' : `cut with clients of ${clients.join()}`);
    if (this.hangs) await new Promise(() => {});
    const links = [...grudge].flatMap(([to, refused]) => [...refused].map((from) => ({ from, to })));
    for (const { from, to } of links) {
      if (!this.cutsDoNothing) {
        this.rules.add(`${to}<${from}`);
        this.shapes.delete(`${to}<${from}`);
      }
      if (this.breaksHalfWay) throw new Error(`no rule could be set on ${to}`);
    }
    if (!this.cutsDoNothing) for (const name of clients) this.clientsCut.add(name);
    const between = this.#probe(links, 'silent');
    const ofClients = clients.map((name) => [`clients→${name}`, this.#clientsOf(name)] as const);
    return {
      verified: between.verified && ofClients.every(([, seen]) => seen === 'silent'),
      seen: { ...between.seen, ...Object.fromEntries(ofClients) },
    };
  }

  async shape(links: readonly Link[], rule: LinkRule | undefined): Promise<Evidence> {
    const what = rule?.kind ?? 'free';
    this.#journal.push(`${what} ${links.map(({ from, to }) => `${from}→${to}`).join()}`);
    if (this.hangs) await new Promise(() => {});
    for (const { from, to } of links) {
      if (this.shapesDoNothing) continue;
      this.rules.delete(`${to}<${from}`);
      this.shapes.delete(`${to}<${from}`);
      if (rule !== undefined) this.shapes.set(`${to}<${from}`, rule);
      if (this.breaksHalfWay) throw new Error(`no rule could be set on ${to}`);
    }
    return this.#probe(links, rule?.kind ?? 'passes');
  }

  async heal(): Promise<Evidence> {
    this.#journal.push('heal');
    if (!this.healsDoNothing) {
      this.rules.clear();
      this.shapes.clear();
      this.clientsCut.clear();
    }
    const links = this.#nodes.flatMap((to) =>
      this.#nodes.filter((from) => from !== to).map((from) => ({ from, to })),
    );
    const { verified, seen } = this.#probe(links, 'passes');
    return { verified: verified && this.clientsCut.size === 0, seen };
  }

  /** How what is said on the link fares: `passes`, `silent`, or the kind of the rule. */
  fares(from: NodeName, to: NodeName): string {
    return this.hears(to, from) ? (this.shapes.get(`${to}<${from}`)?.kind ?? 'passes') : 'silent';
  }

  #clientsOf(name: NodeName): string {
    return this.clientsCut.has(name) ? 'silent' : 'passes';
  }

  #probe(links: readonly Link[], wished: string): Evidence {
    const seen = links.map(({ from, to }) => [`${from}→${to}`, this.fares(from, to)] as const);
    return { verified: seen.every(([, fares]) => fares === wished), seen: Object.fromEntries(seen) };
  }
}

export class FakeCluster {
  /** Everything that was really done, in order. */
  readonly journal: string[] = [];
  readonly nodes: readonly FakeNode[];
  readonly net: FakeNet;
  readonly timer = new FakeTimer();
  /** What the nodes answer when asked who leads; several polls give several answers, the last one for ever. */
  claims: LeaderClaim[][] = [[]];
  readonly ready = new Set<NodeName>();
  /** Whom `leaders` was asked about, poll by poll. */
  readonly asked: NodeName[][] = [];

  /** By how much the controller's own wall clock was moved. */
  hostMovedMs = 0;

  constructor(size: number) {
    const names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.nodes = names.map((name) => new FakeNode(name, this.journal, this.timer));
    this.net = new FakeNet(names, this.journal);
    for (const name of names) this.ready.add(name);
  }

  node(name: NodeName): FakeNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`no such node: ${name}`);
    return found;
  }

  states(): string {
    return this.nodes.map((node) => node.program).join(' ');
  }

  /** Whatever is wrong anywhere. */
  troubles(): readonly string[] {
    return [
      ...this.nodes.flatMap((node) => node.troubles),
      ...[...this.net.rules].map((link) => `cut ${link}`),
      ...[...this.net.shapes].map(([link, { kind }]) => `${kind} ${link}`),
      ...[...this.net.clientsCut].map((name) => `no clients at ${name}`),
    ];
  }

  hostClockMs(): number {
    return 1_800_000_000_000 + this.timer.now() / nanosPerMs + this.hostMovedMs;
  }

  environment(): Environment {
    return {
      name: 'fake',
      nodes: this.nodes,
      net: this.net,
      lacks: () => undefined,
      abandon() {},
      async [Symbol.asyncDispose]() {},
    };
  }

  system(): System {
    return {
      name: 'fake',
      ports: [],
      description: {},
      setUp: async () => {},
      start: (node) => node.start({ argv: [] }),
      awaitReady: (node, signal) => (this.ready.has(node.name) ? Promise.resolve() : aborted(signal)),
      openClient: async () => {
        throw new Error('no clients here');
      },
      leaders: async (nodes) => {
        this.asked.push(nodes.map((node) => node.name));
        return (this.claims.length > 1 ? this.claims.shift() : this.claims[0]) ?? [];
      },
      wallClockMs: async (node) => {
        const found = this.node(node.name);
        if (found.program !== 'running') throw new Error(`${node.name} does not answer`);
        return this.hostClockMs() - this.hostMovedMs + found.clock.aheadMs;
      },
      stop: async () => {},
    };
  }

  context(overrides: Partial<FaultContext> = {}): FaultContext {
    return {
      environment: this.environment(),
      system: this.system(),
      nodeStates: nodeStates(this.nodes.map((node) => node.name)),
      linkWishes: linkWishes(),
      stream: Stream.of(7),
      intervalMs: 10_000,
      timer: this.timer,
      hostClockMs: () => this.hostClockMs(),
      ...overrides,
    };
  }
}

export const never: AbortSignal = new AbortController().signal;

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('not ready in time')));
  });
}
