// Holds a plan to the rules of plans and says which one it broke. Knows nothing of what its calls mean.

import { canonicalJson } from '../../checkers/json.ts';
import type { Context, Next, OpGenerator, Planned } from './generator.ts';
import { rewrap } from './next.ts';

/** A plan that is no proper plan: the rule it broke and what it gave. */
export class IllFormedPlanError extends Error {
  override name = 'IllFormedPlanError';
}

/** The same plan; what it answers is checked. Errors are IllFormedPlanError, with what it threw as their cause. */
export function validate(plan: OpGenerator): OpGenerator {
  return {
    next(context) {
      const next = guarded('asked for its next op', context, () => plan.next(context));
      checkNext(next, context);
      return rewrap(next, validate);
    },
    update: (context, event) =>
      validate(guarded(`told of op ${event.index}`, context, () => plan.update(context, event))),
  };
}

function guarded<T>(when: string, context: Context, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new IllFormedPlanError(`the plan threw when ${when} at ${context.time} ns: ${message}`, {
      cause: error,
    });
  }
}

function checkNext(next: Next, context: Context): void {
  const kind: unknown = (next as { kind?: unknown } | null | undefined)?.kind;
  if (kind !== 'op' && kind !== 'pending' && kind !== 'exhausted') {
    throw new IllFormedPlanError(
      `a plan answers with kind "op", "pending" or "exhausted", but this one answered ${shown(next)}`,
    );
  }
  if (next.kind === 'op') checkOp(next.op, context);
  if (next.kind !== 'exhausted') checkPlan('rest', next.rest);
  if (next.kind === 'op' && next.kept !== undefined) checkPlan('kept', next.kept);
  if (
    next.kind === 'pending' &&
    next.until !== undefined &&
    (typeof next.until !== 'number' || Number.isNaN(next.until))
  ) {
    throw new IllFormedPlanError(`"until" must be a number of nanoseconds, but it is ${shown(next.until)}`);
  }
}

function checkPlan(name: string, plan: Partial<OpGenerator> | undefined): void {
  if (typeof plan?.next !== 'function' || typeof plan.update !== 'function') {
    throw new IllFormedPlanError(`"${name}" must be a plan, with next and update`);
  }
}

function checkOp(op: Planned, context: Context): void {
  const broke = (rule: string): never => {
    throw new IllFormedPlanError(`${rule}: ${shown(op)} at ${context.time} ns`);
  };
  if (typeof op !== 'object' || op === null) broke('an answer of kind "op" needs an op');
  if (!Number.isFinite(op.time)) broke('the time of an op must be a finite number of nanoseconds');
  if (!context.threads.includes(op.thread)) {
    broke(`thread ${String(op.thread)} does not exist (threads: ${context.threads.join(' ')})`);
  }
  if (!context.free.includes(op.thread)) {
    broke(`thread ${op.thread} is not free (free: ${context.free.join(' ') || 'none'})`);
  }
  const call: { f?: unknown; key?: unknown; value?: unknown } | undefined = op.call;
  if (typeof call !== 'object' || call === null) return broke('an op needs a call');
  if (typeof call.f !== 'string' || call.f === '') broke('a call needs f, the name of a function');
  if (call.key !== undefined && typeof call.key !== 'string') broke('the key of a call must be text');
  if (call.value !== undefined && !isJson(op.call.value)) broke('the value of a call must be JSON');
}

function isJson(value: Planned['call']['value']): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  try {
    return value !== undefined && canonicalJson(value) !== '';
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
