// What was checked, with what result, worst first; what is valid is folded where it is many.

import type { CheckResult, Validity } from '../../checkers/checker.ts';
import { keyText } from '../operation-text.ts';
import { countText, shortened } from '../safe-text.ts';
import { code, type Html, html, prose } from './escape.ts';
import { badge, validityLooks } from './marks.ts';
import { folded } from './table.ts';

const gravity: Readonly<Record<Validity, number>> = { invalid: 0, unknown: 1, valid: 2 };
const shownBad = 100;
const shownValid = 12;
const deepest = 8;

export function checkTree(result: CheckResult): Html {
  const parts = Object.entries(result.parts ?? {});
  if (parts.length === 0) return html`<ul class="tree">${node('verdict', result, 0)}</ul>`;
  return nodes(parts, 0);
}

function nodes(parts: readonly (readonly [string, CheckResult])[], depth: number): Html {
  const sorted = [...parts].sort(([, a], [, b]) => gravity[a.validity] - gravity[b.validity]);
  const bad = sorted.filter(([, part]) => part.validity !== 'valid');
  const valid = sorted.filter(([, part]) => part.validity === 'valid');
  const shown = [...bad.slice(0, shownBad), ...(valid.length <= shownValid ? valid : [])];
  const leftOut = bad.length - Math.min(bad.length, shownBad);
  return html`<ul class="tree">${shown.map(([name, part]) => node(name, part, depth))}</ul>
${leftOut > 0 ? html`<p class="quiet">${countText(leftOut)} more that are not valid are in results.json.</p>` : undefined}
${
  valid.length > shownValid
    ? folded(
        `${countText(valid.length)} that are valid`,
        html`<ul class="names">${valid.slice(0, 500).map(([name]) => html`<li>${code(keyText(name))}</li>`)}</ul>${valid.length > 500 ? html`<p class="quiet">${countText(valid.length - 500)} more are in results.json.</p>` : undefined}`,
      )
    : undefined
}`;
}

function node(name: string, result: CheckResult, depth: number): Html {
  const parts = Object.entries(result.parts ?? {});
  const details = result.details === undefined ? undefined : JSON.stringify(result.details, undefined, 2);
  return html`<li>${badge(validityLooks[result.validity])} <strong>${prose(keyText(name, 80))}</strong> <span>${prose(shortened(result.summary, 600))}</span>
${details === undefined ? undefined : folded('Details', html`<pre><bdi>${shortened(details, 8_000)}</bdi></pre>`)}
${parts.length === 0 ? undefined : depth < deepest ? nodes(parts, depth + 1) : html`<p class="quiet">Deeper parts are in results.json.</p>`}</li>`;
}
