// How the harness itself did: its problems, its stalls, its stages.

import { countText, plural, safeLine, shortened } from '../safe-text.ts';
import { durationText } from '../time-text.ts';
import { type Content, type Html, html, prose } from './escape.ts';
import type { RunView } from './run-view.ts';
import { factList, table } from './table.ts';

/** A longer stall widens every recorded interval so much that it may hide a violation. */
const worryingLagMs = 100;

export function harnessSection({ run }: RunView): Html {
  const { problems, measures, stages, plan } = run;
  const facts: [string, Content][] = [];
  if (measures !== undefined) {
    const { p50, p99, max } = measures.eventLoopLagMs;
    facts.push(
      [
        'Event-loop lag, longest',
        html`${lag(max)} <small>median ${lag(p50)}, 99 % below ${lag(p99)}</small>`,
      ],
      [
        'Rate',
        html`${countText(measures.achievedRate)} /s <small>of ${countText(plan.rate)} /s asked for</small>`,
      ],
      [
        'Late replies',
        html`${countText(measures.lateReplies)} <small>came after their operation was recorded as unknown, and reached nobody</small>`,
      ],
    );
  }
  return html`${
    problems.length === 0
      ? html`<p>The harness reported no problem of its own.</p>`
      : html`<ul class="problems">${problems
          .slice(0, 100)
          .map(
            (problem) =>
              html`<li><strong>${prose(safeLine(shortened(problem.stage, 100)))}${problem.node === undefined ? '' : html` (${prose(problem.node)})`}</strong>: ${prose(shortened(problem.message, 2_000))}</li>`,
          )}</ul>${problems.length > 100 ? html`<p class="quiet">${plural(problems.length - 100, 'more problem')}.</p>` : undefined}`
  }
${facts.length === 0 ? html`<p class="quiet">The harness was not measured in this run.</p>` : factList(facts)}
${
  measures !== undefined && measures.eventLoopLagMs.max > worryingLagMs
    ? html`<p class="note"><strong>The controller stalled for ${lag(measures.eventLoopLagMs.max)}</strong> while operations ran. A stall lengthens the recorded intervals: it makes no violation that is not there, but it can hide one. A machine with less to do, a lower rate or fewer threads helps.</p>`
    : undefined
}
${
  stages.length === 0
    ? undefined
    : table(
        'Stages',
        [{ title: 'Stage' }, { title: 'Took', numeric: true }],
        stages.map(({ stage, ms }) => [prose(shortened(stage, 100)), durationText(ms * 1e6)]),
        { limit: 100 },
      )
}`;
}

function lag(ms: number): string {
  return durationText(ms * 1e6);
}
