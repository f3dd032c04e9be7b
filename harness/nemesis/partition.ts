// Cuts links between nodes, in many shapes, and heals them. A cut that no probe saw is a failure, and so is a heal.

import type { Evidence, Link, NodeName } from '../environment.ts';
import { sequence } from '../generator/sources.ts';
import {
  announced,
  type FaultContext,
  minimumHarmMs,
  nodeNames,
  reasonOf,
  runningLeaders,
} from './fault-context.ts';
import { grudgeJson, withoutMajority } from './grudges.ts';
import { type Harm, harmAndRepair } from './harm-and-repair.ts';
import { type LinkWish, sameLink } from './link-wishes.ts';
import type { Fault, FaultDescription, FaultOutcome } from './nemesis.ts';
import { needsLeader, parseShape, planPartition, type Shape, type ShapeName } from './partition-shapes.ts';
import { restoreOrder } from './restore-order.ts';
import { elapsedMs } from './timer.ts';

export const partitionDescription: FaultDescription = {
  name: 'partition',
  about:
    'cuts links between nodes: the leader alone, halves, rings, bridges, one direction only; then heals them',
  band: { name: 'partition', from: ['start-partition'], to: ['stop-partition'], colour: '#E9DCA0' },
};

/** The isolation of the leader is what finds most. */
const weights: Readonly<Record<ShapeName, number>> = {
  leader: 6,
  'random-halves': 2,
  'one-way': 2,
  'majorities-ring': 1,
  bridge: 1,
  one: 1,
  halves: 1,
};

const harms = Object.entries(weights).map(
  ([shape, weight]): Harm => ({ call: { f: 'start-partition', value: shape }, weight }),
);

const fault = partitionDescription.name;

/** Calls: `{f: 'start-partition', value: shape}` and `{f: 'stop-partition'}`. */
export function partitionFault(context: FaultContext): Fault {
  const { environment, linkWishes: wishes, timer } = context;
  const { net } = environment;
  const stream = context.stream.fork('nemesis/partition');
  let invocations = 0;
  let cut = false;
  let clientsCut = false;

  async function start(shape: Shape, signal: AbortSignal): Promise<FaultOutcome> {
    if (cut) return { status: 'skipped', reason: 'a partition is in force', evidence: {} };
    const begun = timer.now();
    const leaders = needsLeader(shape) ? await runningLeaders(context, signal) : [];
    const random = stream.fork('shape').fork(invocations++).source();
    const { grudge, note } = planPartition(shape, nodeNames(environment), leaders[0], random);
    const clients = context.cutClients === true ? withoutMajority(grudge, nodeNames(environment)) : [];
    const chosen = {
      shape,
      ...(note === undefined ? {} : { note }),
      grudge: grudgeJson(grudge),
      ...(clients.length === 0 ? {} : { clients }),
    };
    if (grudge.size === 0) {
      return {
        status: 'skipped',
        reason: `on ${environment.nodes.length} nodes it cuts nothing`,
        evidence: chosen,
      };
    }
    const targets = clients.length === 0 ? chosen.grudge : { grudge: chosen.grudge, clients };
    const refused = await announced(context, { f: 'start-partition', targets });
    if (refused !== undefined) return refused;
    if (signal.aborted) return { status: 'skipped', reason: 'interrupted', evidence: chosen };
    // Set before the act: a cut that failed half-way has to be healed as well.
    cut = true;
    clientsCut = clients.length > 0;
    const links = [...grudge].flatMap(([to, silent]) => [...silent].map((from) => ({ from, to })));
    wishes.wish({ fault, rule: { kind: 'drop' }, links });
    return judged(() => net.cut(grudge, clients), 'the cut was not seen on every link', chosen, begun);
  }

  /** Heals and probes in any case: rules may be left although no cut is remembered. */
  async function stop(): Promise<FaultOutcome> {
    const begun = timer.now();
    const others = wishes.besides(fault);
    const heal = () => (others.length === 0 ? net.heal() : healAround(others));
    const outcome = await judged(heal, 'not every link was seen to be whole', {}, begun);
    if (outcome.status !== 'applied') return outcome;
    wishes.withdraw(fault);
    clientsCut = false;
    if (!cut) return { ...outcome, status: 'skipped', reason: 'no partition was in force' };
    cut = false;
    return outcome;
  }

  /** Where other faults hold links, these get their rules back, and only the others are made whole. */
  async function healAround(others: readonly LinkWish[]): Promise<Evidence> {
    const isHeld = (link: Link) => others.some(({ links }) => links.some((held) => sameLink(held, link)));
    const isMine = (link: Link) => wishes.of(fault)?.links.some((own) => sameLink(own, link)) ?? false;
    const free = allLinks(nodeNames(environment)).filter((link) => !isHeld(link));
    // Clients that are cut off come back by a full heal only, so every rule of the others is imposed anew then.
    const parts: Evidence[] = [];
    if (clientsCut) parts.push(await net.heal());
    else if (free.length > 0) parts.push(await net.shape(free, undefined));
    for (const { links, rule } of others) {
      const again = clientsCut ? links : links.filter(isMine);
      if (again.length > 0) parts.push(await net.shape(again, rule));
    }
    return {
      verified: parts.every(({ verified }) => verified),
      seen: Object.assign({}, ...parts.map(({ seen }) => seen)) as Evidence['seen'],
    };
  }

  async function judged(
    act: () => Promise<Evidence>,
    unseen: string,
    chosen: FaultOutcome['evidence'],
    begun: number,
  ): Promise<FaultOutcome> {
    try {
      const { verified, seen } = await act();
      const evidence = { ...chosen, links: seen, ms: elapsedMs(timer, begun) };
      return verified ? { status: 'applied', evidence } : { status: 'failed', reason: unseen, evidence };
    } catch (error) {
      return {
        status: 'failed',
        reason: reasonOf(error),
        evidence: { ...chosen, ms: elapsedMs(timer, begun) },
      };
    }
  }

  return {
    ...partitionDescription,
    nemesis: {
      fs: ['start-partition', 'stop-partition'],
      restoreOrder: restoreOrder.net,
      async invoke(call, signal) {
        if (call.f === 'stop-partition') return stop();
        const shape = parseShape(call.value);
        if (shape !== undefined) return start(shape, signal);
        return { status: 'failed', reason: `unknown shape ${JSON.stringify(call.value)}`, evidence: {} };
      },
      restore: stop,
    },
    generator: harmAndRepair({
      harms,
      repair: { f: 'stop-partition' },
      stream: stream.fork('schedule'),
      intervalMs: context.intervalMs,
      minimumHarmMs: minimumHarmMs(context),
    }),
    recovery: sequence([{ f: 'stop-partition' }]),
  };
}

function allLinks(nodes: readonly NodeName[]): readonly Link[] {
  return nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));
}
