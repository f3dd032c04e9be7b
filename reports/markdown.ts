// summary.md: the verdict for the summary of a job or a chat. Small enough for every reader (GitHub drops a summary of
// more than 1 MiB whole), and inert: nothing recorded becomes markup.

import type { Counterexample } from '../checkers/counterexample.ts';
import type { TestRun } from '../harness/test-run.ts';
import { faultActions, faultTotals, type ShadedSpan, shadedSpans } from './fault-schedule.ts';
import { answerText, callText } from './operation-text.ts';
import type { Report } from './report.ts';
import { operationTotals, runFacts } from './run-facts.ts';
import { countText, plural, safeLine, shortened } from './safe-text.ts';
import { decimalsFor, momentText } from './time-text.ts';
import {
  asSentence,
  counterexampleTitle,
  deadEndLines,
  shrunkText,
  spansDuring,
  spanText,
} from './violation-words.ts';

const shownCounterexamples = 3;
const shownOperations = 30;
const limitCharacters = 60_000;

const icons = {
  valid: '✅',
  violation: '❌',
  unknown: '❔',
  'harness-failure': '⚠️',
  interrupted: '⏹️',
} as const;

export const markdownReport: Report = {
  name: 'markdown',
  render: (run) => [{ path: 'summary.md', content: summary(run) }],
};

function summary(run: TestRun): string {
  const { verdict, plan } = run;
  const head = [`## ${icons[verdict.conclusion]} ${escaped(shortened(verdict.sentence, 2_000))}`];
  if (plan.mutant !== undefined) {
    head.push(`**Mutant ${inCode(plan.mutant)}**: this system was broken on purpose.`);
  }
  if (verdict.partial) head.push('**Partial history**: the recording ends before the plan did.');
  // The command stands above what may be long, so that a cut never takes it.
  const parts = [
    ...head,
    ...operationLines(run),
    ...repeatLines(run),
    ...problemLines(run),
    ...faultLines(run),
  ];
  const spans = shadedSpans(run.history, plan.faults);
  const found = run.result.counterexamples ?? [];
  for (const counterexample of found.slice(0, shownCounterexamples)) {
    parts.push(...counterexampleLines(counterexample, run, spans));
  }
  if (found.length > shownCounterexamples) {
    parts.push(`${plural(found.length - shownCounterexamples, 'more violation')} in report.html.`);
  }
  return fitting(parts);
}

/** Whole parts, as long as there is room. A character has at most three bytes here: 60,000 are below 200 kB. */
function fitting(parts: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const part of parts) {
    length += part.length + 2;
    if (length > limitCharacters) {
      kept.push('The rest is too long for this page; see report.html.');
      break;
    }
    kept.push(part);
  }
  return `${kept.join('\n\n')}\n`;
}

function operationLines({ history }: TestRun): string[] {
  const facts = runFacts(history);
  const { okShare } = operationTotals(facts);
  const { ok, fail, info } = facts.outcomes;
  return [
    `${plural(facts.operations, 'operation')} on ${plural(facts.byKey.length, 'key')}: ${countText(ok)} ok (${okShare}), ${countText(fail)} failed, ${countText(info)} unknown.`,
  ];
}

function repeatLines({ plan }: TestRun): string[] {
  if (plan.command === '') return [];
  return [`Repeat: ${inCode(plan.command)}`];
}

function problemLines({ problems }: TestRun): string[] {
  if (problems.length === 0) return [];
  const lines = problems
    .slice(0, 20)
    .map(
      ({ stage, node, message }) =>
        `- ${escaped(node === undefined ? stage : `${stage} (${node})`)}: ${escaped(shortened(message, 1_000))}`,
    );
  return [`### Problems of the harness`, lines.join('\n')];
}

function faultLines({ history, plan }: TestRun): string[] {
  const totals = faultTotals(faultActions(history, plan.faults), plan.faults);
  if (totals.length === 0) return ['No faults.'];
  const rows = totals
    .slice(0, 50)
    .map(
      ({ name, applied, skipped, failed, healed, notHealed }) =>
        `| ${escaped(shortened(name, 60))} | ${applied} | ${skipped} | ${failed} | ${healed} | ${notHealed} |`,
    );
  return [
    [
      '| Fault | took effect | skipped | failed | healed, verified | not healed |',
      '|---|--:|--:|--:|--:|--:|',
      ...rows,
    ].join('\n'),
  ];
}

function counterexampleLines(found: Counterexample, run: TestRun, spans: readonly ShadedSpan[]): string[] {
  const during = spansDuring(found, spans).map(spanText);
  const list = (lines: readonly string[]): string =>
    lines
      .slice(0, 40)
      .map((line, i) => `${i + 1}. ${escaped(asSentence(shortened(line, 1_000)))}`)
      .join('\n');
  return [
    `### ${escaped(counterexampleTitle(found))}`,
    escaped(asSentence(shortened(found.sentence, 2_000))),
    ...(found.observed.length === 0 ? [] : ['**Observed**', list(found.observed)]),
    ...(found.because.length === 0 ? [] : ['**Why no order explains it**', list(found.because)]),
    '**How far an order gets**',
    list(deadEndLines(found)),
    `**Faults active then:** ${during.length === 0 ? 'none' : escaped(during.join(', '))}`,
    operationTable(found, run),
    escaped(shrunkText(found)),
  ];
}

function operationTable({ operations, culprit }: Counterexample, { history }: TestRun): string {
  const shown = operations.slice(0, shownOperations);
  const moments = shown.flatMap(({ invokedAt, completedAt }) =>
    Number.isFinite(completedAt)
      ? [history.time(invokedAt), history.time(completedAt)]
      : [history.time(invokedAt)],
  );
  const decimals = decimalsFor(moments);
  const rows = shown.map((operation) => {
    const { id, process, node, call, invokedAt, completedAt } = operation;
    const end = Number.isFinite(completedAt)
      ? momentText(history.time(completedAt), decimals)
      : 'never known';
    const who = node === undefined ? String(process) : `${process} on ${escaped(node)}`;
    return `| ${id}${id === culprit ? ' ❌' : ''} | ${who} | ${inCode(callText(call))} | ${inCode(answerText(operation))} | ${momentText(history.time(invokedAt), decimals)} | ${end} |`;
  });
  const left = operations.length - shown.length;
  return [
    '| Operation | Process | Call | Answer | Invoked | Completed |',
    '|--:|---|---|---|--:|--:|',
    ...rows,
    ...(left > 0 ? [`| and ${left} more | | | | | |`] : []),
  ].join('\n');
}

/** One line in which no character means anything. */
function escaped(text: string): string {
  return safeLine(text)
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '')
    .replace(/[\\`*_[\]|~#]/g, '\\$&');
}

/** Fenced by more backticks than it holds; a bar would end the cell of a table, within a fence too. */
function inCode(text: string): string {
  const line = safeLine(shortened(text, 2_000)).replaceAll('|', '¦');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
