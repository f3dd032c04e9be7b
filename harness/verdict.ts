// From everything that is known at the end to one conclusion and one sentence. The only place that makes either.

import type { CheckResult } from '../checkers/checker.ts';
import type { Conclusion, HarnessProblem, PlanSummary, Verdict } from './test-run.ts';

export interface Ending {
  readonly result: CheckResult;
  readonly problems: readonly HarnessProblem[];
  readonly interrupted: boolean;
  /** The history ends before the plan did. */
  readonly partial: boolean;
  /** What ended the run before its time because of --fail-fast; absent where nothing did. */
  readonly endedEarly?: string;
  /** Client operations in the history. */
  readonly operations: number;
  readonly plan?: PlanSummary;
}

/** A violation outranks all; then the harness's own failures, which make a pass worthless; then the interruption. */
export function conclude(ending: Ending): Verdict {
  const conclusion = conclusionOf(ending);
  return { conclusion, sentence: sentenceOf(conclusion, ending), partial: ending.partial };
}

function conclusionOf({ result, problems, interrupted, partial }: Ending): Conclusion {
  if (result.validity === 'invalid') return 'violation';
  if (problems.length > 0) return 'harness-failure';
  if (interrupted) return 'interrupted';
  return result.validity === 'valid' && !partial ? 'valid' : 'unknown';
}

const words: Readonly<Record<Conclusion, string>> = {
  valid: 'VALID',
  violation: 'INVALID',
  unknown: 'UNKNOWN',
  'harness-failure': 'HARNESS FAILURE',
  interrupted: 'INTERRUPTED',
};

function sentenceOf(conclusion: Conclusion, ending: Ending): string {
  const mutant = ending.plan?.mutant === undefined ? '' : ` [mutant ${ending.plan.mutant}]`;
  return `${words[conclusion]}${mutant}: ${reasonOf(conclusion, ending)} (${circumstances(ending)})`;
}

function reasonOf(conclusion: Conclusion, { result, problems, partial, endedEarly }: Ending): string {
  const soFar = partial ? 'no violation in what was recorded' : 'no violation was found';
  switch (conclusion) {
    case 'valid':
      // The workload's own checker comes first; the others have nothing to say when all is well.
      return Object.values(result.parts ?? {})[0]?.summary ?? result.summary;
    case 'violation':
      return endedEarly === undefined
        ? result.summary
        : `${result.summary}; the run was ended early because of --fail-fast`;
    case 'unknown':
      if (endedEarly !== undefined) {
        return `--fail-fast ended the run early (${endedEarly}), but the check at its end did not confirm that: ${result.summary}`;
      }
      if (result.validity === 'valid') return `${soFar}, but the history is partial`;
      return `${soFar}, but ${result.summary}`;
    case 'harness-failure': {
      const first = problems[0];
      const more = problems.length > 1 ? ` and ${problems.length - 1} more` : '';
      const where = first?.node === undefined ? '' : ` (${first.node})`;
      return `${first?.stage ?? 'the run'}${where}: ${first?.message ?? 'failed'}${more}; ${soFar}`;
    }
    case 'interrupted':
      return `stopped before its end; ${soFar}`;
  }
}

function circumstances({ operations, plan }: Ending): string {
  const counted = `${operations.toLocaleString('en')} operation${operations === 1 ? '' : 's'} recorded`;
  if (plan === undefined) return counted;
  const faults = plan.faults.map((fault) => fault.name).join(', ');
  const nodes = `${plan.nodes.length} node${plan.nodes.length === 1 ? '' : 's'}`;
  return `${counted}, ${nodes}, ${faults === '' ? 'no faults' : `faults: ${faults}`}, seed ${plan.seed}`;
}
