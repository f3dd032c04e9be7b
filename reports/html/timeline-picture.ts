// Operations over real time, a row for each thread of clients, the faults shaded through all rows. Few operations are
// drawn one by one; many as the worst outcome in each column of pixels, which keeps the file small and hides no failure.

import type { Counterexample } from '../../checkers/counterexample.ts';
import type { History } from '../../checkers/history.ts';
import type { ShadedSpan } from '../fault-schedule.ts';
import { callText, operationText, valueText } from '../operation-text.ts';
import { outcomeAt } from '../run-facts.ts';
import { durationText, momentText } from '../time-text.ts';
import { type Html, html, svgProse } from './escape.ts';
import { faultBands, fitting, lanesHeight } from './fault-bands.ts';
import { type Colour, paint } from './palette.ts';
import { frame, pathData, picture, place, type TimeAxis, timeAxis, timeGrid } from './time-axis.ts';
import type { Row } from './timeline-rows.ts';

type Ending = 'ok' | 'fail' | 'info';

const barHeight = 14;
const columnWidth = 2;

export interface TimelineInput {
  readonly label: string;
  readonly history: History;
  readonly rows: readonly Row[];
  readonly spans: readonly ShadedSpan[];
  /** Nanoseconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  readonly detailed: boolean;
  readonly counterexamples: readonly Counterexample[];
  /** A part of the run to be framed: what another picture shows larger. */
  readonly framed?: { readonly from: number; readonly to: number };
}

export function timelinePicture(input: TimelineInput): Html {
  const axis = timeAxis(input.from, input.to);
  const rowHeight = input.detailed ? 30 : input.rows.length > 16 ? 17 : 24;
  const spans = input.spans.filter((span) => span.to >= axis.from && span.from <= axis.to);
  const top = 22 + lanesHeight(spans);
  const bottom = top + input.rows.length * rowHeight;
  const draw = input.detailed ? detailedRow : columnsRow;
  const content = html`${timeGrid(axis, top, bottom)}
${faultBands(spans, { left: frame.left, right: frame.right, top: 18, bottom, x: axis.x })}
${input.rows.map((row, i) => {
  const y = top + i * rowHeight;
  return html`${rowTitle(row, y, rowHeight)}${draw(input, axis, row, y + (rowHeight - barHeight) / 2)}
`;
})}${framedPart(input, axis, top, bottom)}${marks(input, axis, bottom)}`;
  return picture(input.label, frame.width, bottom + 24, content);
}

function rowTitle(row: Row, top: number, height: number): Html {
  const x = frame.left - 10;
  const detailed = height === 30;
  const middle = top + height / 2;
  const subtitle = detailed ? fitting(row.subtitle, 24) : '';
  return html`<path d="M${frame.left} ${top + height}H${frame.right}" fill="none" ${paint({ stroke: 'grid' })}/><text x="${x}" y="${subtitle === '' ? middle + 4 : middle - 1}" text-anchor="end" font-size="11.5" ${paint({ fill: 'text' })}>${row.title}</text>${
    subtitle === ''
      ? undefined
      : html`<text x="${x}" y="${middle + 10}" text-anchor="end" font-size="9.5" ${paint({ fill: 'muted' })}>${svgProse(subtitle)}</text>`
  }`;
}

/** When an operation ended; without a recorded end it is still open when the picture ends. */
function endOf(history: History, index: number, axis: TimeAxis): number {
  const completion = history.partner(index);
  return completion === -1 ? axis.to : history.time(completion);
}

function detailedRow({ history, counterexamples }: TimelineInput, axis: TimeAxis, row: Row, y: number): Html {
  const members = new Set(counterexamples.flatMap((found) => found.operations.map(({ id }) => id)));
  const culprits = new Set(counterexamples.map((found) => found.culprit));
  return html`${row.invocations.map((index) => {
    const outcome = outcomeAt(history, history.partner(index));
    const from = place(axis.x(history.time(index)));
    const to = place(Math.max(from + 2, axis.x(endOf(history, index, axis))));
    const emphasis = culprits.has(index) ? 'bad' : members.has(index) ? 'text' : undefined;
    return html`<g><title>${tip(history, index)}</title>${shape(outcome, from, to, y, culprits.has(index))}${
      emphasis === undefined
        ? undefined
        : html`<rect x="${from - 2.5}" y="${y - 2.5}" width="${place(to - from + 5)}" height="${barHeight + 5}" rx="3" fill="none" stroke-width="2" ${paint({ stroke: emphasis })}/>`
    }${barText(history, index, outcome, from, to, y)}</g>`;
  })}`;
}

/** Each outcome has a shape of its own: ok full and solid, fail low, unknown dashed with an arrow's head. */
function shape(outcome: Ending, from: number, to: number, y: number, culprit: boolean): Html {
  const colours = culprit
    ? paint({ fill: 'badTint', stroke: 'bad' })
    : paint({ fill: `${outcome}Tint`, stroke: outcome });
  if (outcome === 'ok') {
    return html`<rect x="${from}" y="${y}" width="${place(to - from)}" height="${barHeight}" rx="1.5" ${colours}/>`;
  }
  if (outcome === 'fail') {
    return html`<rect x="${from}" y="${y + barHeight - 7}" width="${place(to - from)}" height="7" ${colours}/>`;
  }
  const neck = Math.max(from, to - 6);
  return html`<path d="M${from} ${y}H${neck}L${to} ${y + barHeight / 2}L${neck} ${y + barHeight}H${from}Z" stroke-dasharray="4 3" ${colours}/>`;
}

