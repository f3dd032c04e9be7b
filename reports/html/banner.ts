// The top of the page: icon, word, sentence, and what the verdict rests on.

import { faultTotals } from '../fault-schedule.ts';
import { operationTotals } from '../run-facts.ts';
import { countText, plural, shortened } from '../safe-text.ts';
import { durationText } from '../time-text.ts';
import { type Content, code, type Html, html, prose } from './escape.ts';
import { conclusionLooks, icon } from './marks.ts';
import type { RunView } from './run-view.ts';
import { guarded } from './section.ts';
import { factList } from './table.ts';

/** The sentence as the page shows it, in the banner and as its title. */
export function shownSentence(sentence: string): string {
  return shortened(sentence, 2_000);
}

export function banner(view: RunView): Html {
  const { verdict, plan, startedAt } = view.run;
  const look = conclusionLooks[verdict.conclusion];
  return html`<header class="banner ${look.tone}">
<p class="eyebrow">Faultline · ${prose(plan.name)} on ${prose(plan.system.name)} · ${prose(plan.environment)} · ${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</p>
<div class="verdict">${icon(look, 52)}<div><p class="word">${look.word}</p>
<h1>${prose(shownSentence(verdict.sentence))}</h1></div></div>
${guarded(() => warnings(view))}
${guarded(() => worth(view))}
</header>`;
}

function warnings({ run }: RunView): Html | undefined {
  const lines: Html[] = [];
  if (run.plan.mutant !== undefined) {
    lines.push(
      html`<li><strong>Mutant ${code(run.plan.mutant)}</strong>: this system was broken on purpose, to see whether the test finds it.</li>`,
    );
  }
  if (run.verdict.partial) {
    lines.push(
      html`<li><strong>Partial history</strong>: the recording ends before the plan did. The verdict covers what was recorded and nothing else.</li>`,
    );
  }
  if (run.problems.length > 0) {
    lines.push(
      html`<li><strong>${plural(run.problems.length, 'problem')} of the harness</strong>, see <a href="#harness">Harness</a>.</li>`,
    );
  }
  return lines.length === 0 ? undefined : html`<ul class="warnings">${lines}</ul>`;
}

function worth({ facts, actions, run }: RunView): Html {
  const totals = operationTotals(facts);
  const faults = faultTotals(actions);
  const effective = faults.filter((fault) => fault.applied > 0);
  const applied = effective.reduce((sum, fault) => sum + fault.applied, 0);
  const entries: [string, Content][] = [
    [
      'Operations',
      html`${countText(totals.all)} <small>${totals.all === 0 ? 'nothing was asked' : `${totals.okShare} ok`}</small>`,
    ],
    [
      'Keys',
      html`${countText(facts.byKey.length)} <small>${facts.byKey.length === 0 ? '' : `median ${plural(totals.perKey, 'operation')}`}</small>`,
    ],
    [
      'Faults that took effect',
      html`${applied} <small>${effective.length === 0 ? 'none' : effective.map((fault) => `${fault.name} ${fault.applied}`).join(', ')}</small>`,
    ],
    ['Time', html`${durationText(facts.end)} <small>${plural(run.plan.nodes.length, 'node')}</small>`],
    ['Seed', html`<span class="seed">${run.plan.seed}</span>`],
  ];
  const title = run.verdict.conclusion === 'valid' ? 'What this pass is worth' : 'What was recorded';
  return html`<h2 class="quiet-title">${title}</h2>${factList(entries)}`;
}
