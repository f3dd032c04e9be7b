// Holds a plan to the rules of plans and says which one it broke. Knows nothing of what its calls mean.

import { canonicalJson, type Json } from '../../checkers/json.ts';
import type { Op } from '../../checkers/op.ts';
import type { Context, Next, OpGenerator, Planned } from './generator.ts';
import { rewrap } from './next.ts';

/** A plan that is no proper plan: the rule it broke and what it gave. */
export class IllFormedPlanError extends Error {
  override name = 'IllFormedPlanError';
}

/** The same plan; what it answers is checked. Errors are IllFormedPlanError, with what it threw as their cause. */
export function validate(plan: OpGenerator): OpGenerator {
  return {
    next: (context) => rewrap(ask(plan, context), validate),
    update: (context, event) => validate(tell(plan, context, event)),
  };
}

/** What the plan answers, if that is a proper answer. Throws IllFormedPlanError. */
export function ask(plan: OpGenerator, context: Context): Next {
  let next: Next;
  try {
    next = plan.next(context);
  } catch (error) {
    throw thrownBy(error, `asked for its next op at ${context.time} ns`);
  }
  checkNext(next, context);
  return next;
}

/** The plan that knows of the event. Throws IllFormedPlanError. */
export function tell(plan: OpGenerator, context: Context, event: Op): OpGenerator {
  let told: OpGenerator;
  try {
    told = plan.update(context, event);
  } catch (error) {
    throw thrownBy(error, `told of op ${event.index} at ${context.time} ns`);
  }
  checkPlan('the result of update', told);
  return told;
}

function thrownBy(cause: unknown, when: string): IllFormedPlanError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new IllFormedPlanError(`the plan threw when ${when}: ${message}`, { cause });
}

function checkNext(next: Next, context: Context): void {
  const kind: unknown = (next as { kind?: unknown } | null | undefined)?.kind;
  if (kind !== 'op' && kind !== 'pending' && kind !== 'exhausted') {
    throw new IllFormedPlanError(
      `a plan answers with kind "op", "pending" or "exhausted", but this one answered ${shown(next)}`,
    );
  }
  if (next.kind === 'op') checkOp(next.op, context);
  if (next.kind !== 'exhausted') checkPlan('"rest"', next.rest);
  if (next.kind === 'op' && next.kept !== undefined) checkPlan('"kept"', next.kept);
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
    throw new IllFormedPlanError(`${name} must be a plan, with next and update`);
  }
}

function checkOp(op: Planned, context: Context): void {
  const rule = brokenRule(op, context);
  if (rule !== undefined) throw new IllFormedPlanError(`${rule}: ${shown(op)} at ${context.time} ns`);
}

function brokenRule(op: Planned, context: Context): string | undefined {
  if (typeof op !== 'object' || op === null) return 'an answer of kind "op" needs an op';
  if (!Number.isFinite(op.time)) return 'the time of an op must be a finite number of nanoseconds';
  if (!context.free.includes(op.thread)) {
    return context.threads.includes(op.thread)
      ? `thread ${op.thread} is not free (free: ${context.free.join(' ') || 'none'})`
      : `thread ${String(op.thread)} does not exist (threads: ${context.threads.join(' ')})`;
  }
  const call: { f?: unknown; key?: unknown; value?: Json } | undefined = op.call;
  if (typeof call !== 'object' || call === null) return 'an op needs a call';
  if (typeof call.f !== 'string' || call.f === '') return 'a call needs f, the name of a function';
  if (call.key !== undefined && typeof call.key !== 'string') return 'the key of a call must be text';
  return call.value === undefined || isJson(call.value) ? undefined : 'the value of a call must be JSON';
}

function isJson(value: Json): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  try {
    return canonicalJson(value) !== '';
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
