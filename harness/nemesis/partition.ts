// Cuts links between nodes, in many shapes, and heals them. A cut that no probe saw is a failure, and so is a heal.

import type { Evidence } from '../environment.ts';
import { sequence } from '../generator/sources.ts';
import {
  announced,
  type FaultContext,
  minimumHarmMs,
  nodeNames,
  reasonOf,
  runningLeaders,
} from './fault-context.ts';
import { grudgeJson } from './grudges.ts';
import { type Harm, harmAndRepair } from './harm-and-repair.ts';
import type { Fault, FaultDescription, FaultOutcome } from './nemesis.ts';
import { needsLeader, parseShape, planPartition, type Shape, type ShapeName } from './partition-shapes.ts';
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

/** Calls: `{f: 'start-partition', value: shape}` and `{f: 'stop-partition'}`. */
export function partitionFault(context: FaultContext): Fault {
  const { environment, timer } = context;
  const { net } = environment;
  const stream = context.stream.fork('nemesis/partition');
  let invocations = 0;
  let cut = false;

  async function start(shape: Shape, signal: AbortSignal): Promise<FaultOutcome> {
    if (cut) return { status: 'skipped', reason: 'a partition is in force', evidence: {} };
    const begun = timer.now();
    const leaders = needsLeader(shape) ? await runningLeaders(context, signal) : [];
    const random = stream.fork('shape').fork(invocations++).source();
    const { grudge, note } = planPartition(shape, nodeNames(environment), leaders[0], random);
    const chosen = { shape, ...(note === undefined ? {} : { note }), grudge: grudgeJson(grudge) };
    if (grudge.size === 0) {
      return {
        status: 'skipped',
        reason: `on ${environment.nodes.length} nodes it cuts nothing`,
        evidence: chosen,
      };
    }
    const refused = await announced(context, { f: 'start-partition', targets: chosen.grudge });
    if (refused !== undefined) return refused;
    if (signal.aborted) return { status: 'skipped', reason: 'interrupted', evidence: chosen };
    // Set before the act: a cut that failed half-way has to be healed as well.
    cut = true;
    return judged(() => net.cut(grudge), 'the cut was not seen on every link', chosen, begun);
  }

  /** Heals and probes in any case: rules may be left although no cut is remembered. */
  async function stop(): Promise<FaultOutcome> {
    const begun = timer.now();
    const outcome = await judged(() => net.heal(), 'not every link was seen to be whole', {}, begun);
    if (outcome.status !== 'applied') return outcome;
    if (!cut) return { ...outcome, status: 'skipped', reason: 'no partition was in force' };
    cut = false;
    return outcome;
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
      restoreOrder: 0,
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
