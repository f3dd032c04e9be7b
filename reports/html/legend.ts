// What the shapes, lines and colours of the pictures mean.

import { type Html, html } from './escape.ts';
import { type Colour, paint } from './palette.ts';

function entry(sample: Html, text: string, width = 30): Html {
  return html`<li><svg viewBox="0 0 ${width} 16" width="${width}" height="16" aria-hidden="true">${sample}</svg> ${text}</li>`;
}

/** `detailed` for bars drawn one by one, otherwise for columns. */
export function outcomeLegend(detailed: boolean, violation: boolean, framed = false): Html {
  const samples = detailed
    ? [
        entry(
          html`<rect x="1" y="1" width="28" height="14" rx="1.5" ${paint({ fill: 'okTint', stroke: 'ok' })}/>`,
          'ok',
        ),
        entry(
          html`<rect x="1" y="8" width="28" height="7" ${paint({ fill: 'failTint', stroke: 'fail' })}/>`,
          'failed: certainly had no effect',
        ),
        entry(
          html`<path d="M1 1H23L29 8L23 15H1Z" stroke-dasharray="4 3" ${paint({ fill: 'infoTint', stroke: 'info' })}/>`,
          'unknown: may take effect at any later time',
        ),
      ]
    : [
        entry(html`<rect x="1" y="4" width="28" height="8" ${paint({ fill: 'ok' })}/>`, 'ok'),
        entry(html`<rect x="1" y="8" width="28" height="7" ${paint({ fill: 'fail' })}/>`, 'failed (low)'),
        entry(html`<rect x="1" y="1" width="28" height="14" ${paint({ fill: 'info' })}/>`, 'unknown (high)'),
      ];
  return html`<ul class="legend">${samples}${
    violation
      ? entry(
          html`<circle cx="8" cy="8" r="7.5" ${paint({ fill: 'bad' })}/><path d="M5 5l6 6m0 -6l-6 6" stroke-width="2" fill="none" ${paint({ stroke: 'surface' })}/>`,
          'here no order is possible any more',
          16,
        )
      : undefined
  }${
    framed
      ? entry(
          html`<rect x="2" y="1" width="26" height="14" rx="3" fill="none" stroke-width="1.5" ${paint({ stroke: 'text' })}/>`,
          'the part above',
        )
      : undefined
  }</ul>`;
}

export function lineLegend(
  lines: readonly { readonly text: string; readonly stroke: Colour; readonly dash?: string }[],
): Html {
  return html`<ul class="legend">${lines.map(({ text, stroke, dash }) =>
    entry(
      html`<path d="M1 8H29" stroke-width="2.5" fill="none"${dash === undefined ? undefined : html` stroke-dasharray="${dash}"`} ${paint({ stroke })}/>`,
      text,
    ),
  )}</ul>`;
}
