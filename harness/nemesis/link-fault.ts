// A fault that makes links between nodes bad without cutting them: all links of chosen nodes, both directions. Links that
// another fault holds are left to it.

import type { Json } from '../../checkers/json.ts';
import type { Call } from '../../checkers/op.ts';
import type { Link, LinkRule, NodeName } from '../environment.ts';
import { sequence } from '../generator/sources.ts';
import type { Random } from '../random.ts';
import {
  announced,
  type FaultContext,
  minimumHarmMs,
  nodeNames,
  reasonOf,
  runningLeaders,
} from './fault-context.ts';
import { type Harm, harmAndRepair } from './harm-and-repair.ts';
import { linkName } from './link-wishes.ts';
import type { Fault, FaultDescription, FaultOutcome } from './nemesis.ts';
import { restoreOrder } from './restore-order.ts';
import { chooseTargets, parseTargets, type TargetSpec } from './targets.ts';
import { elapsedMs } from './timer.ts';

/** The links of the leader most often. All links are seldom, since no other fault of links has any then. */
function harms(f: string): readonly Harm[] {
  return [
    { call: { f, value: 'primaries' }, weight: 4 },
    { call: { f, value: 'one' }, weight: 2 },
    { call: { f, value: 'minority' }, weight: 2 },
    { call: { f, value: 'all' }, weight: 1 },
  ];
}

const ELSEWHERE = 'other faults hold the links of these nodes; all that are free instead';

/** Calls: `{f: 'start-NAME', value: targets}` and `{f: 'stop-NAME'}`. */
export function linkFault(
  description: FaultDescription,
  context: FaultContext,
  ruleOf: (random: Random) => LinkRule,
): Fault {
  const { environment, linkWishes: wishes, timer } = context;
  const { name } = description;
  const [start, stop] = [`start-${name}`, `stop-${name}`];
  const stream = context.stream.fork(`nemesis/${name}`);
  const repair: Call = { f: stop };
  let invocations = 0;

  async function impose(spec: TargetSpec, signal: AbortSignal): Promise<FaultOutcome> {
    if (wishes.of(name) !== undefined) {
      return { status: 'skipped', reason: `the fault ${name} is in force`, evidence: {} };
    }
    const begun = timer.now();
    const leaders = spec === 'primaries' ? await runningLeaders(context, signal) : [];
    const random = stream.fork('harm').fork(invocations++).source();
    const targets = chooseTargets(spec, nodeNames(environment), leaders, random);
    const rule = ruleOf(random);
    const links = linksOf(nodeNames(environment), targets.nodes);
    const isFree = (link: Link) => wishes.holder(link) === undefined;
    const ofTargets = links.filter(isFree);
    // Rather elsewhere than nowhere: beside faults that hold many links this one would never come up.
    const elsewhere = ofTargets.length === 0;
    const free = elsewhere
      ? linksOf(nodeNames(environment), nodeNames(environment)).filter(isFree)
      : ofTargets;
    const notes = [targets.note, elsewhere && free.length > 0 ? ELSEWHERE : undefined].filter(
      (note) => note !== undefined,
    );
    const chosen = {
      targets: targets.nodes,
      ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
      rule: ruleJson(rule),
      ...heldBy(links.filter((link) => !free.includes(link))),
    };
    if (free.length === 0) {
      const reason = links.length === 0 ? 'there is no such link' : 'other faults hold all links';
      return { status: 'skipped', reason, evidence: chosen };
    }
    const about = elsewhere ? free.map(linkName) : targets.nodes;
    const refused = await announced(context, { f: start, targets: about });
    if (refused !== undefined) return refused;
    if (signal.aborted) return { status: 'skipped', reason: 'interrupted', evidence: chosen };
    // Before the act: what fails half-way has to be taken away as well.
    wishes.wish({ fault: name, rule, links: free });
    return shaped(free, rule, 'the rule was not seen on every link', chosen, begun);
  }

  async function lift(): Promise<FaultOutcome> {
    const wish = wishes.of(name);
    if (wish === undefined) return { status: 'skipped', reason: `no ${name} was in force`, evidence: {} };
    const begun = timer.now();
    const mine = wish.links.filter((link) => wishes.holder(link) === name);
    const left = heldBy(wish.links.filter((link) => !mine.includes(link)));
    const outcome: FaultOutcome =
      mine.length === 0
        ? { status: 'applied', evidence: { ...left, ms: elapsedMs(timer, begun) } }
        : await shaped(mine, undefined, 'not every link was seen to be whole', left, begun);
    if (outcome.status === 'applied') wishes.withdraw(name);
    return outcome;
  }

  /** Links that are another fault's, by that fault. */
  function heldBy(links: readonly Link[]): { readonly [what: string]: Json } {
    if (links.length === 0) return {};
    return {
      'left to': Object.fromEntries(links.map((link) => [linkName(link), wishes.holder(link) ?? 'nobody'])),
    };
  }

  async function shaped(
    links: readonly Link[],
    rule: LinkRule | undefined,
    unseen: string,
    chosen: FaultOutcome['evidence'],
    begun: number,
  ): Promise<FaultOutcome> {
    try {
      const { verified, seen } = await environment.net.shape(links, rule);
      const evidence = { ...chosen, links: seen, ms: elapsedMs(timer, begun) };
      return verified ? { status: 'applied', evidence } : { status: 'failed', reason: unseen, evidence };
    } catch (error) {
      const evidence = { ...chosen, ms: elapsedMs(timer, begun) };
      return { status: 'failed', reason: reasonOf(error), evidence };
    }
  }

  return {
    ...description,
    nemesis: {
      fs: [start, stop],
      restoreOrder: restoreOrder.net,
      async invoke(call, signal) {
        if (call.f === stop) return lift();
        const spec = parseTargets(call.value);
        if (spec !== undefined) return impose(spec, signal);
        return { status: 'failed', reason: `unknown targets ${JSON.stringify(call.value)}`, evidence: {} };
      },
      restore: lift,
    },
    generator: harmAndRepair({
      harms: harms(start),
      repair,
      stream: stream.fork('schedule'),
      intervalMs: context.intervalMs,
      minimumHarmMs: minimumHarmMs(context),
    }),
    recovery: sequence([repair]),
  };
}

/** All links that begin or end at one of the chosen nodes. */
function linksOf(nodes: readonly NodeName[], chosen: readonly NodeName[]): readonly Link[] {
  return nodes.flatMap((from) =>
    nodes
      .filter((to) => to !== from && (chosen.includes(from) || chosen.includes(to)))
      .map((to) => ({ from, to })),
  );
}

function ruleJson(rule: LinkRule): Json {
  return Object.fromEntries(Object.entries<Json>({ ...rule }));
}
