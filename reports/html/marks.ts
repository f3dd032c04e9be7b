// Icons and words for verdicts and states: a shape and a word each, so that colour is never needed to tell them apart.

import type { Validity } from '../../checkers/checker.ts';
import type { Conclusion } from '../../harness/test-run.ts';
import type { FaultAction } from '../fault-schedule.ts';
import { type Html, html } from './escape.ts';
import type { Colour } from './palette.ts';

type Mark = 'tick' | 'cross' | 'question' | 'warning' | 'stop' | 'dash';

export interface Look {
  readonly mark: Mark;
  readonly word: string;
  /** The class of banners and badges. */
  readonly tone: 'good' | 'bad' | 'info' | 'plain';
}

export const conclusionLooks: Readonly<Record<Conclusion, Look>> = {
  valid: { mark: 'tick', word: 'Pass', tone: 'good' },
  violation: { mark: 'cross', word: 'Violation found', tone: 'bad' },
  unknown: { mark: 'question', word: 'Unknown: this is not a pass', tone: 'info' },
  'harness-failure': { mark: 'warning', word: 'The harness failed: this is not a pass', tone: 'info' },
  interrupted: { mark: 'stop', word: 'Interrupted: this is not a pass', tone: 'info' },
};

export const validityLooks: Readonly<Record<Validity, Look>> = {
  valid: { mark: 'tick', word: 'valid', tone: 'good' },
  unknown: { mark: 'question', word: 'unknown', tone: 'info' },
  invalid: { mark: 'cross', word: 'invalid', tone: 'bad' },
};

export function faultLook({ status, kind }: FaultAction): Look {
  if (status === 'applied') {
    const word = { harm: 'took effect', repair: 'healed, verified' }[kind ?? 'harm'];
    return kind === undefined
      ? { mark: 'tick', word: 'done', tone: 'plain' }
      : { mark: 'tick', word, tone: 'good' };
  }
  if (status === 'skipped') return { mark: 'dash', word: 'skipped', tone: 'plain' };
  if (status === 'failed') return { mark: 'cross', word: 'failed', tone: 'bad' };
  return { mark: 'question', word: 'not told', tone: 'plain' };
}

const shapes: Readonly<Record<Mark, string>> = {
  tick: 'M7 12.5l3.4 3.4L17.2 9',
  cross: 'M8.2 8.2l7.6 7.6m0 -7.6l-7.6 7.6',
  question: 'M9 9.6a3 3 0 1 1 4.4 2.6c-1 .5-1.4 1-1.4 2.1m0 2.6v.1',
  warning: 'M12 7v6m0 3.4v.1',
  stop: 'M9 9h6v6H9z',
  dash: 'M8 12h8',
};

/** A disc with a mark on it; octagon and triangle for what stops a reader. */
export function icon({ mark, tone }: Look, size: number): Html {
  const fill: Colour = tone === 'plain' ? 'fail' : tone;
  const outline =
    mark === 'cross'
      ? 'M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z'
      : 'M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z';
  return html`<svg class="icon" viewBox="0 0 24 24" width="${size}" height="${size}" aria-hidden="true"><path class="f-${fill}" d="${outline}"/><path class="s-surface" d="${shapes[mark]}" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}

export function badge(look: Look): Html {
  return html`<span class="badge ${look.tone}">${icon(look, 14)}${look.word}</span>`;
}

/** The verdict in the browser's tab. */
export function favicon({ mark, tone }: Look): string {
  const fill = { good: '#13713f', bad: '#c4202f', info: '#8f5500', plain: '#566074' }[tone];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="${fill}"/><path d="${shapes[mark]}" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
