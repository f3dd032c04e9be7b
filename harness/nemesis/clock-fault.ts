// What is done to clocks of nodes, and how it is undone. Each change is read back from the program under test itself, and
// the controller's own clock is watched all the while.

import type { Json } from '../../checkers/json.ts';
import type { Call } from '../../checkers/op.ts';
import { nanosPerMs } from '../clock.ts';
import type { Node, NodeName } from '../environment.ts';
import { sequence } from '../generator/sources.ts';
import type { Random, Stream } from '../random.ts';
import {
  type ClockCall,
  drawBump,
  drawRate,
  drawStrobe,
  parseClockCall,
  TOO_SMALL,
} from './clock-amounts.ts';
import { type ClockReading, readClock } from './clock-reading.ts';
import { strobeSeen } from './clock-strobe.ts';
import {
  announced,
  type FaultContext,
  minimumHarmMs,
  nodeNames,
  reasonOf,
  runningLeaders,
} from './fault-context.ts';
import { type Harm, harmAndRepair } from './harm-and-repair.ts';
import { hostClockTrouble, watchHostClock } from './host-clock.ts';
import type { Fault, FaultDescription, FaultOutcome } from './nemesis.ts';
import { restoreOrder } from './restore-order.ts';
import { chooseTargets } from './targets.ts';
import { elapsedMs } from './timer.ts';
import { wanted } from './wanted-ability.ts';

/** What is read back may differ from the wish by this much and by what the reading itself took. */
const TOLERANCE_MS = 100;
/** The same for a clock that should be right. */
const RIGHT_MS = 50;
/** A change may take a moment to be seen; a lie does not become true by looking again. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 200;
/** Waited for at most until a rate shows. */
const LONGEST_WAIT_MS = 15_000;
/** The longest strobe, and what comes before and after. */
const LIMIT_MS = 75_000;

type Sight = { readonly status: FaultOutcome['status']; readonly reason?: string } & {
  readonly [what: string]: Json | undefined;
};

/** What can be done, by the call that asks for it. */
export type ClockHarm = 'bump-clock' | 'strobe-clock' | 'rate-clock' | 'rate-monotonic';

/**
 * Each harm takes targets, or `{targets, byMs?, strobe?, rate?}` where the amount is fixed, which is drawn for each node
 * otherwise; the repair takes targets, or nothing for all. The band of the description says which calls these are.
 */
