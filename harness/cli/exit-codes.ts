// How the process ends, in one place. Node's and yargs's own default for a crash and for a typing mistake is 1, which
// here would read as a violation; main.ts maps both.

import type { Conclusion } from '../test-run.ts';

export const exitCodes = {
  /** Valid, and the run was complete and worth something. */
  valid: 0,
  /** A violation was found. Outranks everything. */
  violation: 1,
  /** No violation, but no pass either: the budget ran out, or the run did not cover what it had to. */
  unknown: 2,
  /** The harness or the environment failed: the cluster did not start, a fault was not applied or not healed. */
  harnessFailure: 3,
  /** Interrupted, no violation in what was recorded. */
  interrupted: 130,
  terminated: 143,
  /** Bad arguments or configuration; nothing was touched. */
  usage: 254,
  /** A bug in the tool itself. */
  bug: 255,
} as const;

export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.valid, 'valid, and the run was worth something'],
  [exitCodes.violation, 'a violation was found (outranks everything else)'],
  [exitCodes.unknown, 'unknown: the budget ran out, or the run did not cover what it had to'],
  [
    exitCodes.harnessFailure,
    'the harness or the environment failed (also: a fault not applied or not healed)',
  ],
  [exitCodes.interrupted, 'interrupted by Ctrl-C (143: by SIGTERM), no violation in what was recorded'],
  [exitCodes.usage, 'bad arguments or configuration; nothing was touched'],
  [exitCodes.bug, 'a bug in the tool itself'],
];

/** `signal` is what interrupted the run, if anything did. */
export function exitCodeOf(conclusion: Conclusion, signal?: NodeJS.Signals): number {
  switch (conclusion) {
    case 'valid':
      return exitCodes.valid;
    case 'violation':
      return exitCodes.violation;
    case 'unknown':
      return exitCodes.unknown;
    case 'harness-failure':
      return exitCodes.harnessFailure;
    case 'interrupted':
      return signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
  }
}

/** Of several: a violation outranks all, then input that could not be judged at all, then 3 > 2 > 0. */
export function worstExitCode(codes: readonly number[]): number {
  const ranks = [exitCodes.violation, exitCodes.usage, exitCodes.harnessFailure, exitCodes.unknown];
  return ranks.find((code) => codes.includes(code)) ?? exitCodes.valid;
}
