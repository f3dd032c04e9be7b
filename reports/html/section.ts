// A section of the page, guarded: one that throws is replaced by a note, and the rest of the page stands.

import { code, type Html, html } from './escape.ts';

export interface Section {
  /** Its place in the page's address: `#faults`. */
  readonly id: string;
  readonly title: string;
  /** Undefined where there is nothing to say: the section is left out. */
  readonly body: () => Html | undefined;
}

export interface RenderedSection {
  readonly id: string;
  readonly title: string;
  readonly markup: Html;
}

export function renderSection({ id, title, body }: Section): RenderedSection | undefined {
  const content = guarded(body);
  if (content === undefined) return undefined;
  const markup = html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><a href="#${id}">${title}</a></h2>
${content}
</section>
`;
  return { id, title, markup };
}

/** What `body` makes, or a note that says why it could not. */
export function guarded(body: () => Html | undefined): Html | undefined {
  try {
    return body();
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return html`<p class="note broken"><strong>This part of the report could not be made</strong>, because the report itself broke: ${code(message.slice(0, 500))}. The verdict does not depend on it.</p>`;
  }
}
