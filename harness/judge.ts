// Every check that a run has to pass, joined. The same for a run that has just ended and for one read from its folder.

import { type Budget, type Checker, type CheckResult, compose } from '../checkers/checker.ts';
import { coverage } from '../checkers/coverage.ts';
import type { History } from '../checkers/history.ts';
import { stats } from '../checkers/stats.ts';
import type { UnexpectedExit } from './environment.ts';
import type { FaultBand } from './nemesis/nemesis.ts';

export interface Judgement {
  /** The workload's own checker. */
  readonly checker: Checker;
  readonly required: readonly string[];
  readonly faults: readonly FaultBand[];
  readonly exits: readonly UnexpectedExit[];
  /** Of the cluster, where there was one. */
  readonly nodes?: number;
}

export function judge(history: History, judgement: Judgement, budget: Budget): Promise<CheckResult> {
  const { checker, required, faults, exits, nodes } = judgement;
  return compose({
    [checker.name]: checker,
    crashes: crashes(exits),
    stats: stats(),
    coverage: coverage({ required, faults, ...(nodes === undefined ? {} : { nodes }) }),
  }).check(history, budget);
}

/** A program that ended without being told to is a finding of its own. */
function crashes(exits: readonly UnexpectedExit[]): Checker {
  return {
    name: 'crashes',
    check: async () => {
      const first = exits[0];
      if (first === undefined) return { validity: 'valid', summary: 'no node ended by itself' };
      const how = first.signal === null ? `exit code ${first.code}` : first.signal;
      const words = first.lastWords.trim().split('\n').at(-1) ?? '';
      const more = exits.length > 1 ? ` (${exits.length} such exits)` : '';
      return {
        validity: 'invalid',
        summary: `${first.node} ended by itself with ${how}${more}${words === '' ? '' : `: ${words.slice(0, 300)}`}`,
        details: exits.map((exit) => ({ ...exit })),
      };
    },
  };
}
