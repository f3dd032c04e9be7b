import { describe, expect, it } from 'vitest';
import { History, type NewOp } from '../../checkers/history.ts';
import { timelinePicture } from './timeline-picture.ts';
import { timelineRows } from './timeline-rows.ts';

function reads(count: number, process: number, outcome: (i: number) => 'ok' | 'info'): NewOp[] {
  return Array.from({ length: count }, (_, i): NewOp[] => {
    const base = { f: 'read', process: outcome(i) === 'info' ? process + 100 : process };
    return [
      { ...base, type: 'invoke', time: 10 * i },
      { ...base, type: outcome(i), time: 10 * i + 5 },
    ];
  }).flat();
}

function picture(history: History, detailed: boolean): string {
  const invocations = [...history].filter((op) => op.type === 'invoke').map((op) => op.index);
  const { rows } = timelineRows(history, invocations, { threads: 100, limit: 40, first: [] });
  const to = history.time(history.length - 1);
  return timelinePicture({ label: 't', history, rows, spans: [], from: 0, to, detailed, counterexamples: [] })
    .markup;
}

describe('the timeline', () => {
  it('drawn in columns, one unknown operation among ten thousand ok ones is still there', () => {
    const fine = picture(History.of(reads(10_000, 1, () => 'ok')), false);
    const bad = picture(History.of(reads(10_000, 1, (i) => (i === 5_000 ? 'info' : 'ok'))), false);
    expect(fine).not.toContain('class="f-info"');
    expect(bad).toContain('class="f-info"');
    expect(bad.length).toBeLessThan(3_000);
  });

  it('drawn one by one, every operation has its shape and its words', () => {
    const markup = picture(History.of(reads(20, 1, (i) => (i === 5 ? 'info' : 'ok'))), true);
    expect(markup.match(/<title>read/g)).toHaveLength(20);
    expect(markup.match(/class="f-infoTint s-info"/g)).toHaveLength(1);
  });
});

describe('the rows of a timeline', () => {
  const history = History.of(reads(10, 3, (i) => (i === 4 ? 'info' : 'ok')));
  const invocations = [...history].filter((op) => op.type === 'invoke').map((op) => op.index);

  it('a thread goes on in its row under the next process', () => {
    const { rows } = timelineRows(history, invocations, { threads: 100, limit: 9, first: [] });
    expect(rows.map(({ title, subtitle }) => [title, subtitle])).toEqual([['thread 3', 'processes 3, 103']]);
  });

  it('without a known number of threads each process has its row, and those asked for are kept', () => {
    const all = timelineRows(history, invocations, { threads: 0, limit: 9, first: [] });
    expect(all.rows.map(({ title }) => title)).toEqual(['process 3', 'process 103']);
    const one = timelineRows(history, invocations, { threads: 0, limit: 1, first: [103] });
    expect(one).toMatchObject({ rows: [{ title: 'process 103' }], leftOut: 1 });
  });
});
