// Faults that were tried and not seen to take effect or to be healed: the harness's failures, read off the history so
// that a run and its folder tell the same.

import type { History } from '../checkers/history.ts';
import type { Json } from '../checkers/json.ts';
import type { HarnessProblem } from './test-run.ts';

/** Without a leader after the last heal the system is unavailable, which is no failure of the harness. */
const ABOUT_THE_SYSTEM = new Set(['await-leader']);

export function faultProblems(history: History): HarnessProblem[] {
  const problems: HarnessProblem[] = [];
  for (let index = 0; index < history.length; index++) {
    if (!history.isNemesis(index) || history.type(index) === 'invoke') continue;
    const f = history.f(index);
    const outcome = history.value(index);
    if (ABOUT_THE_SYSTEM.has(f) || !isFailed(outcome)) continue;
    const at = (history.time(index) / 1e9).toFixed(1);
    const reason = typeof outcome.reason === 'string' ? outcome.reason : 'it was not seen to take effect';
    problems.push({ stage: `the fault ${f} at ${at} s`, message: reason });
  }
  return problems;
}

function isFailed(
  outcome: Json | undefined,
): outcome is { readonly status: 'failed'; readonly reason?: Json } {
  return (
    typeof outcome === 'object' && outcome !== null && 'status' in outcome && outcome.status === 'failed'
  );
}
