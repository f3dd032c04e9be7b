// The schedule of a fault: harm and repair in turn for ever, with healthy gaps between, so that no system is useless
// for a whole run. Every fault keeps its own, whatever the others do at the same time.

import type { Call, Op } from '../../checkers/op.ts';
import { nanosPerMs } from '../clock.ts';
import type { Context, Next, OpGenerator } from '../generator/generator.ts';
import { exhausted, pending, planned } from '../generator/next.ts';
import type { Stream } from '../random.ts';

/** One way to do harm, and how often it is chosen compared with the others. */
export interface Harm {
  readonly call: Call;
  readonly weight: number;
  /** True shortens it by half: while a majority is away nothing can be seen but time-outs. */
  readonly breaksQuorum?: boolean;
}

export interface HarmPlan {
  /** The first one begins every run, so that a short run has what finds most; after it they come by weight. */
  readonly harms: readonly Harm[];
  readonly repair: Call;
  readonly stream: Stream;
  /** Mean time from harm to repair and from repair to the next harm; each wait is between half and half as much again. */
  readonly intervalMs: number;
  /** No harm is shorter. */
  readonly minimumHarmMs: number;
}

/**
 * Waits are counted from the end of the call before, so that a slow harm is not undone at once. The first wait is
 * between nothing and one interval, so that several faults do not begin together.
 */
export function harmAndRepair(plan: HarmPlan): OpGenerator {
  if (plan.harms.length === 0) throw new Error('a fault needs at least one way to do harm');
  return scheduled(plan, { count: 0, harmed: false, due: undefined });
}

interface State {
  /** Harms planned so far, the present one included. */
  readonly count: number;
  /** Harm was done and its repair is next. */
  readonly harmed: boolean;
  /** Nanoseconds since the start of the run; undefined until the plan is first asked. */
  readonly due: number | undefined;
}

function scheduled(plan: HarmPlan, state: State): OpGenerator {
  const generator: OpGenerator = {
    next(context): Next {
      if (!context.threads.includes('nemesis')) return exhausted;
      if (state.due === undefined) {
        const due = context.time + wait(plan, state);
        return pending(scheduled(plan, { ...state, due }), due);
      }
      if (!context.free.includes('nemesis')) return pending(generator, Infinity);
      if (context.time < state.due) return pending(generator, state.due);
      const call = state.harmed ? plan.repair : chosen(plan, state.count).call;
      const after = { count: state.count + (state.harmed ? 1 : 0), harmed: !state.harmed };
      const rest = scheduled(plan, { ...after, due: context.time + wait(plan, after) });
      return planned(state.due, 'nemesis', call, rest);
    },
    update: (_context: Context, event: Op) =>
      state.due === undefined || endsCallOf(plan, event)
        ? scheduled(plan, { ...state, due: event.time + wait(plan, state) })
        : generator,
  };
  return generator;
}

function endsCallOf(plan: HarmPlan, event: Op): boolean {
  if (event.process !== 'nemesis' || event.type === 'invoke') return false;
  return event.f === plan.repair.f || plan.harms.some((harm) => harm.call.f === event.f);
}

/** Nanoseconds before the call that comes next. Each has a draw of its own, so asking twice changes nothing. */
function wait(plan: HarmPlan, { count, harmed }: Pick<State, 'count' | 'harmed'>): number {
  const draw = plan.stream.fork(harmed ? 'hold' : 'gap').draw(count);
  if (!harmed) return Math.round((count === 0 ? draw : draw + 0.5) * plan.intervalMs) * nanosPerMs;
  const share = chosen(plan, count).breaksQuorum === true ? 0.5 : 1;
  return Math.round(Math.max(plan.minimumHarmMs, (draw + 0.5) * plan.intervalMs * share)) * nanosPerMs;
}

function chosen(plan: HarmPlan, count: number): Harm {
  if (count === 0) return plan.harms[0] as Harm;
  let point =
    plan.stream.fork('choice').draw(count) * plan.harms.reduce((sum, { weight }) => sum + weight, 0);
  for (const harm of plan.harms) {
    point -= harm.weight;
    if (point < 0) return harm;
  }
  return plan.harms[plan.harms.length - 1] as Harm;
}
