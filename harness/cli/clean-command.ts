// `faultline clean`: undoes what runs whose controller is dead have left, and says what it was.

import { existsSync } from 'node:fs';
import { sweep, undoers } from '../../docker/sweep.ts';
import { type CleanReport, clean } from '../clean.ts';
import { exitCodes } from './exit-codes.ts';

export interface CleanOptions {
  /** The folder of runs. */
  readonly directory: string;
  /** Clusters that were left running on purpose, too. */
  readonly kept: boolean;
  readonly images: boolean;
}

export async function cleanCommand({ directory, kept, images }: CleanOptions): Promise<number> {
  const report = existsSync(directory) ? await clean(directory, undoers) : { runs: [] };
  const swept = await sweep({ kept, images });
  const lines = [
    ...cleanedLines(report),
    ...swept.removed.map((what) => `removed ${what}`),
    ...swept.left.map(({ what, why }) => `could not remove ${what}: ${why}`),
  ];
  const live = report.runs.filter((run) => run.state === 'live').length;
  if (live > 0) lines.push(`${live} run${live === 1 ? ' is' : 's are'} still going on and left alone.`);
  if (lines.length === 0) {
    const where = existsSync(directory) ? '' : `: there is no folder of runs at ${directory}`;
    lines.push(`Nothing to clean${where}.`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  const isDirty = swept.left.length > 0 || report.runs.some((run) => run.state === 'dirty');
  return isDirty ? exitCodes.harnessFailure : exitCodes.valid;
}

/** What was removed and what could not be, a line each. */
export function cleanedLines(report: CleanReport): string[] {
  return report.runs.flatMap((run) => [
    ...run.removed.map((what) => `removed ${what} (${run.directory})`),
    ...run.left.map(({ what, why }) => `could not remove ${what}: ${why} (${run.directory})`),
  ]);
}
