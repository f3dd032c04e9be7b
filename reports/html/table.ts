// Tables that scroll sideways where the page is too narrow, and say how many rows they leave out.

import { countText } from '../safe-text.ts';
import { type Content, type Html, html } from './escape.ts';

export interface Column {
  readonly title: string;
  /** Numbers stand flush right. */
  readonly numeric?: true;
}

export interface TableOptions {
  readonly limit?: number;
  /** False hides the caption from the eye, where what stands above says the same. */
  readonly captioned?: boolean;
  /** True lets each row become a block of its own on a narrow screen, for rows with long cells. */
  readonly stacked?: boolean;
}

export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
  { limit = 500, captioned = true, stacked = false }: TableOptions = {},
): Html {
  const shown = rows.slice(0, limit);
  const left = rows.length - shown.length;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table${stacked ? html` class="stacked"` : undefined}>
<caption${captioned ? undefined : html` class="unseen"`}>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${numericClass(column)}>${column.title}</th>`)}</tr></thead>
<tbody>${shown.map(
    (
      row,
    ) => html`<tr>${row.map((cell, i) => html`<td${numericClass(columns[i])}${stacked ? html` data-label="${columns[i]?.title ?? ''}"` : undefined}>${cell}</td>`)}</tr>
`,
  )}</tbody></table></div>
${left > 0 ? html`<p class="quiet">${countText(left)} more rows are not shown.</p>` : undefined}`;
}

function numericClass(column: Column | undefined): Html | undefined {
  return column?.numeric === true ? html` class="n"` : undefined;
}

/** Names with what they stand for. */
export function factList(facts: readonly (readonly [string, Content])[]): Html {
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Opened by a click, and in print. */
export function folded(summary: Content, content: Html, open = false): Html {
  return html`<details${open ? html` open` : undefined}><summary>${summary}</summary>
${content}</details>`;
}
