// The verdict for a terminal: the sentence, the counterexample in words, the faults, and what to type next. Plain text
// without colours, safe to print whatever was recorded.

import type { Counterexample } from '../checkers/counterexample.ts';
import type { TestRun } from '../harness/test-run.ts';
import { faultActions, faultTotals, type ShadedSpan, shadedSpans } from './fault-schedule.ts';
import { operationTotals, runFacts } from './run-facts.ts';
import { countText, plural, safeLine, safeText, shortened } from './safe-text.ts';
import { asSentence, deadEndLines, shrunkText, spansDuring, spanText } from './violation-words.ts';

const shownProblems = 5;

/** Several lines without a final newline. `folder` is the run folder, where there is one. Never throws. */
export function verdictText(run: TestRun, folder?: string): string {
  const parts = [
    () => [safeLine(shortened(run.verdict.sentence, 2_000))],
    () => partialLines(run),
    () => counterexampleLines(run),
    () => problemLines(run),
    () => factLines(run),
    () => nextLines(run, folder),
  ];
  return parts.flatMap((part) => linesOf(part)).join('\n');
}

/** A part that breaks must not take the sentence with it. */
function linesOf(part: () => readonly string[]): readonly string[] {
  try {
    return part();
  } catch (error) {
    return [`(A part of this text could not be made: ${safeLine(shortened(String(error), 300))})`];
  }
}

function partialLines({ verdict }: TestRun): string[] {
  return verdict.partial ? ['The history is partial: it ends before the plan did.'] : [];
}

function counterexampleLines(run: TestRun): string[] {
  const found = run.result.counterexamples ?? [];
  const [first] = found;
  if (first === undefined) return [];
  const spans = shadedSpans(run.history, run.plan.faults);
  const more = found.length - 1;
  return [
    '',
    ...inWords(first, spans, run.verdict.sentence),
    ...(more > 0 ? ['', `${plural(more, 'more violation')} in report.html and results.json.`] : []),
  ];
}

/** The counterexample's own sentence only where the verdict's did not have it already. */
function inWords(found: Counterexample, spans: readonly ShadedSpan[], verdict: string): string[] {
  const during = spansDuring(found, spans).map(spanText);
  return [
    ...(verdict.includes(found.sentence) ? [] : [lineOf(found.sentence)]),
    'Observed:',
    ...found.observed.map((line) => `  - ${lineOf(line)}`),
    'Why no order explains it:',
    ...found.because.map((line) => `  - ${lineOf(line)}`),
    'How far an order gets:',
    ...deadEndLines(found).map((line) => `  - ${lineOf(line)}`),
    `Faults active then: ${during.length === 0 ? 'none' : safeLine(during.join(', '))}.`,
    shrunkText(found),
  ];
}

function lineOf(clause: string): string {
  return asSentence(safeLine(shortened(clause, 500)));
}

function problemLines({ problems }: TestRun): string[] {
  if (problems.length === 0) return [];
  const shown = problems.slice(0, shownProblems).map(({ stage, node, message }) => {
    const where = node === undefined ? stage : `${stage} (${node})`;
    return `  - ${safeLine(shortened(`${where}: ${message}`, 500))}`;
  });
  const more = problems.length - shown.length;
  return ['', 'Problems of the harness:', ...shown, ...(more > 0 ? [`  - and ${more} more`] : [])];
}

function factLines(run: TestRun): string[] {
  const facts = runFacts(run.history);
  const { okShare, perKey } = operationTotals(facts);
  const { ok, fail, info } = facts.outcomes;
  const keys =
    facts.byKey.length === 0
      ? ''
      : `; ${plural(facts.byKey.length, 'key')}, median ${plural(perKey, 'operation')}`;
  return [
    '',
    `Operations: ${countText(facts.operations)} (${okShare} ok): ${countText(ok)} ok, ${countText(fail)} failed, ${countText(info)} unknown${keys}.`,
    `Faults: ${faultLine(run)}.`,
  ];
}

function faultLine(run: TestRun): string {
  const totals = faultTotals(faultActions(run.history, run.plan.faults), run.plan.faults);
  if (totals.length === 0) return 'none';
  return totals
    .map(({ name, applied, skipped, failed, notHealed }) => {
      const rest = [
        ...(skipped > 0 ? [`${skipped} skipped`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(notHealed > 0 ? [`${notHealed} not healed`] : []),
      ];
      const times = applied === 0 ? 'never took effect' : `took effect ${plural(applied, 'time')}`;
      return `${safeLine(name)} ${times}${rest.length === 0 ? '' : ` (${rest.join(', ')})`}`;
    })
    .join(', ');
}

function nextLines({ plan }: TestRun, folder: string | undefined): string[] {
  return [
    '',
    ...(plan.command === '' ? [] : [`Repeat:  ${safeText(plan.command)}`]),
    ...(folder === undefined ? [] : [`Again:   faultline check ${safeText(folder)}`]),
    ...(folder === undefined ? [] : [`Report:  ${safeText(folder)}/report.html`]),
  ];
}
