// What the doctor found, for a terminal. Pure.

import type { Diagnosis } from '../../docker/doctor.ts';
import type { Finding } from '../../docker/doctor-finding.ts';
import type { FaultRow } from '../../docker/doctor-table.ts';

const stateWidth = 'degraded'.length;

export function diagnosisLines(diagnosis: Diagnosis): readonly string[] {
  const { sections, environments, faults, defaultJobWorks } = diagnosis;
  const names = sections.flatMap(({ findings }) => findings.map(({ name }) => name.length));
  const width = Math.max(...names);
  return [
    ...sections.flatMap(({ title, findings }) => [
      title,
      ...findings.flatMap((one) => findingLines(one, width)),
      '',
    ]),
    ...tableLines(faults, environments),
    '',
    defaultJobWorks
      ? 'The default job can run here: faultline test register'
      : 'The default job (faultline test register) cannot run here: see what is missing above.',
  ];
}

function findingLines({ state, name, seen, why, fix }: Finding, width: number): readonly string[] {
  const indent = ' '.repeat(2 + stateWidth + 2 + width + 2);
  const start = `  ${state.padEnd(stateWidth)}  ${name.padEnd(width)}  ${seen}`;
  if (state === 'ok') return [`${start} (for ${why})`];
  return [start, `${indent}for: ${why}`, ...(fix === undefined ? [] : [`${indent}fix: ${fix}`])];
}

/** A fault a row, an environment a column; below it, why something is not there, each reason once. */
function tableLines(rows: readonly FaultRow[], environments: readonly string[]): readonly string[] {
  const width = Math.max('Faults'.length, ...rows.map(({ fault }) => fault.length));
  const columns = environments.map((name) => Math.max(name.length, stateWidth));
  const row = (first: string, cells: readonly string[]) =>
    `${first.padEnd(width)}  ${cells.map((cell, i) => cell.padEnd(columns[i] ?? 0)).join('  ')}`.trimEnd();
  const reasons = new Map<string, string[]>();
  for (const { fault, rulings } of rows) {
    for (const name of environments) {
      const ruling = rulings[name];
      if (ruling === undefined || ruling.verdict === 'works') continue;
      const reason = `${name}: ${ruling.reason}`;
      reasons.set(reason, [...(reasons.get(reason) ?? []), fault]);
    }
  }
  return [
    row('Faults', environments),
    ...rows.map(({ fault, rulings }) =>
      row(
        fault,
        environments.map((name) => rulings[name]?.verdict ?? ''),
      ),
    ),
    ...[...reasons].map(([reason, faults]) => `  ${faults.join(', ')} with --env ${reason}`),
  ];
}
