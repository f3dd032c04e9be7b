// From moments of the run to places in a picture, and the grid with its labels.

import { Html, html } from './escape.ts';
import { paint } from './palette.ts';

/** Pictures that show the run over time share these, so that they stand exactly below each other. */
export const frame = { width: 1040, left: 132, right: 1024 } as const;

export interface TimeAxis {
  /** Nanoseconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  /** The place of a moment, kept within the picture. */
  readonly x: (nanos: number) => number;
}

export function timeAxis(from: number, to: number): TimeAxis {
  const end = to > from ? to : from + 1_000_000;
  const { left, right } = frame;
  return {
    from,
    to: end,
    left,
    right,
    x: (nanos) => left + ((Math.min(Math.max(nanos, from), end) - from) / (end - from)) * (right - left),
  };
}

/** Round numbers (1, 2 or 5 times a power of ten apart) between two values, about `wished` of them. */
export function ticks(from: number, to: number, wished: number): number[] {
  const raw = (to - from) / wished;
  if (!(raw > 0) || !Number.isFinite(raw)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw;
  const result: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) result.push(i * step);
  return result;
}

/** A coordinate with at most one decimal: files of thousands of shapes stay small. */
export function place(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Vertical grid lines from `top` to `bottom` with the times below them. */
export function timeGrid(axis: TimeAxis, top: number, bottom: number): Html {
  const seconds = ticks(axis.from / 1e9, axis.to / 1e9, 12);
  const step = seconds.length > 1 ? (seconds[1] ?? 0) - (seconds[0] ?? 0) : 1;
  const decimals = Math.min(9, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const lines = seconds.map((s) => `M${place(axis.x(s * 1e9))} ${top}V${bottom}`).join('');
  return html`<path d="${lines}" fill="none" ${paint({ stroke: 'grid' })}/>
<g ${paint({ fill: 'muted' })} font-size="11" text-anchor="middle">${seconds.map(
    (s) => html`<text x="${place(axis.x(s * 1e9))}" y="${bottom + 15}">${s.toFixed(decimals)} s</text>`,
  )}</g>`;
}

/** An SVG picture in a box that scrolls sideways where the page is too narrow. `label` is what it shows, for who cannot see it. */
export function picture(label: string, width: number, height: number, content: Html): Html {
  const fit = width === frame.width ? 'picture fit' : 'picture';
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label} (scrolls sideways)"><svg xmlns="http://www.w3.org/2000/svg" class="${fit}" role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="12">${content}</svg></div>`;
}

/** Joined path commands as an attribute value; they are numbers and letters of our own. */
export function pathData(commands: readonly string[]): Html {
  return new Html(commands.join(''));
}
