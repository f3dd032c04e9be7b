// From a plan to a recorded history: the part of a run that touches the world. Faults are healed and everything is
// brought down on every path.

import { monotonicClock } from './clock.ts';
import type { Capability, Environment } from './environment.ts';
import { EnvironmentError } from './errors.ts';
import { type InterpreterReport, interpret } from './interpreter.ts';
import { awaitLeader } from './nemesis/await-leader.ts';
import { composeNemesis } from './nemesis/compose.ts';
import type { FaultContext } from './nemesis/fault-context.ts';
import { linkWishes } from './nemesis/link-wishes.ts';
import type { Fault, Nemesis } from './nemesis/nemesis.ts';
import { nodeStates } from './nemesis/node-states.ts';
import { phaseMarks } from './nemesis/phase-marks.ts';
import { faultNeeds, makeFault } from './nemesis/registry.ts';
import { realTimer } from './nemesis/timer.ts';
import { Stream } from './random.ts';
import type { RunLog } from './run-log.ts';
import { schedule } from './schedule.ts';
import type { TestPlan } from './test-plan.ts';
import type { HarnessMeasures } from './test-run.ts';

/** For one call of the nemesis; a hung fault must not hang the run. */
const NEMESIS_MS = 30_000;

export async function recordHistory(plan: TestPlan, log: RunLog): Promise<HarnessMeasures> {
  const environment = await log.stage('environment up', () =>
    plan.environment.up({
      nodes: plan.summary.nodes,
      ports: plan.system.ports,
      ...(plan.system.software === undefined ? {} : { software: plan.system.software }),
      needs: needsOf(plan),
      note: (text) => log.observer.note?.(text),
      directory: log.folder.path,
      signal: log.signal,
      onUnexpectedExit: (exit) => log.unexpectedExit(exit),
      onLost: (reason) => log.abort(new EnvironmentError(`the cluster was lost: ${reason}`)),
    }),
  );
  log.onEnvironment(environment);
  log.addVersions(environment.versions ?? {});
  try {
    await log.stage('faults', async () => refuseWhatIsLacking(plan, environment));
    await log.stage('system up', () => setUp(plan, environment, log.ending));
    const report = await log.stage('operations', () => operate(plan, environment, log));
    if (plan.keep && !log.isCutOff) await keep(environment, log);
    else await log.stage('system down', () => stopAll(plan, environment, log));
    return measuresOf(report);
  } finally {
    await log.stage('environment down', async () => {
      try {
        await environment[Symbol.asyncDispose]();
      } catch (error) {
        log.problem('environment down', error);
      }
    });
  }
}

function needsOf(plan: TestPlan): readonly Capability[] {
  return [...plan.faults.flatMap(faultNeeds), ...(plan.cutClients ? (['cut-clients'] as const) : [])];
}

/** Before anything is started: a fault that cannot be here must not be one that silently does nothing. */
function refuseWhatIsLacking(plan: TestPlan, environment: Environment): void {
  const refuse = (what: string, need: Capability) => {
    const reason = environment.lacks(need);
    if (reason !== undefined) throw new EnvironmentError(`${what} is not possible here: ${reason}`);
  };
  for (const fault of plan.faults) {
    for (const need of faultNeeds(fault)) refuse(`the fault ${fault}`, need);
  }
  if (plan.cutClients) refuse('to cut clients off', 'cut-clients');
}

async function keep(environment: Environment, log: RunLog): Promise<void> {
  for (const line of (await environment.keep?.()) ?? []) log.observer.note?.(line);
}

/** All nodes at once, up to the moment at which each of them serves. */
async function setUp(plan: TestPlan, environment: Environment, signal: AbortSignal): Promise<void> {
  const { system } = plan;
  const { nodes } = environment;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(plan.setUpMs)]);
  await Promise.all(nodes.map((node) => system.setUp(node, nodes)));
  await Promise.all(nodes.map((node) => system.start(node, nodes)));
  await Promise.all(
    nodes.map(async (node) => {
      try {
        await system.awaitReady(node, limit);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const log = node.logFiles[0];
        throw new EnvironmentError(
          `${node.name} did not serve within ${plan.setUpMs / 1000} s: ${reason}${log === undefined ? '' : `; see ${log}`}`,
          { node: node.name, cause: error },
        );
      }
    }),
  );
}

/** Runs the schedule. However it ends, every fault is healed before this returns or throws. */
async function operate(plan: TestPlan, environment: Environment, log: RunLog): Promise<InterpreterReport> {
  const stream = Stream.of(plan.summary.seed);
  const { faults, nemesis } = harm(plan, environment, stream, log);
  const healEarly = () => void restore(nemesis, log);
  log.ending.addEventListener('abort', healEarly);
  const { nodes } = environment;
  const nodeOf = (thread: number) => nodes[thread % nodes.length]?.name ?? '';
  const nodesByName = new Map(nodes.map((node) => [node.name, node]));
  try {
    return await interpret({
      generator: schedule({
        workload: plan.workload,
        faults,
        rate: plan.summary.rate,
        timeLimitMs: plan.summary.timeLimitMs,
        warmUpMs: plan.warmUpMs,
        calmMs: plan.calmMs,
        finalMs: plan.finalMs,
        stream,
      }),
      threads: plan.summary.concurrency,
      nodeOf,
      openClient: (thread, _process, signal) => {
        const node = nodesByName.get(nodeOf(thread));
        if (node === undefined) throw new Error(`thread ${thread} has no node`);
        return plan.system.openClient(node, signal);
      },
      nemesis,
      clock: monotonicClock(),
      opTimeoutMs: plan.summary.opTimeoutMs,
      record: (op) => log.recorder.record(op),
      signal: log.ending,
    });
  } finally {
    log.ending.removeEventListener('abort', healEarly);
    await restore(nemesis, log);
  }
}

function harm(
  plan: TestPlan,
  environment: Environment,
  stream: Stream,
  log: RunLog,
): { faults: Fault[]; nemesis: Nemesis } {
  const timer = realTimer();
  const context: FaultContext = {
    environment,
    system: plan.system,
    nodeStates: nodeStates(environment.nodes.map((node) => node.name)),
    linkWishes: linkWishes(),
    stream,
    intervalMs: plan.nemesisIntervalMs,
    timer,
    cutClients: plan.cutClients,
    intend: async (intent) => log.folder.intend(intent),
  };
  const faults = plan.faults.map((name) => makeFault(name, context));
  const nemesis = composeNemesis([...faults, phaseMarks(), awaitLeader(context)], {
    timer,
    timeoutMs: NEMESIS_MS,
    calls: ['phase', 'await-leader'],
  });
  return { faults, nemesis };
}

async function restore(nemesis: Nemesis, log: RunLog): Promise<void> {
  const outcome = await nemesis.restore();
  // Of a run that was aborted the reason has been told.
  if (outcome.status === 'failed' && !log.isAborted)
    log.problem('heal', outcome.reason ?? 'a fault was not seen to be healed');
}

/** By their own hand, so that logs are complete; what does not end is ended by the environment. */
async function stopAll(plan: TestPlan, environment: Environment, log: RunLog): Promise<void> {
  await Promise.all(
    environment.nodes.map(async (node) => {
      try {
        if ((await node.state()) === 'running') await plan.system.stop(node);
      } catch (error) {
        log.observer.note?.(
          `${node.name} did not stop gracefully: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }),
  );
}

function measuresOf(report: InterpreterReport): HarnessMeasures {
  return {
    eventLoopLagMs: report.eventLoopLagMs,
    achievedRate: report.achievedRate,
    lateReplies: report.lateReplies,
  };
}