export function clockFaultOf(
  description: FaultDescription,
  context: FaultContext,
  harms: readonly (Harm & { readonly call: { readonly f: ClockHarm } })[],
): Fault {
  const { environment, nodeStates: states, timer } = context;
  const stream = context.stream.fork(`nemesis/${description.name}`);
  const [repairs = ''] = description.band.to;
  const repair: Call = { f: repairs, value: 'all' };
  /** Clocks that were touched since they were last seen to be right, with the rate that they go at. */
  const wrong = new Map<NodeName, number>();
  let invocations = 0;

  async function perform(f: string, asked: ClockCall, signal: AbortSignal): Promise<FaultOutcome> {
    const begun = timer.now();
    const leaders = asked.targets === 'primaries' ? await runningLeaders(context, signal) : [];
    const draws = stream.fork('harm').fork(invocations++);
    const targets = chooseTargets(asked.targets, nodeNames(environment), leaders, draws.source());
    if (f !== repairs) {
      const refused = await announced(context, { f, targets: targets.nodes });
      if (refused !== undefined) return refused;
    }
    const host = watchHostClock(context);
    const offsets = new Map<NodeName, number>();
    const sights = new Map<NodeName, Sight>();
    await Promise.all(
      environment.nodes.map(async (node) => {
        const chosen = targets.nodes.includes(node.name);
        if (chosen) sights.set(node.name, await touched(f, node, asked, draws, signal));
        const reading = await readClock(context, node, signal).catch(() => undefined);
        if (reading !== undefined) offsets.set(node.name, Math.round(reading.offsetMs) / 1000);
      }),
    );
    const movedMs = host.movedMs();
    return {
      ...judged(f, sights, hostClockTrouble(movedMs)),
      evidence: {
        targets: targets.nodes,
        ...(targets.note === undefined ? {} : { note: targets.note }),
        nodes: inOrder(targets.nodes, sights),
        'clock-offsets': inOrder(nodeNames(environment), offsets),
        'host-moved-ms': movedMs,
        ms: elapsedMs(timer, begun),
      },
    };
  }

  async function touched(
    f: string,
    node: Node,
    asked: ClockCall,
    draws: Stream,
    signal: AbortSignal,
  ): Promise<Sight> {
    try {
      const state = await node.state();
      states.observe(node.name, state);
      const obstacle = f === repairs ? states.outOfReach(node.name) : notRunning(state);
      if (obstacle !== undefined) return { status: 'skipped', reason: obstacle };
      if (signal.aborted) return { status: 'skipped', reason: 'interrupted' };
      if (f === repairs) return await reset(node, signal);
      const random = draws.fork(node.name).source();
      if (f === 'bump-clock') return await bump(node, asked.byMs ?? drawBump(random), signal);
      if (f === 'strobe-clock') return await strobe(node, asked, random, signal);
      return await setRate(node, f, asked.rate ?? drawRate(random), signal);
    } catch (error) {
      return { status: 'failed', reason: reasonOf(error) };
    }
  }

  async function bump(node: Node, byMs: number, signal: AbortSignal): Promise<Sight> {
    const before = await readClock(context, node, signal);
    const clock = wanted(node, 'clock');
    touch(node.name);
    await clock.bump(byMs);
    const { off, reading } = await look(node, signal, (at) => expected(node.name, before, at) + byMs, before);
    const told = Math.abs(byMs) > TOLERANCE_MS + before.roundTripMs + reading.roundTripMs;
    const sight = { byMs, ...readingJson(reading), ...(told ? {} : { note: TOO_SMALL }) };
    if (off === undefined) return { status: 'applied', ...sight };
    return {
      status: 'failed',
      reason: `bumped by ${byMs} ms, but read back ${off} ms away from that`,
      ...sight,
    };
  }

  /**
   * The reading does not jump, but it moves away from the right time; watched until that can be told. Where the monotonic
   * clock can be bent the wall clock goes along with it, so it tells of that as well.
   */
  async function setRate(node: Node, f: string, rate: number, signal: AbortSignal): Promise<Sight> {
    const clock = wanted(node, 'clock');
    touch(node.name);
    if (f === 'rate-clock') await clock.setRate(rate);
    else if (clock.setMonotonicRate !== undefined) await clock.setMonotonicRate(rate);
    else return { status: 'failed', reason: 'the environment offers no rate of the monotonic clock' };
    touch(node.name, rate);
    const first = await readClock(context, node, signal);
    const showsMs = 4 * (TOLERANCE_MS + first.roundTripMs);
    await timer.sleep(Math.min(LONGEST_WAIT_MS, showsMs / Math.abs(rate - 1)), signal);
    const { off, reading } = await look(node, signal, (at) => expected(node.name, first, at), first);
    const sight = { rate, ...readingJson(reading) };
    if (off === undefined) return { status: 'applied', ...sight };
    return {
      status: 'failed',
      reason: `at the rate ${rate} it should be ${off} ms away from there`,
      ...sight,
    };
  }

  async function strobe(node: Node, asked: ClockCall, random: Random, signal: AbortSignal): Promise<Sight> {
    // Where it should be in between could not be told.
    if (rateOf(node.name) !== 1) {
      return { status: 'skipped', reason: 'its clock does not go at the right rate' };
    }
    const how = asked.strobe ?? drawStrobe(random, context.intervalMs);
    const before = await readClock(context, node, signal);
    touch(node.name);
    const seen = await strobeSeen(context, node, how, random, signal, {
      expectedMs: (at) => expected(node.name, before, at),
      toleranceMs: (reading) => TOLERANCE_MS + before.roundTripMs + reading.roundTripMs,
    });
    const sight = { ...how, ...seen.counts };
    if (signal.aborted) return { status: 'skipped', reason: 'interrupted', ...sight };
    return seen.reason === undefined
      ? { status: 'applied', ...sight }
      : { status: 'failed', reason: seen.reason, ...sight };
  }

  async function reset(node: Node, signal: AbortSignal): Promise<Sight> {
    const known = wrong.has(node.name);
    await wanted(node, 'clock').reset();
    const { off, reading } = await look(node, signal, () => 0, undefined);
    const sight = readingJson(reading);
    if (off !== undefined) return { status: 'failed', reason: `reset, but still ${off} ms off`, ...sight };
    wrong.delete(node.name);
    if (known) return { status: 'applied', ...sight };
    return { status: 'skipped', reason: 'its clock was not touched', ...sight };
  }

  /** The latest reading, and by how much it is off where that is too much. A change of rate is not a jump. */
  async function look(
    node: Node,
    signal: AbortSignal,
    wishedMs: (at: number) => number,
    before: ClockReading | undefined,
  ): Promise<{ off: number | undefined; reading: ClockReading }> {
    for (let looks = 1; ; looks++) {
      const reading = await readClock(context, node, signal);
      const off = reading.offsetMs - wishedMs(reading.at);
      const uncertain = reading.roundTripMs + (before?.roundTripMs ?? 0);
      const tolerance = (before === undefined ? RIGHT_MS : TOLERANCE_MS) + uncertain;
      if (Math.abs(off) <= tolerance) return { off: undefined, reading };
      if (looks === LOOKS || signal.aborted) return { off: Math.round(off), reading };
      await timer.sleep(BETWEEN_LOOKS_MS, signal);
    }
  }

  /** Where an untouched clock would be by now, from a reading of it and the rate it goes at. */
  function expected(name: NodeName, since: ClockReading, at: number): number {
    const rate = rateOf(name);
    return since.offsetMs + ((at - since.at) / nanosPerMs) * (rate - 1);
  }

  /** Before the act, so that what fails half-way is put right as well. */
  function touch(name: NodeName, rate = rateOf(name)): void {
    wrong.set(name, rate);
  }

  function rateOf(name: NodeName): number {
    return wrong.get(name) ?? 1;
  }

  /** A repair that could not reach every wrong clock is not one: the harm goes on. */
  function judged(
    f: string,
    sights: ReadonlyMap<NodeName, Sight>,
    trouble: string | undefined,
  ): Pick<FaultOutcome, 'status' | 'reason'> {
    const having = (status: FaultOutcome['status']) =>
      [...sights].filter(([, sight]) => sight.status === status);
    const reasons = (some: [NodeName, Sight][]) =>
      some.map(([name, { reason, status }]) => `${name}: ${reason ?? status}`).join('; ');
    const failures = having('failed');
    if (trouble !== undefined || failures.length > 0) {
      const reason = [trouble, reasons(failures)]
        .filter((text) => text !== undefined && text !== '')
        .join('; ');
      return { status: 'failed', reason };
    }
    const left = f === repairs ? having('skipped').filter(([name]) => wrong.has(name)) : [];
    if (left.length > 0) return { status: 'skipped', reason: `still wrong: ${reasons(left)}` };
    if (having('applied').length > 0) return { status: 'applied' };
    return { status: 'skipped', reason: reasons(having('skipped')) || 'no node was chosen' };
  }

  async function restore(): Promise<FaultOutcome> {
    const outcome = await perform(repairs, { targets: 'all' }, new AbortController().signal);
    // Nothing comes after it: what is not right now stays wrong.
    return wrong.size > 0 ? { ...outcome, status: 'failed' } : outcome;
  }

  return {
    ...description,
    nemesis: {
      fs: [...description.band.from, ...description.band.to],
      timeoutMs: LIMIT_MS,
      restoreOrder: restoreOrder.clocks,
      async invoke(call, signal) {
        const fallback = call.f === repairs ? 'all' : undefined;
        const asked = parseClockCall(call.value ?? fallback);
        if (asked !== undefined) return perform(call.f, asked, signal);
        const reason = `neither targets nor an amount: ${JSON.stringify(call.value)}`;
        return { status: 'failed', reason, evidence: {} };
      },
      restore,
    },
    generator: harmAndRepair({
      harms,
      repair,
      stream: stream.fork('schedule'),
      intervalMs: context.intervalMs,
      minimumHarmMs: minimumHarmMs(context),
    }),
    recovery: sequence([repair]),
  };
}

function notRunning(state: string): string | undefined {
  return state === 'running' ? undefined : `it is ${state}`;
}

function readingJson({ offsetMs, roundTripMs, by }: ClockReading): { readonly [what: string]: Json } {
  return { offsetMs: Math.round(offsetMs), roundTripMs: Math.round(roundTripMs * 10) / 10, 'read by': by };
}

function inOrder<T extends Json | Sight>(
  names: readonly NodeName[],
  of: ReadonlyMap<NodeName, T>,
): { readonly [name: NodeName]: Json } {
  return Object.fromEntries(
    names.flatMap((name): [NodeName, Json][] => {
      const found = of.get(name);
      return found === undefined ? [] : [[name, found]];
    }),
  );
}
