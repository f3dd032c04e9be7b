// The only way from text to markup. What `html` puts in is escaped unless it is Html already, so nothing that came from
// a user, a store or a node can become markup, in content as in quoted attributes.

import { safeText } from '../safe-text.ts';

/** Markup that is known to be safe; made by `html`, `prose` and their kin only. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = Html | string | number | undefined | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return safeText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let markup = strings[0] ?? '';
  for (let i = 0; i < contents.length; i++) markup += markupOf(contents[i]) + (strings[i + 1] ?? '');
  return new Html(markup);
}

function markupOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escaped(content);
  return content.map(markupOf).join('');
}

const rightToLeft = String.raw`[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]`;
const rightToLeftRun = new RegExp(`${rightToLeft}(?:[^"<>&]*${rightToLeft})?\\p{Mark}*`, 'gu');

/** Text whose right-to-left runs are isolated, so that they rearrange nothing around them. */
export function prose(text: string): Html {
  return new Html(escaped(text).replace(rightToLeftRun, (run) => `<bdi>${run}</bdi>`));
}

/** The same within an SVG `text`. */
export function svgProse(text: string): Html {
  return new Html(
    escaped(text).replace(rightToLeftRun, (run) => `<tspan unicode-bidi="isolate">${run}</tspan>`),
  );
}

/** A value, a name or a message from outside, set apart from the words around it. */
export function code(text: string): Html {
  return html`<code><bdi>${text}</bdi></code>`;
}
