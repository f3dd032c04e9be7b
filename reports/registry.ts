// All reports by name, and how a run is rendered by every one of them.

import type { TestRun } from '../harness/test-run.ts';
import { counterexampleReport } from './counterexample-file.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import type { Report, ReportFile } from './report.ts';
import { safeLine, shortened } from './safe-text.ts';

/** The cheapest and most needed first: what is written when a later one takes the process down is there. */
export const reports: readonly Report[] = [
  jsonReport,
  junitReport,
  markdownReport,
  counterexampleReport,
  htmlReport,
];

export function reportNamed(name: string): Report | undefined {
  return reports.find((report) => report.name === name);
}

export interface Rendered {
  readonly files: readonly ReportFile[];
  /** A sentence for each report that could not be made. It changes no verdict. */
  readonly notes: readonly string[];
}

export function renderAll(run: TestRun, chosen: readonly Report[] = reports): Rendered {
  const files: ReportFile[] = [];
  const notes: string[] = [];
  for (const report of chosen) {
    try {
      files.push(...report.render(run));
    } catch (error) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      notes.push(`the ${report.name} report could not be made: ${safeLine(shortened(message, 500))}`);
    }
  }
  return { files, notes };
}
