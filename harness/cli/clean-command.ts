// `faultline clean`: undoes what runs whose controller is dead have left, and says what it was.

import { existsSync } from 'node:fs';
import { type CleanReport, clean } from '../clean.ts';
import { exitCodes } from './exit-codes.ts';

export async function cleanCommand(directory: string): Promise<number> {
  if (!existsSync(directory)) {
    process.stdout.write(`Nothing to clean: there is no folder of runs at ${directory}.\n`);
    return exitCodes.valid;
  }
  const report = await clean(directory);
  const lines = cleanedLines(report);
  const live = report.runs.filter((run) => run.state === 'live').length;
  if (live > 0) lines.push(`${live} run${live === 1 ? ' is' : 's are'} still going on and left alone.`);
  process.stdout.write(lines.length === 0 ? 'Nothing to clean.\n' : `${lines.join('\n')}\n`);
  return report.runs.some((run) => run.state === 'dirty') ? exitCodes.harnessFailure : exitCodes.valid;
}

/** What was removed and what could not be, a line each. */
export function cleanedLines(report: CleanReport): string[] {
  return report.runs.flatMap((run) => [
    ...run.removed.map((what) => `removed ${what} (${run.directory})`),
    ...run.left.map(({ what, why }) => `could not remove ${what}: ${why} (${run.directory})`),
  ]);
}
