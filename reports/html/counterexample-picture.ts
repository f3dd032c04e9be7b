// The minimal sub-history as a picture: a row for each process, a bar for each operation from invocation to completion.
// What matters is which bars overlap, so events stand in their order at even distances and the times are written below.

import type { Counterexample } from '../../checkers/counterexample.ts';
import type { History } from '../../checkers/history.ts';
import type { Operation } from '../../checkers/op.ts';
import type { ShadedSpan } from '../fault-schedule.ts';
import { operationText, outcomeOf } from '../operation-text.ts';
import { decimalsFor, momentText } from '../time-text.ts';
import { type Html, html, svgProse } from './escape.ts';
import { faultBands, lanesHeight } from './fault-bands.ts';
import { type Colour, paint } from './palette.ts';
import { picture, place } from './time-axis.ts';

const gutter = 116;
const rowHeight = 58;
const barHeight = 32;
const characterWidth = 7.6;
const mono = 'ui-monospace, monospace';

interface Event {
  /** Position in the history. */
  readonly at: number;
  readonly time: number;
}

interface Layout {
  readonly events: readonly Event[];
  readonly places: ReadonlyMap<number, number>;
  /** Where bars without an end end. */
  readonly right: number;
}

/** `operations` are those of the counterexample that are to be drawn. */
export function counterexamplePicture(
  counterexample: Counterexample,
  operations: readonly Operation[],
  history: History,
  spans: readonly ShadedSpan[],
): Html {
  const events = eventsOf(operations, history);
  const decimals = decimalsFor(events.map((event) => event.time));
  const layout = laidOut(
    operations,
    events,
    26 + momentText(events.at(-1)?.time ?? 0, decimals).length * 6.4,
  );
  const processes = [...new Set(operations.map((operation) => operation.process))];
  const active = spans.filter((span) => span.from <= counterexample.to && span.to >= counterexample.from);
  const top = 10 + lanesHeight(active);
  const bottom = top + processes.length * rowHeight + 8;
  const width = Math.ceil(layout.right + 24);
  const bandPlacement = {
    left: gutter,
    right: width,
    top: 6,
    bottom,
    x: (nanos: number) => placeOfTime(nanos, layout, width),
  };
  const content = html`${faultBands(active, bandPlacement)}
${processes.map((process, row) => processRow(process, operations, top + row * rowHeight, width))}
${guides(layout, operations, processes, top, bottom, decimals)}
${operations.map((operation) => {
  const y = top + processes.indexOf(operation.process) * rowHeight + (rowHeight - barHeight) / 2;
  return bar(operation, counterexample, layout, y);
})}`;
  const label = `${operations.length} operations of ${processes.length} processes in order of time: ${operations
    .map((operation) => `process ${operation.process}: ${operationText(operation)}`)
    .join('; ')}`;
  return picture(label, width, bottom + 30, content);
}

function eventsOf(operations: readonly Operation[], history: History): Event[] {
  const positions = operations.flatMap(({ invokedAt, completedAt }) =>
    Number.isFinite(completedAt) ? [invokedAt, completedAt] : [invokedAt],
  );
  return positions.sort((a, b) => a - b).map((at) => ({ at, time: history.time(at) }));
}

/** From left to right, each event as near to the one before as times and labels allow. */
function laidOut(operations: readonly Operation[], events: readonly Event[], gap: number): Layout {
  const byCompletion = new Map(operations.map((operation) => [operation.completedAt, operation]));
  const places = new Map<number, number>();
  let x = gutter + 14;
  for (const event of events) {
    const ended = byCompletion.get(event.at);
    const begun = ended === undefined ? undefined : places.get(ended.invokedAt);
    if (ended !== undefined && begun !== undefined) x = Math.max(x, begun + labelWidth(ended));
    places.set(event.at, x);
    x += gap;
  }
  let right = x - gap + 30;
  for (const operation of operations) {
    if (Number.isFinite(operation.completedAt)) continue;
    right = Math.max(right, (places.get(operation.invokedAt) ?? 0) + labelWidth(operation) + 20);
  }
  return { events, places, right: Math.max(right, gutter + 300) };
}

function labelWidth(operation: Operation): number {
  return barLabel(operation).length * characterWidth + 44;
}

function barLabel(operation: Operation): string {
  return operationText(operation, 24);
}

/** Between two events a moment stands in proportion; before the first and after the last at the edge. */
function placeOfTime(nanos: number, { events, places, right }: Layout, width: number): number {
  const first = events[0];
  if (first === undefined || nanos < first.time) return gutter;
  for (let i = 1; i < events.length; i++) {
    const [before, after] = [events[i - 1], events[i]];
    if (before === undefined || after === undefined || nanos > after.time) continue;
    const [x0, x1] = [places.get(before.at) ?? gutter, places.get(after.at) ?? right];
    const share = after.time === before.time ? 1 : (nanos - before.time) / (after.time - before.time);
    return x0 + share * (x1 - x0);
  }
  return nanos === events.at(-1)?.time ? right : width;
}

