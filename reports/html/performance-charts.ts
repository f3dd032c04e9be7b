// Latency (logarithmic) and rate over time, with the faults shaded, and the numbers behind them as a table.

import type { History } from '../../checkers/history.ts';
import type { ShadedSpan } from '../fault-schedule.ts';
import { performanceWindows, type Quantiles, type Window } from '../performance.ts';
import { outcomeAt, type RunFacts } from '../run-facts.ts';
import { countText } from '../safe-text.ts';
import { durationText, momentText } from '../time-text.ts';
import { type Html, html } from './escape.ts';
import { faultBands, lanesHeight } from './fault-bands.ts';
import { lineLegend } from './legend.ts';
import { type Colour, paint } from './palette.ts';
import type { RunView } from './run-view.ts';
import { folded, table } from './table.ts';
import { frame, pathData, picture, place, type TimeAxis, ticks, timeAxis, timeGrid } from './time-axis.ts';

const plotHeight = 190;
/** Points closer than this many pixels are drawn as one. */
const pointGrid = 3;

interface Plot {
  readonly axis: TimeAxis;
  readonly top: number;
  readonly bottom: number;
}

const quantileLines = [
  { name: 'p50', text: 'median', stroke: 'text', dash: undefined },
  { name: 'p95', text: '95 % are faster', stroke: 'text', dash: '7 3' },
  { name: 'p99', text: '99 % are faster', stroke: 'text', dash: '2 3' },
] as const;

const rateLines = [
  { name: 'ok', text: 'ok', stroke: 'ok', dash: undefined },
  { name: 'fail', text: 'failed', stroke: 'fail', dash: '7 3' },
  { name: 'info', text: 'unknown', stroke: 'info', dash: '2 3' },
] as const;

export function performance(view: RunView): Html | undefined {
  const { facts, spans, run } = view;
  if (facts.operations === 0) return undefined;
  const windows = performanceWindows(run.history, facts, 120);
  const axis = timeAxis(0, facts.end);
  const length = durationText((windows[0]?.to ?? 0) - (windows[0]?.from ?? 0));
  return html`<h3>Latency</h3>
${latencyChart(run.history, facts, windows, spans, axis)}
${lineLegend(quantileLines.map((line) => (line.dash === undefined ? { text: line.text, stroke: line.stroke } : line)))}
<p class="quiet">Every operation is a mark at its completion: a dot is ok, a low dash failed, a cross unknown. The lines are of ok operations, in windows of ${length}.</p>
<h3>Rate</h3>
${rateChart(windows, spans, axis)}
${lineLegend(rateLines.map((line) => (line.dash === undefined ? { text: line.text, stroke: line.stroke } : line)))}
${folded('The numbers', numbers(performanceWindows(run.history, facts, 30), spans))}`;
}

function plotAt(axis: TimeAxis, spans: readonly ShadedSpan[]): Plot {
  const top = 8 + lanesHeight(spans);
  return { axis, top, bottom: top + plotHeight };
}

function plotPicture(
  label: string,
  { axis, top, bottom }: Plot,
  spans: readonly ShadedSpan[],
  content: Html,
): Html {
  const bands = faultBands(spans, { left: frame.left, right: frame.right, top: 4, bottom, x: axis.x });
  return picture(label, frame.width, bottom + 24, html`${timeGrid(axis, top, bottom)}${bands}${content}`);
}

function latencyChart(
  history: History,
  facts: RunFacts,
  windows: readonly Window[],
  spans: readonly ShadedSpan[],
  axis: TimeAxis,
): Html {
  const plot = plotAt(axis, spans);
  let [low, high] = [Infinity, 0];
  for (const index of facts.invocations) {
    const completion = history.partner(index);
    if (completion === -1) continue;
    const latency = Math.max(1000, history.time(completion) - history.time(index));
    low = Math.min(low, latency);
    high = Math.max(high, latency);
  }
  if (high === 0) [low, high] = [1e6, 1e7];
  const [from, to] = [
    Math.floor(Math.log10(low)),
    Math.max(Math.ceil(Math.log10(high)), Math.floor(Math.log10(low)) + 1),
  ];
  const y = (nanos: number): number =>
    plot.bottom - ((Math.log10(Math.max(nanos, 10 ** from)) - from) / (to - from)) * plotHeight;
  const decades = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  const content = html`${sideGrid(
    plot,
    decades.map((value) => ({ y: y(value), text: durationText(value) })),
  )}
${points(history, facts, plot, y)}
${quantileLines.map(({ name, stroke, dash }) => line(windows, plot, stroke, dash, (window) => quantileAt(window.latency, name, y)))}`;
  return plotPicture('Latency of operations over time, logarithmic', plot, spans, content);
}

function quantileAt(
  latency: Quantiles | undefined,
  name: 'p50' | 'p95' | 'p99',
  y: (nanos: number) => number,
): number | undefined {
  return latency === undefined ? undefined : y(latency[name]);
}

