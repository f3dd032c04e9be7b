// Faults in a picture over time: a lane on top for each fault, with its name, and a shade through everything below.

import type { ShadedSpan } from '../fault-schedule.ts';
import { durationText } from '../time-text.ts';
import { escaped, Html, html, svgProse } from './escape.ts';
import { faultColour, paint } from './palette.ts';
import { place } from './time-axis.ts';

const laneHeight = 18;

export interface BandPlacement {
  readonly left: number;
  readonly right: number;
  /** Where the lanes begin. */
  readonly top: number;
  /** Where the shades end. */
  readonly bottom: number;
  readonly x: (nanos: number) => number;
}

/** The lanes' height: room that the picture must leave on top. */
export function lanesHeight(spans: readonly ShadedSpan[]): number {
  return laneNames(spans).length * laneHeight;
}

function laneNames(spans: readonly ShadedSpan[]): string[] {
  return [...new Set(spans.map((span) => span.name))];
}

export function faultBands(spans: readonly ShadedSpan[], at: BandPlacement): Html {
  const names = laneNames(spans);
  return html`${spans.map((span) => shade(span, at))}${names.map((name, lane) => {
    const top = at.top + lane * laneHeight;
    const bars = spans.filter((span) => span.name === name);
    // A name beside the lane is needed only where one of its bars is too short to carry it.
    const beside = bars.some((span) => laneLabel(span, at) !== span.name);
    return html`${beside ? html`<text x="${at.left - 8}" y="${top + 13}" text-anchor="end" font-size="11" ${paint({ fill: 'muted' })}>${svgProse(fitting(name, 17))}</text>` : undefined}
${bars.map((span) => laneBar(span, top, at))}`;
  })}`;
}

function shade(span: ShadedSpan, at: BandPlacement): Html {
  const x = place(at.x(span.from));
  const width = place(Math.max(1, at.x(span.to) - at.x(span.from)));
  const colour = faultColour(span.colour);
  return html`<rect x="${x}" y="${at.top}" width="${width}" height="${at.bottom - at.top}" fill="${colour}" fill-opacity="0.13"/><path d="M${x} ${at.top}V${at.bottom}M${place(x + width)} ${at.top}V${at.bottom}" stroke="${colour}" stroke-opacity="0.5" fill="none"/>`;
}

function laneLabel(span: ShadedSpan, at: BandPlacement): string {
  const room = Math.floor((at.x(span.to) - at.x(span.from) - 8) / 6.4);
  return room >= Math.min(span.name.length, 6) ? fitting(span.name, room) : '';
}

function laneBar(span: ShadedSpan, top: number, at: BandPlacement): Html {
  const x = at.x(span.from);
  const width = Math.max(3, at.x(span.to) - x);
  const tip = `${span.name}, ${durationText(span.to - span.from)}`;
  return html`<g><title>${tip}</title><rect x="${place(x)}" y="${top + 2}" width="${place(width)}" height="${laneHeight - 4}" rx="3" fill="${faultColour(span.colour)}" fill-opacity="0.38" stroke="${faultColour(span.colour)}"/><text x="${place(x + 5)}" y="${top + 13}" font-size="11" ${paint({ fill: 'text' })}>${svgProse(laneLabel(span, at))}</text></g>`;
}

export function fitting(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, Math.max(1, characters - 1))}…`;
}

/** The fault's colour as a small square for tables and lists. */
export function swatch(colour: string): Html {
  return new Html(
    `<svg class="swatch" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><rect x="0.5" y="0.5" width="11" height="11" rx="3" fill="${escaped(faultColour(colour))}" fill-opacity="0.45" stroke="${escaped(faultColour(colour))}"/></svg>`,
  );
}
