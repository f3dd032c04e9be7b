// A cluster in memory that behaves: nodes with states, links that carry or do not, leaders that claim, time that passes
// only when all wait. It can be told to lie, to fail and to hang.

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
  NodeName,
  ProgramState,
  Signal,
} from '../../environment.ts';
import { Stream } from '../../random.ts';
import type { LeaderClaim, System } from '../../system.ts';
import type { FaultContext } from '../fault-context.ts';
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

export class FakeNode implements Node {
  readonly name: NodeName;
  readonly dataDirectory = '/nowhere';
  readonly logFiles = [];
  program: ProgramState = 'running';
  /** Signals do nothing to it, and it does not say so. */
  stubborn = false;
  /** Signals never come to an end. */
  hangs = false;
  readonly received: (Signal | 'start')[] = [];
  readonly #journal: string[];
  #pid = 100;

  constructor(name: NodeName, journal: string[]) {
    this.name = name;
    this.#journal = journal;
  }

  excuseExits(): void {}

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
    this.#journal.push(`start ${this.name}`);
    this.#pid++;
    if (!this.stubborn) this.program = 'running';
  }

  async signal(signal: Signal): Promise<void> {
    if (this.program === 'dead') throw new Error(`${this.name} has no program for ${signal}`);
    this.received.push(signal);
    this.#journal.push(`${signal} ${this.name}`);
    if (this.hangs) await new Promise(() => {});
    if (this.stubborn) return;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.program = 'dead';
    if (signal === 'SIGSTOP') this.program = 'paused';
    if (signal === 'SIGCONT') this.program = 'running';
  }

  async state(): Promise<ProgramState> {
    return this.program;
  }

  pid(): number | undefined {
    return this.program === 'dead' ? undefined : this.#pid;
  }
}

/** Links carry unless a rule is in force; every answer comes from a probe of what is really carried. */
export class FakeNet implements Net {
  /** `n1<n2`: n1 does not hear n2. */
  readonly rules = new Set<string>();
  /** Rules that are asked for do not come into force: the wrong back end. */
  cutsDoNothing = false;
  /** Only the first rule of a cut comes into force, then it throws. */
  breaksHalfWay = false;
  healsDoNothing = false;
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

  async cut(grudge: Grudge): Promise<Evidence> {
    this.#journal.push('cut');
    if (this.hangs) await new Promise(() => {});
    const links = [...grudge].flatMap(([hearer, refused]) =>
      [...refused].map((from) => [hearer, from] as const),
    );
    for (const [hearer, from] of links) {
      if (!this.cutsDoNothing) this.rules.add(`${hearer}<${from}`);
      if (this.breaksHalfWay) throw new Error(`no rule could be set on ${hearer}`);
    }
    return this.#probe(links, false);
  }

  async shape(_links: readonly Link[], _rule: LinkRule | undefined): Promise<Evidence> {
    throw new Error('not here');
  }

  async heal(): Promise<Evidence> {
    this.#journal.push('heal');
    if (!this.healsDoNothing) this.rules.clear();
    const links = this.#nodes.flatMap((a) => this.#nodes.filter((b) => b !== a).map((b) => [a, b] as const));
    return this.#probe(links, true);
  }

  #probe(links: readonly (readonly [NodeName, NodeName])[], wished: boolean): Evidence {
    const seen = links.map(([hearer, from]) => [`${from}→${hearer}`, this.hears(hearer, from)] as const);
    return {
      verified: seen.every(([, heard]) => heard === wished),
      seen: Object.fromEntries(seen.map(([link, heard]) => [link, heard ? 'passes' : 'silent'])),
    };
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

  constructor(size: number) {
    const names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.nodes = names.map((name) => new FakeNode(name, this.journal));
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
      stop: async () => {},
    };
  }

  context(overrides: Partial<FaultContext> = {}): FaultContext {
    return {
      environment: this.environment(),
      system: this.system(),
      nodeStates: nodeStates(this.nodes.map((node) => node.name)),
      stream: Stream.of(7),
      intervalMs: 10_000,
      timer: this.timer,
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
