// Every report of a run into its folder. A report that cannot be made or written is told and changes no verdict.

import { renderAll } from '../../reports/registry.ts';
import type { RunFolder } from '../store.ts';
import type { TestRun } from '../test-run.ts';

export async function writeReports(
  run: TestRun,
  folder: RunFolder,
  say: (text: string) => void,
): Promise<void> {
  const { files, notes } = renderAll(run);
  for (const note of notes) say(note);
  for (const file of files) {
    try {
      await folder.write(file.path, file.content);
    } catch (error) {
      say(`${file.path} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