function rateChart(windows: readonly Window[], spans: readonly ShadedSpan[], axis: TimeAxis): Html {
  const plot = plotAt(axis, spans);
  const rate = (window: Window, name: 'ok' | 'fail' | 'info'): number =>
    window[name] / ((window.to - window.from) / 1e9);
  const highest = Math.max(
    1,
    ...windows.map((w) => Math.max(rate(w, 'ok'), rate(w, 'fail'), rate(w, 'info'))),
  );
  const marks = ticks(0, highest, 4);
  const top = Math.max(highest, (marks.at(-1) ?? 0) + (highest > (marks.at(-1) ?? 0) ? (marks[1] ?? 1) : 0));
  const y = (perSecond: number): number => plot.bottom - (perSecond / top) * plotHeight;
  const sides = ticks(0, top, 4).map((value) => ({ y: y(value), text: `${countText(value)} /s` }));
  const area = windows
    .map(
      (window) =>
        `H${place(plot.axis.x(window.from))}V${place(y(rate(window, 'ok')))}H${place(plot.axis.x(window.to))}`,
    )
    .join('');
  const content = html`${sideGrid(plot, sides)}
<path d="M${plot.axis.left} ${plot.bottom}${area}V${plot.bottom}Z" fill-opacity="0.18" ${paint({ fill: 'ok' })}/>
${rateLines.map(({ name, stroke, dash }) => steps(windows, plot, stroke, dash, (window) => y(rate(window, name))))}`;
  return plotPicture('Operations per second over time, by outcome', plot, spans, content);
}

function sideGrid(plot: Plot, marks: readonly { readonly y: number; readonly text: string }[]): Html {
  const { left, right } = plot.axis;
  return html`<path d="${marks.map((mark) => `M${left} ${place(mark.y)}H${right}`).join('')}" fill="none" ${paint({ stroke: 'grid' })}/>
<g font-size="11" text-anchor="end" ${paint({ fill: 'muted' })}>${marks.map((mark) => html`<text x="${left - 8}" y="${place(mark.y + 4)}">${mark.text}</text>`)}</g>`;
}

/** Every operation, those in the same few pixels as one mark: bounded in size, and no outlier is lost. */
function points(history: History, facts: RunFacts, plot: Plot, y: (nanos: number) => number): Html {
  const glyphs = { ok: 'h.01', fail: 'm-2 0h4', info: 'm-2.5 -2.5l5 5m0 -5l-5 5' } as const;
  const seen = { ok: new Set<number>(), fail: new Set<number>(), info: new Set<number>() };
  const commands = { ok: [] as string[], fail: [] as string[], info: [] as string[] };
  for (const index of facts.invocations) {
    const completion = history.partner(index);
    if (completion === -1) continue;
    const outcome = outcomeAt(history, completion);
    const column = Math.round(plot.axis.x(history.time(completion)) / pointGrid);
    const row = Math.round(y(history.time(completion) - history.time(index)) / pointGrid);
    const cell = column * 4096 + row;
    if (seen[outcome].has(cell)) continue;
    seen[outcome].add(cell);
    commands[outcome].push(`M${column * pointGrid} ${row * pointGrid}${glyphs[outcome]}`);
  }
  const drawn = (outcome: 'ok' | 'fail' | 'info', width: number): Html | undefined =>
    commands[outcome].length === 0
      ? undefined
      : html`<path d="${pathData(commands[outcome])}" fill="none" stroke-width="${width}" stroke-linecap="round" stroke-opacity="${outcome === 'ok' ? 0.45 : 0.9}" ${paint({ stroke: outcome })}/>`;
  return html`${drawn('ok', 3)}${drawn('fail', 2)}${drawn('info', 1.4)}`;
}

/** Through the middles of windows; broken where a window has no value. */
function line(
  windows: readonly Window[],
  plot: Plot,
  stroke: Colour,
  dash: string | undefined,
  y: (window: Window) => number | undefined,
): Html {
  let down = false;
  const commands = windows.map((window) => {
    const value = y(window);
    const command =
      value === undefined
        ? ''
        : `${down ? 'L' : 'M'}${place(plot.axis.x((window.from + window.to) / 2))} ${place(value)}`;
    // A window alone between two gaps would be a line without length, which shows nothing.
    const dot = value !== undefined && !down ? 'h.1' : '';
    down = value !== undefined;
    return command + dot;
  });
  return stroked(pathData(commands), stroke, dash);
}

function steps(
  windows: readonly Window[],
  plot: Plot,
  stroke: Colour,
  dash: string | undefined,
  y: (window: Window) => number,
): Html {
  const commands = windows.map(
    (window, i) =>
      `${i === 0 ? `M${place(plot.axis.x(window.from))} ${place(y(window))}` : `V${place(y(window))}`}H${place(plot.axis.x(window.to))}`,
  );
  return stroked(pathData(commands), stroke, dash);
}

function stroked(data: Html, stroke: Colour, dash: string | undefined): Html {
  return html`<path d="${data}" fill="none" stroke-width="1.8" stroke-linejoin="round"${dash === undefined ? undefined : html` stroke-dasharray="${dash}"`} ${paint({ stroke })}/>`;
}

function numbers(windows: readonly Window[], spans: readonly ShadedSpan[]): Html {
  const latency = (window: Window, name: keyof Quantiles): string =>
    window.latency === undefined ? '–' : durationText(window.latency[name]);
  return table(
    'Latency of ok operations and operations that ended, by time',
    [
      { title: 'From' },
      { title: 'To' },
      { title: 'ok', numeric: true },
      { title: 'failed', numeric: true },
      { title: 'unknown', numeric: true },
      { title: 'p50', numeric: true },
      { title: 'p95', numeric: true },
      { title: 'p99', numeric: true },
      { title: 'max', numeric: true },
      { title: 'Faults' },
    ],
    windows.map((window) => [
      momentText(window.from, 1),
      momentText(window.to, 1),
      countText(window.ok),
      countText(window.fail),
      countText(window.info),
      latency(window, 'p50'),
      latency(window, 'p95'),
      latency(window, 'p99'),
      latency(window, 'max'),
      [
        ...new Set(
          spans.filter((span) => span.from < window.to && span.to > window.from).map((span) => span.name),
        ),
      ].join(', '),
    ]),
  );
}
