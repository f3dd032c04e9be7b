// junit.xml: a suite a run, with a case for each check and for each part of a check that is not valid, and two about
// the faults. A violation is a failure; what is unknown, and what the harness failed at, is an error, never a pass.

import type { CheckResult } from '../checkers/checker.ts';
import type { Counterexample } from '../checkers/counterexample.ts';
import type { TestRun } from '../harness/test-run.ts';
import { faultActions, faultTotals } from './fault-schedule.ts';
import { keyVerdicts } from './key-verdicts.ts';
import type { Report } from './report.ts';
import { plural, safeText, shortened } from './safe-text.ts';
import { asSentence, deadEndLines, shrunkText } from './violation-words.ts';

const shownParts = 200;

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly trouble?: { readonly kind: 'failure' | 'error'; readonly message: string; readonly text: string };
}

export const junitReport: Report = {
  name: 'junit',
  render: (run) => [{ path: 'junit.xml', content: suite(run) }],
};

function suite(run: TestRun): string {
  const { plan, startedAt, stages } = run;
  const cases = casesOf(run);
  const count = (kind: 'failure' | 'error'): number =>
    cases.filter((one) => one.trouble?.kind === kind).length;
  const seconds = (stages.reduce((sum, stage) => sum + stage.ms, 0) / 1000).toFixed(3);
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" time="${seconds}"`;
  const properties: [string, string][] = [
    ['sentence', run.verdict.sentence],
    ['conclusion', run.verdict.conclusion],
    ['seed', String(plan.seed)],
    ['command', plan.command],
    ['report', 'report.html'],
    ...(plan.mutant === undefined ? [] : ([['mutant', plan.mutant]] as [string, string][])),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="faultline" ${totals}>
<testsuite name="${attribute(plan.name)}" ${totals} timestamp="${attribute(startedAt)}">
<properties>
${properties.map(([name, value]) => `<property name="${name}" value="${attribute(shortened(value, 4_000))}"/>`).join('\n')}
</properties>
${cases.map(caseXml).join('\n')}
</testsuite>
</testsuites>
`;
}

function caseXml({ classname, name, trouble }: Case): string {
  const open = `<testcase classname="${attribute(shortened(classname, 200))}" name="${attribute(shortened(name, 200))}"`;
  if (trouble === undefined) return `${open}/>`;
  const { kind, message, text } = trouble;
  return `${open}><${kind} message="${attribute(shortened(message, 2_000))}">${xmlText(shortened(text, 20_000))}</${kind}></testcase>`;
}

/** The verdict itself comes first: what makes it worse than its checks (an interruption, say) shows there. */
function casesOf(run: TestRun): Case[] {
  return [verdictCase(run), ...checkCases(run.result), ...faultCases(run)];
}

function verdictCase({ verdict, problems }: TestRun): Case {
  const base = { classname: 'faultline', name: 'verdict' };
  if (verdict.conclusion === 'valid') return base;
  const kind = verdict.conclusion === 'violation' ? 'failure' : 'error';
  const text = [
    verdict.sentence,
    ...problems.map(
      ({ stage, node, message }) => `${stage}${node === undefined ? '' : ` (${node})`}: ${message}`,
    ),
  ].join('\n');
  return { ...base, trouble: { kind, message: verdict.sentence, text } };
}

function checkCases(result: CheckResult): Case[] {
  const checks = Object.entries(result.parts ?? {});
  return checks.flatMap(([name, check]) => [
    checkCase('checks', name, check),
    ...badKeys(check)
      .slice(0, shownParts)
      .map(([key, part]) => checkCase(`checks.${name}`, key, part)),
  ]);
}

/** The parts and keys of a check that are not valid; those that are valid stand behind the check's own case. */
function badKeys(check: CheckResult): [string, CheckResult][] {
  return [...keyVerdicts(check)]
    .filter(([, validity]) => validity !== 'valid')
    .map(([key, validity]) => {
      const found = (check.counterexamples ?? []).filter((counterexample) => counterexample.key === key);
      const summary = found[0]?.sentence ?? `${key} is ${validity}`;
      return [key, check.parts?.[key] ?? { validity, summary, counterexamples: found }];
    });
}

function checkCase(classname: string, name: string, result: CheckResult): Case {
  if (result.validity === 'valid') return { classname, name };
  const found = (result.counterexamples ?? []).slice(0, 5).map(counterexampleText);
  const kind = result.validity === 'invalid' ? 'failure' : 'error';
  return {
    classname,
    name,
    trouble: { kind, message: result.summary, text: [result.summary, ...found].join('\n\n') },
  };
}

function counterexampleText(found: Counterexample): string {
  return [
    asSentence(found.sentence),
    'Observed:',
    ...found.observed.map((line) => `- ${asSentence(line)}`),
    'Why no order explains it:',
    ...found.because.map((line) => `- ${asSentence(line)}`),
    'How far an order gets:',
    ...deadEndLines(found).map((line) => `- ${asSentence(line)}`),
    shrunkText(found),
  ].join('\n');
}

function faultCases({ history, plan }: TestRun): Case[] {
  const totals = faultTotals(faultActions(history, plan.faults), plan.faults);
  if (totals.length === 0) return [];
  const dead = totals.filter((fault) => fault.applied === 0 || fault.failed > 0);
  const left = totals.filter((fault) => fault.notHealed > 0);
  const trouble = (lines: readonly string[]): Pick<Case, 'trouble'> =>
    lines.length === 0
      ? {}
      : { trouble: { kind: 'error', message: lines.join('; '), text: lines.join('\n') } };
  return [
    {
      classname: 'faults',
      name: 'faults applied',
      ...trouble(
        dead.map(({ name, applied, skipped, failed }) =>
          applied === 0
            ? `${name} never took effect (${skipped} skipped, ${failed} failed)`
            : `${name} failed ${plural(failed, 'time')}`,
        ),
      ),
    },
    {
      classname: 'faults',
      name: 'healed',
      ...trouble(left.map(({ name, notHealed }) => `${name} was not healed ${plural(notHealed, 'time')}`)),
    },
  ];
}

/** Safe text has none of the characters that XML 1.0 forbids: controls are shown, lone surrogates replaced. */
function xmlText(text: string): string {
  return safeText(text).replace(
    /[&<>"']/g,
    (character) =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[character] ?? '',
  );
}

function attribute(text: string): string {
  return xmlText(text).replace(/\n/g, '&#10;').replace(/\t/g, '&#9;');
}
