// What went wrong: for each counterexample the sentence, what was seen, why no order explains it, the faults then, the
// picture, and the same as a table.

import type { Counterexample } from '../../checkers/counterexample.ts';
import type { Operation } from '../../checkers/op.ts';
import { answerText, callText } from '../operation-text.ts';
import { countText, plural, safeLine, shortened } from '../safe-text.ts';
import { decimalsFor, durationText, momentText } from '../time-text.ts';
import {
  asSentence,
  counterexampleTitle,
  deadEndLines,
  initialText,
  shrunkText,
  spansDuring,
  spanText,
} from '../violation-words.ts';
import { counterexamplePicture } from './counterexample-picture.ts';
import { code, type Html, html, prose } from './escape.ts';
import { swatch } from './fault-bands.ts';
import type { RunView } from './run-view.ts';
import { guarded } from './section.ts';
import { folded, table } from './table.ts';

const shownInFull = 3;
const shownByName = 50;
/** More operations than these make a picture that nobody reads. */
const drawn = 24;

export function violation(view: RunView): Html | undefined {
  const found = view.run.result.counterexamples ?? [];
  if (found.length === 0) {
    if (view.run.result.validity !== 'invalid') return undefined;
    return html`<p>${prose(shortened(view.run.result.summary, 2_000))}</p>
<p class="quiet">The checker gave no counterexample; see <a href="#checks">Checks</a>.</p>`;
  }
  const more = found.slice(shownInFull);
  return html`${found.slice(0, shownInFull).map((counterexample, i) => guarded(() => article(counterexample, view, i === 0)))}
${
  more.length === 0
    ? undefined
    : html`<h3>${plural(more.length, 'more violation')}</h3>
<ul>${more.slice(0, shownByName).map((counterexample) => html`<li>${prose(shortened(counterexample.sentence, 500))}</li>`)}</ul>
${more.length > shownByName ? html`<p class="quiet">${countText(more.length - shownByName)} more are in results.json.</p>` : undefined}`
}`;
}

/** How to read the pictures: said once. */
const reading = html`<p class="quiet">A bar runs from when a process asked until it got its answer; somewhere within its bar an operation must take effect. Distances are not to scale, the times are below. Numbers give the longest order that is possible; the operation with the cross fits nowhere after them. A dashed bar with a point is an operation of unknown outcome.</p>`;

function article(found: Counterexample, view: RunView, first: boolean): Html {
  const { history } = view.run;
  const operations = nearCulprit(found);
  const left = found.operations.length - operations.length;
  const during = spansDuring(found, view.spans);
  return html`<article class="violation">
<h3>${prose(counterexampleTitle(found))}</h3>
<p class="lead">${prose(asSentence(shortened(found.sentence, 2_000)))}</p>
<div class="columns">
<div><h4>What was observed</h4><ol>${sentences(found.observed)}</ol></div>
<div><h4>Why no order explains it</h4><ol>${sentences(found.because)}</ol></div>
</div>
<h4>How far an order gets</h4>
<ol>${sentences(deadEndLines(found, { orders: 3, limit: 20 }), 80)}</ol>
<h4>Faults active then</h4>
${during.length === 0 ? html`<p>None: no fault was in force during these operations.</p>` : html`<ul class="plain">${during.map((span) => html`<li>${swatch(span.colour)} ${prose(spanText(span))}</li>`)}</ul>`}
<h4>The operations, as the clients saw them</h4>
${guarded(() => counterexamplePicture(found, operations, history, view.spans))}
${first ? reading : undefined}
<p class="quiet">${initialText(found)} ${shrunkText(found)}</p>
${left > 0 ? html`<p class="quiet">The picture leaves out ${plural(left, 'operation')}; the table has them.</p>` : undefined}
${folded('The same as a table', operationsTable(found, view), found.operations.length <= 6)}
</article>`;
}

/** The last operations up to the culprit and those after it, as many as can be drawn. */
function nearCulprit({ operations, culprit }: Counterexample): readonly Operation[] {
  const at = operations.findIndex((operation) => operation.id === culprit);
  const end = Math.max(drawn, Math.min(operations.length, at + 1 + drawn / 4));
  return operations.slice(Math.max(0, end - drawn), end);
}

function sentences(lines: readonly string[], limit = 40): Html[] {
  return lines
    .slice(0, limit)
    .map((line) => html`<li>${prose(asSentence(shortened(safeLine(line), 1_000)))}</li>`);
}

function operationsTable(found: Counterexample, { run: { history } }: RunView): Html {
  const ends = found.operations.flatMap(({ invokedAt, completedAt }) =>
    Number.isFinite(completedAt)
      ? [history.time(invokedAt), history.time(completedAt)]
      : [history.time(invokedAt)],
  );
  const decimals = decimalsFor(ends);
  return table(
    'The minimal sub-history',
    [
      { title: 'Op', numeric: true },
      { title: 'Process', numeric: true },
      { title: 'Node' },
      { title: 'Call' },
      { title: 'Answer' },
      { title: 'Invoked', numeric: true },
      { title: 'Completed', numeric: true },
      { title: 'Took', numeric: true },
      { title: 'Place in the longest order' },
    ],
    found.operations.map((operation) => {
      const { id, process, node, call, invokedAt, completedAt } = operation;
      const known = Number.isFinite(completedAt);
      const from = history.time(invokedAt);
      const rank = found.longestOrder.indexOf(id);
      return [
        id,
        process,
        node === undefined ? '' : prose(node),
        code(callText(call, 200)),
        code(answerText(operation, 200)),
        momentText(from, decimals),
        known ? momentText(history.time(completedAt), decimals) : 'never known',
        known ? durationText(history.time(completedAt) - from) : '',
        id === found.culprit && rank === -1
          ? html`<strong class="bad-text">✗ fits nowhere</strong>`
          : rank === -1
            ? 'none'
            : rank + 1,
      ];
    }),
    { limit: 200, captioned: false },
  );
}
