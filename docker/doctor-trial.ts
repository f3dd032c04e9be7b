// What an environment can do, found out as a run would: it is brought up with two nodes, and everything that faults need
// is done once. Knows environments only by their interface, so that it cannot say anything else than a run.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Capability,
  Environment,
  EnvironmentProvider,
  Evidence,
  LinkRule,
  Node,
} from '../harness/environment.ts';
import { oneLine } from './doctor-finding.ts';

/** `basics` are what every fault may take for granted: programs, signals, links to cut. */
export type Ability = Capability | 'basics';

export type Ruling =
  | { readonly verdict: 'works' }
  /** It should work here, was tried, and did not. */
  | { readonly verdict: 'degraded'; readonly reason: string }
  | { readonly verdict: 'not here'; readonly reason: string };

export type Trial = ReadonlyMap<Ability, Ruling>;

/** Listens where peers look for it, and lives until it is killed. */
const program = (host: string, port: number) =>
  `require('node:net').createServer((s) => s.on('error', () => {}).resume()).listen(${port}, ${JSON.stringify(host)});`;

const rules: Readonly<Record<LinkRule['kind'], LinkRule>> = {
  drop: { kind: 'drop' },
  reset: { kind: 'reset' },
  delay: { kind: 'delay', delayMs: 50 },
  limit: { kind: 'limit', bytesPerSecond: 100_000 },
  loss: { kind: 'loss', share: 0.3 },
  duplicate: { kind: 'duplicate', share: 0.3 },
  reorder: { kind: 'reorder', share: 0.3, delayMs: 20 },
};

interface TrialOptions {
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/**
 * Never throws for what the world does: that is a ruling. A monotonic clock that is bent is tried on nodes of its own:
 * where there is one, no clock may jump.
 */
export async function tryEnvironment(
  provider: EnvironmentProvider,
  wanted: readonly Capability[],
  options: TrialOptions,
): Promise<Trial> {
  const isApart = (capability: Capability) =>
    capability === 'clock-monotonic' && provider.never?.(capability) === undefined;
  const apart = wanted.filter(isApart);
  const trial = await tryTogether(
    provider,
    wanted.filter((capability) => !isApart(capability)),
    options,
  );
  if (apart.length === 0) return trial;
  return new Map([...(await tryTogether(provider, apart, options)), ...trial]);
}

async function tryTogether(
  provider: EnvironmentProvider,
  wanted: readonly Capability[],
  { signal, note }: TrialOptions,
): Promise<Trial> {
  const directory = await mkdtemp(join(tmpdir(), 'faultline-doctor-'));
  try {
    const possible = wanted.filter((capability) => provider.never?.(capability) === undefined);
    const environment = await provider.up({
      nodes: ['d1', 'd2'],
      ports: ['peer'],
      directory,
      signal,
      needs: possible,
      note,
      onUnexpectedExit: () => undefined,
    });
    try {
      return await tryEach(provider, environment, wanted, signal);
    } finally {
      await environment[Symbol.asyncDispose]();
    }
  } catch (error) {
    const ruling: Ruling = { verdict: 'not here', reason: reasonOf(error) };
    return new Map<Ability, Ruling>([['basics', ruling], ...wanted.map((c) => [c, ruling] as const)]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function tryEach(
  provider: EnvironmentProvider,
  environment: Environment,
  wanted: readonly Capability[],
  signal: AbortSignal,
): Promise<Trial> {
  const rulings = new Map<Ability, Ruling>();
  rulings.set('basics', await ruling(() => tryBasics(environment)));
  for (const capability of wanted) {
    signal.throwIfAborted();
    const reason = provider.never?.(capability) ?? environment.lacks(capability);
    rulings.set(
      capability,
      reason === undefined
        ? await ruling(() => tryCapability(environment, capability))
        : { verdict: 'not here', reason },
    );
  }
  return rulings;
}

async function ruling(act: () => Promise<void>): Promise<Ruling> {
  try {
    await act();
    return { verdict: 'works' };
  } catch (error) {
    return { verdict: 'degraded', reason: reasonOf(error) };
  }
}

async function tryBasics({ nodes, net }: Environment): Promise<void> {
  await Promise.all(nodes.map(startProgram));
  const [one, two] = pair(nodes);
  must(await net.cut(new Map([[one.name, new Set([two.name])]])), 'a cut link');
  must(await net.heal(), 'a healed link');
  await one.signal('SIGSTOP');
  await one.signal('SIGCONT');
  await one.signal('SIGKILL');
  await startProgram(one);
}

async function tryCapability(environment: Environment, capability: Capability): Promise<void> {
  const [one, two] = pair(environment.nodes);
  switch (capability) {
    case 'drop':
    case 'reset':
    case 'delay':
    case 'limit':
    case 'loss':
    case 'duplicate':
    case 'reorder': {
      const links = [{ from: one.name, to: two.name }];
      must(await environment.net.shape(links, rules[capability]), capability);
      must(await environment.net.shape(links, undefined), `the end of ${capability}`);
      return;
    }
    case 'cut-clients':
      must(await environment.net.cut(new Map(), [one.name]), 'a cut between clients and a node');
      must(await environment.net.heal(), 'a healed link');
      return;
    case 'power':
      await part(one.power).off();
      await part(one.power).on();
      return startProgram(one);
    case 'freeze':
      await part(one.freezer).freeze();
      return part(one.freezer).thaw();
    case 'cpu':
      await part(one.cpu).limit(0.5);
      await part(one.cpu).limit(undefined);
      return;
    case 'disk-full':
      await part(one.disk).fill();
      await part(one.disk).free();
      return;
    case 'disk-read-only':
      if ((await one.state()) !== 'dead') await one.signal('SIGKILL');
      await part(one.disk).setReadOnly(true);
      await part(one.disk).setReadOnly(false);
      return startProgram(one);
    case 'clock':
      return tryClock(one);
    case 'clock-monotonic': {
      const setRate = part(one.clock?.setMonotonicRate?.bind(one.clock));
      await setRate(1.1);
      return part(one.clock).reset();
    }
  }
}

async function tryClock(node: Node): Promise<void> {
  const clock = part(node.clock);
  const aheadMs = 100_000;
  await clock.bump(aheadMs);
  const seenMs = await clock.offsetMs();
  await clock.reset();
  const afterMs = await clock.offsetMs();
  if (Math.abs(seenMs - aheadMs) > aheadMs / 2)
    throw new Error(`a clock set ahead by ${aheadMs} ms was seen at ${seenMs} ms`);
  if (Math.abs(afterMs) > aheadMs / 2) throw new Error(`a clock put right was seen at ${afterMs} ms`);
}

async function startProgram(node: Node): Promise<void> {
  if ((await node.state()) !== 'dead') return;
  const [interpreter] = node.argvOf('cluster/server/main.ts');
  if (interpreter === undefined) throw new Error('the environment names no interpreter');
  const { host, port } = node.listen('peer');
  await node.start({ argv: [interpreter, '-e', program(host, port)] });
}

function pair(nodes: readonly Node[]): readonly [Node, Node] {
  const [one, two] = nodes;
  if (one === undefined || two === undefined)
    throw new Error('the environment has fewer nodes than asked for');
  return [one, two];
}

function must(evidence: Evidence, what: string): void {
  if (!evidence.verified) throw new Error(`${what} was not seen: ${JSON.stringify(evidence.seen)}`);
}

/** An environment that lacks nothing of it has it. */
function part<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('the environment claims it and does not have it');
  return found;
}

function reasonOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}
