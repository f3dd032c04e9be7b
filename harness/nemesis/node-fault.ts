// A fault that puts chosen nodes into a bad state and back: kill and start, pause and resume, fill a disk and free it.

import type { Json } from '../../checkers/json.ts';
import type { Call } from '../../checkers/op.ts';
import type { Node } from '../environment.ts';
import { sequence } from '../generator/sources.ts';
import type { Random } from '../random.ts';
import { type Action, actOnNodes } from './act-on-nodes.ts';
import { announced, type FaultContext, minimumHarmMs, nodeNames, runningLeaders } from './fault-context.ts';
import { type Harm, harmAndRepair } from './harm-and-repair.ts';
import type { Fault, FaultDescription, FaultOutcome } from './nemesis.ts';
import { chooseTargets, parseTargets, type TargetSpec } from './targets.ts';
import { elapsedMs } from './timer.ts';

/** What is done to each chosen node on a call of `f`. */
export interface NodeCall extends Pick<Action, 'action'> {
  readonly f: string;
  /** What it answers goes into the node's evidence; throws when the effect was not seen. */
  act(node: Node, signal: AbortSignal, random: Random): ReturnType<Action['act']>;
}

export interface NodeFault {
  readonly harm: NodeCall;
  readonly repair: NodeCall;
  readonly restoreOrder: number;
}

/** The leader and small groups often: the rest of the cluster goes on, and what it does then can be wrong. */
export function nodeHarms(f: string): readonly Harm[] {
  return [
    { call: { f, value: 'primaries' }, weight: 4 },
    { call: { f, value: 'one' }, weight: 2 },
    { call: { f, value: 'minority' }, weight: 2 },
    { call: { f, value: 'minority-third' }, weight: 1 },
    { call: { f, value: 'majority' }, weight: 1, breaksQuorum: true },
    { call: { f, value: 'all' }, weight: 1, breaksQuorum: true },
  ];
}

export function nodeFault(description: FaultDescription, context: FaultContext, fault: NodeFault): Fault {
  const { environment, nodeStates: states, timer } = context;
  const stream = context.stream.fork(`nemesis/${description.name}`);
  const repair: Call = { f: fault.repair.f, value: 'all' };
  let invocations = 0;

  async function perform(part: NodeCall, spec: TargetSpec, signal: AbortSignal): Promise<FaultOutcome> {
    const { f, action } = part;
    const begun = timer.now();
    const leaders = spec === 'primaries' ? await runningLeaders(context, signal) : [];
    const invocation = invocations++;
    const random = stream.fork('targets').fork(invocation).source();
    const targets = chooseTargets(spec, nodeNames(environment), leaders, random);
    const refused = part === fault.harm ? await announced(context, { f, targets: targets.nodes }) : undefined;
    if (refused !== undefined) return refused;
    const nodes = environment.nodes.filter((node) => targets.nodes.includes(node.name));
    const how = stream.fork('how').fork(invocation);
    const { seen, ...outcome } = await actOnNodes(
      nodes,
      {
        action,
        act: (node, signal) => part.act(node, signal, how.fork(node.name).source()),
        states,
        timer,
      },
      signal,
    );
    const note = targets.note === undefined ? {} : { note: targets.note };
    return {
      ...outcome,
      evidence: { targets: targets.nodes, ...note, nodes: seen, ms: elapsedMs(timer, begun) },
    };
  }

  return {
    ...description,
    nemesis: {
      fs: [fault.harm.f, fault.repair.f],
      restoreOrder: fault.restoreOrder,
      async invoke(call, signal) {
        const part = call.f === fault.harm.f ? fault.harm : fault.repair;
        const spec = parseTargets(call.value, part === fault.repair ? 'all' : undefined);
        if (spec === undefined) return unknownTargets(call.value);
        return perform(part, spec, signal);
      },
      restore: () => perform(fault.repair, 'all', new AbortController().signal),
    },
    generator: harmAndRepair({
      harms: nodeHarms(fault.harm.f),
      repair,
      stream: stream.fork('schedule'),
      intervalMs: context.intervalMs,
      minimumHarmMs: minimumHarmMs(context),
    }),
    recovery: sequence([repair]),
  };
}

function unknownTargets(value: Json | undefined): FaultOutcome {
  return { status: 'failed', reason: `unknown targets ${JSON.stringify(value)}`, evidence: {} };
}