function processRow(process: number, operations: readonly Operation[], top: number, width: number): Html {
  const middle = top + rowHeight / 2;
  const node = operations.find((operation) => operation.process === process)?.node;
  return html`<path d="M${gutter} ${middle}H${width}" stroke-dasharray="1 5" fill="none" ${paint({ stroke: 'muted' })}/>
<text x="${gutter - 10}" y="${node === undefined ? middle + 4 : middle - 2}" text-anchor="end" font-weight="600" ${paint({ fill: 'text' })}>process ${process}</text>
${node === undefined ? undefined : html`<text x="${gutter - 10}" y="${middle + 13}" text-anchor="end" font-size="11" ${paint({ fill: 'muted' })}>on ${svgProse(node)}</text>`}`;
}

/** A thin line from each bar's end down to its time. */
function guides(
  { events, places }: Layout,
  operations: readonly Operation[],
  processes: readonly number[],
  top: number,
  bottom: number,
  decimals: number,
): Html {
  const rowOf = new Map<number, number>();
  for (const operation of operations) {
    const row = processes.indexOf(operation.process);
    rowOf.set(operation.invokedAt, row);
    rowOf.set(operation.completedAt, row);
  }
  return html`<g font-size="11" text-anchor="middle" ${paint({ fill: 'muted' })}>${events.map((event) => {
    const x = place(places.get(event.at) ?? 0);
    const from = top + (rowOf.get(event.at) ?? 0) * rowHeight + rowHeight / 2;
    return html`<path d="M${x} ${from}V${bottom + 4}" stroke-opacity="0.45" stroke-dasharray="2 3" ${paint({ stroke: 'muted' })}/><text x="${x}" y="${bottom + 18}">${momentText(event.time, decimals)}</text>`;
  })}</g>`;
}

function bar(operation: Operation, counterexample: Counterexample, layout: Layout, y: number): Html {
  const culprit = operation.id === counterexample.culprit;
  const outcome = outcomeOf(operation);
  const colour: Colour = culprit ? 'bad' : outcome;
  const tint: Colour = culprit ? 'badTint' : `${outcome}Tint`;
  const from = place(layout.places.get(operation.invokedAt) ?? 0);
  const open = !Number.isFinite(operation.completedAt);
  const to = place(open ? layout.right : (layout.places.get(operation.completedAt) ?? layout.right));
  const rank = counterexample.longestOrder.indexOf(operation.id);
  const middle = y + barHeight / 2;
  const outline = open
    ? `M${to - 14} ${y}H${from}V${y + barHeight}H${to - 14}L${to} ${middle}Z`
    : `M${from} ${y}H${to}V${y + barHeight}H${from}Z`;
  const dash = outcome === 'ok' ? undefined : html` stroke-dasharray="${outcome === 'info' ? '6 4' : '2 3'}"`;
  return html`<g><title>operation ${operation.id}, process ${operation.process}: ${operationText(operation, 300)}</title>
<path d="${outline}" stroke-linejoin="round" stroke-width="${culprit ? 2.5 : 1.5}"${dash} ${paint({ fill: tint, stroke: colour })}/>
${culprit ? html`<rect x="${from + 4}" y="${y + 4}" width="${to - from - 8}" height="${barHeight - 8}" fill="none" ${paint({ stroke: 'bad' })}/>` : undefined}
${badge(from + 18, middle, rank, culprit)}
<text x="${from + 34}" y="${middle + 4.5}" font-family="${mono}" font-size="12.5" ${paint({ fill: 'text' })}>${svgProse(barLabel(operation))}</text>
<text x="${from + 1}" y="${y + barHeight + 11}" font-size="9.5" ${paint({ fill: 'muted' })}>operation ${operation.id}</text></g>`;
}

/** The operation's place in the longest legal order; a cross where no order can place it. */
function badge(x: number, y: number, rank: number, culprit: boolean): Html {
  if (rank === -1 && !culprit) return html`<circle cx="${x}" cy="${y}" r="3" ${paint({ fill: 'muted' })}/>`;
  if (culprit && rank === -1) {
    return html`<circle cx="${x}" cy="${y}" r="9" ${paint({ fill: 'bad' })}/><path d="M${x - 3.5} ${y - 3.5}l7 7m0 -7l-7 7" stroke-width="2" fill="none" ${paint({ stroke: 'surface' })}/>`;
  }
  return html`<circle cx="${x}" cy="${y}" r="9" ${paint({ fill: 'surface', stroke: culprit ? 'bad' : 'muted' })}/><text x="${x}" y="${y + 4}" text-anchor="middle" font-size="11" font-weight="600" ${paint({ fill: 'text' })}>${rank + 1}</text>`;
}
