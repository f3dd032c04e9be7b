// report.html: one file that tells everything, opens from a disk, asks nobody for anything and runs no script. It reads
// without its style too. Parts that break are replaced by notes; the verdict is always there.

import { createHash } from 'node:crypto';
import type { TestRun } from '../harness/test-run.ts';
import { banner, shownSentence } from './html/banner.ts';
import { checkTree } from './html/check-tree.ts';
import { environmentSection, reproduceSection } from './html/environment-section.ts';
import { Html, html } from './html/escape.ts';
import { faultSchedule } from './html/fault-table.ts';
import { harnessSection } from './html/harness-section.ts';
import { conclusionLooks, favicon } from './html/marks.ts';
import { keyTable, operationTables } from './html/operation-tables.ts';
import { performance } from './html/performance-charts.ts';
import { RunView } from './html/run-view.ts';
import { guarded, type RenderedSection, renderSection, type Section } from './html/section.ts';
import { style } from './html/style.ts';
import { timeline } from './html/timeline.ts';
import { violation } from './html/violation.ts';
import type { Report } from './report.ts';

export const htmlReport: Report = {
  name: 'html',
  render: (run) => [{ path: 'report.html', content: page(run, sectionsOf(new RunView(run))) }],
};

function sectionsOf(view: RunView): readonly Section[] {
  return [
    { id: 'violation', title: 'What went wrong', body: () => violation(view) },
    { id: 'timeline', title: 'Timeline', body: () => timeline(view) },
    { id: 'performance', title: 'Latency and rate', body: () => performance(view) },
    { id: 'faults', title: 'Faults', body: () => faultSchedule(view) },
    { id: 'checks', title: 'Checks', body: () => checkTree(view.run.result) },
    { id: 'operations', title: 'Operations', body: () => operationTables(view) },
    { id: 'keys', title: 'Keys', body: () => keyTable(view) },
    { id: 'harness', title: 'Harness', body: () => harnessSection(view) },
    { id: 'environment', title: 'Environment', body: () => environmentSection(view) },
    { id: 'reproduce', title: 'Reproduce', body: () => reproduceSection(view) },
  ];
}

/** The whole page. Exported so that a test can put a section into it that throws. */
export function page(run: TestRun, sections: readonly Section[]): string {
  const rendered = sections.map(renderSection).filter((section) => section !== undefined);
  const top = guarded(() => banner(new RunView(run)));
  const styleHash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Faultline">
<meta name="color-scheme" content="light dark">
<title>${shownSentence(run.verdict.sentence)}</title>
<link rel="icon" href="${favicon(conclusionLooks[run.verdict.conclusion])}">
<style>${new Html(style)}</style>
</head>
<body>
<div class="page">
${top}
<div class="below">
${contents(rendered)}
<main>
${rendered.map((section) => section.markup)}</main>
</div>
<footer>Made by Faultline. This file is all there is: it loads nothing and runs no script.</footer>
</div>
</body>
</html>
`.markup;
}

function contents(sections: readonly RenderedSection[]): Html {
  return html`<nav aria-label="Sections"><ol>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>`;
}
