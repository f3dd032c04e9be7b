// A finished run to files. Pure: a report writes nothing and asks no clock.

import type { TestRun } from '../harness/test-run.ts';

export interface ReportFile {
  /** Below the run folder. */
  readonly path: string;
  readonly content: string;
}

export interface Report {
  readonly name: string;
  render(run: TestRun): readonly ReportFile[];
}
