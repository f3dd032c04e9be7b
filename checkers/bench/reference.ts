// Another checker beside ours, on the same histories in the same run: a program whose path an environment variable gives.

import { execFileSync } from 'node:child_process';

/** The program that is compared with; undefined: none. */
export const reference = process.env['FAULTLINE_REFERENCE_CHECKER'];

export interface ReferenceMeasures {
  /** `valid`, `invalid`, or whatever else became of it, in words. */
  readonly verdict: string;
  /** Median of the runs by the clock, reading the file not included; absent where there was no verdict. */
  readonly ms?: number;
  readonly megabytes?: number;
}

/**
 * Calls `program FILE MODEL SECONDS RUNS`: a history of ours in JSON lines, the model's name, what it may take, and how
 * often to judge it. The program prints one line of JSON: {@link ReferenceMeasures}.
 */
export function runReference(
  program: string,
  file: string,
  model: string,
  { seconds, runs }: { readonly seconds: number; readonly runs: number },
): ReferenceMeasures {
  try {
    const args = [file, model, String(seconds), String(runs)];
    const text = execFileSync(program, args, { encoding: 'utf8', timeout: (seconds * runs + 120) * 1000 });
    const { verdict, ms, megabytes } = JSON.parse(text) as ReferenceMeasures;
    if (typeof verdict !== 'string') throw new Error(`${program} printed ${text.slice(0, 80)}`);
    return {
      verdict,
      ...(ms === undefined ? {} : { ms }),
      ...(megabytes === undefined ? {} : { megabytes }),
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { verdict: `failed: ${text.split('\n')[0] ?? ''}` };
  }
}

/** In words, with the ratio of its time to ours. */
export function comparison({ verdict, ms, megabytes }: ReferenceMeasures, ourMs: number): string {
  const size = megabytes === undefined ? '' : `, ${megabytes.toFixed(0)} MB`;
  if (ms === undefined) return `reference: ${verdict}${size}`;
  const ratio = verdict === 'unknown' ? '' : `; ours takes 1/${(ms / ourMs).toFixed(1)} of that`;
  return `reference: ${verdict} in ${ms.toFixed(1)} ms${size}${ratio}`;
}
