// The fault schedule: what the nemesis did, on whom, and what was seen of it.

import { type FaultAction, faultTotals } from '../fault-schedule.ts';
import { countText, plural, shortened } from '../safe-text.ts';
import { durationText, momentText } from '../time-text.ts';
import { type Html, html, prose } from './escape.ts';
import { swatch } from './fault-bands.ts';
import { badge, faultLook } from './marks.ts';
import type { RunView } from './run-view.ts';
import { folded, table } from './table.ts';

export function faultSchedule({ actions, spans, run }: RunView): Html {
  const totals = faultTotals(actions, run.plan.faults);
  if (totals.length === 0 && actions.length === 0) {
    return html`<p>No fault was asked for and none was injected: this run says nothing of how the system behaves when something breaks.</p>`;
  }
  const inForce = (name: string): number =>
    spans.filter((span) => span.name === name).reduce((sum, span) => sum + span.to - span.from, 0);
  return html`${table(
    'By fault',
    [
      { title: 'Fault' },
      { title: 'Took effect', numeric: true },
      { title: 'Skipped', numeric: true },
      { title: 'Failed', numeric: true },
      { title: 'Healed, verified', numeric: true },
      { title: 'Not healed', numeric: true },
      { title: 'In force', numeric: true },
    ],
    totals.map((fault) => [
      html`${swatch(fault.colour)} ${prose(shortened(fault.name, 60))}`,
      fault.applied === 0 ? html`<strong class="bad-text">never</strong>` : countText(fault.applied),
      countText(fault.skipped),
      countText(fault.failed),
      countText(fault.healed),
      countText(fault.notHealed),
      durationText(inForce(fault.name)),
    ]),
    { captioned: false },
  )}
${actions.length === 0 ? html`<p class="quiet">The nemesis did nothing.</p>` : folded(`All ${plural(actions.length, 'step')} with their evidence`, schedule(actions), true)}`;
}

function schedule(actions: readonly FaultAction[]): Html {
  return table(
    'Fault schedule',
    [
      { title: 'Time', numeric: true },
      { title: 'What' },
      { title: 'On whom' },
      { title: 'What became of it' },
      { title: 'Evidence' },
      { title: 'Took', numeric: true },
    ],
    actions.map((action) => [
      momentText(action.from, 2),
      html`${action.band === undefined ? undefined : swatch(action.band.colour)} ${prose(shortened(action.f, 60))}`,
      prose(action.target),
      badge(faultLook(action)),
      action.evidence.length === 0
        ? ''
        : html`<ul class="plain evidence">${action.evidence.slice(0, 12).map((line) => html`<li>${prose(shortened(line, 400))}</li>`)}${
            action.evidence.length > 12 ? html`<li>and ${action.evidence.length - 12} more</li>` : undefined
          }</ul>`,
      action.to === undefined ? 'no end' : durationText(action.to - action.from),
    ]),
    { limit: 400, captioned: false, stacked: true },
  );
}