function barText(
  history: History,
  index: number,
  outcome: Ending,
  from: number,
  to: number,
  y: number,
): Html | undefined {
  const room = Math.floor((to - from - 8) / 6.1);
  if (room < 5) return undefined;
  const text = label(history, index, 16);
  if (text.length > room) return undefined;
  const baseline = outcome === 'fail' ? y + 5 : y + 11;
  return html`<text x="${from + 4}" y="${baseline}" font-family="ui-monospace, monospace" font-size="10" ${paint({ fill: 'text' })}>${svgProse(text)}</text>`;
}

function label(history: History, index: number, limit: number): string {
  const operation = history.operation(index);
  if (operation !== undefined) return operationText(operation, limit);
  const value = history.value(index);
  return `${callText({ f: history.f(index), ...(value === undefined ? {} : { value }) }, limit)} → failed`;
}

function tip(history: History, index: number): string {
  const completion = history.partner(index);
  const error = completion === -1 ? undefined : history.error(completion);
  const key = history.key(index);
  const parts = [
    label(history, index, 60),
    key === undefined ? '' : `key ${valueText(key)}`,
    `process ${String(history.process(index))}`,
    momentText(history.time(index), 4),
    completion === -1
      ? 'no completion'
      : `took ${durationText(history.time(completion) - history.time(index))}`,
    error === undefined ? '' : valueText(error.code),
    `op ${index}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

const gravity: readonly (Ending | undefined)[] = [undefined, 'ok', 'fail', 'info'];

/** The worst outcome in each column, neighbours joined. */
function columnsRow({ history }: TimelineInput, axis: TimeAxis, row: Row, y: number): Html {
  const columns = new Uint8Array(Math.ceil((axis.right - axis.left) / columnWidth));
  for (const index of row.invocations) {
    const worst = gravity.indexOf(outcomeAt(history, history.partner(index)));
    const first = Math.floor((axis.x(history.time(index)) - axis.left) / columnWidth);
    const last = Math.floor((axis.x(endOf(history, index, axis)) - axis.left) / columnWidth);
    for (let i = first; i <= Math.min(last, columns.length - 1); i++) {
      if (worst > (columns[i] ?? 0)) columns[i] = worst;
    }
  }
  const commands: Record<Ending, string[]> = { ok: [], fail: [], info: [] };
  for (let from = 0; from < columns.length; ) {
    let to = from + 1;
    while (to < columns.length && columns[to] === columns[from]) to++;
    const outcome = gravity[columns[from] ?? 0];
    if (outcome !== undefined) {
      const [top, height] = { ok: [3, 8], fail: [7, 7], info: [0, 14] }[outcome] as [number, number];
      const width = (to - from) * columnWidth;
      commands[outcome].push(`M${axis.left + from * columnWidth} ${y + top}h${width}v${height}h${-width}z`);
    }
    from = to;
  }
  const path = (outcome: Ending, fill: Colour): Html | undefined =>
    commands[outcome].length === 0
      ? undefined
      : html`<path d="${pathData(commands[outcome])}" ${paint({ fill })}/>`;
  return html`${path('ok', 'ok')}${path('fail', 'fail')}${path('info', 'info')}`;
}

function framedPart(
  { framed }: TimelineInput,
  axis: TimeAxis,
  top: number,
  bottom: number,
): Html | undefined {
  if (framed === undefined) return undefined;
  const x = place(axis.x(framed.from) - 2);
  const width = place(Math.max(6, axis.x(framed.to) - axis.x(framed.from) + 4));
  return html`<rect x="${x}" y="${top - 1}" width="${width}" height="${bottom - top + 2}" rx="3" fill="none" stroke-width="1.5" ${paint({ stroke: 'text' })}/>`;
}

/** Where each violation became certain: a line through all rows with a cross on top. */
function marks({ history, counterexamples }: TimelineInput, axis: TimeAxis, bottom: number): Html {
  const shown = counterexamples.slice(0, 20);
  return html`${shown.map((found) => {
    const completion = history.partner(found.culprit);
    const time = history.time(completion === -1 ? found.culprit : completion);
    if (time < axis.from || time > axis.to) return undefined;
    const x = place(axis.x(time));
    return html`<g><title>${found.sentence.slice(0, 300)}</title><path d="M${x} 17V${bottom}" stroke-width="1.5" fill="none" ${paint({ stroke: 'bad' })}/><circle cx="${x}" cy="9" r="8" ${paint({ fill: 'bad' })}/><path d="M${x - 3} 6l6 6m0 -6l-6 6" stroke-width="2" fill="none" ${paint({ stroke: 'surface' })}/></g>`;
  })}`;
}
