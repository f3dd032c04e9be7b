import { describe, expect, it } from 'vitest';
import { AssertionError } from './assert.ts';
import { Log } from './log.ts';
import type { Entry, Term } from './messages.ts';

function logOf(...terms: readonly Term[]): Log {
  return new Log(terms.map((term, position): Entry => ({ index: position + 1, term, data: 'xxxx' })));
}

describe('a log', () => {
  it('begins at 1, behind an imagined entry of term 0', () => {
    const log = logOf();
    expect([log.lastIndex, log.lastTerm, log.termAt(0), log.termAt(1)]).toEqual([0, 0, 0, undefined]);
  });

  it('knows the term of each of its entries and of none past the last', () => {
    const log = logOf(1, 1, 3);
    expect([0, 1, 2, 3, 4].map((index) => log.termAt(index))).toEqual([0, 1, 1, 3, undefined]);
    expect([log.lastIndex, log.lastTerm]).toEqual([3, 3]);
  });

  it('finds where the run of a term begins', () => {
    const log = logOf(1, 1, 3, 3, 3, 4);
    expect([1, 2, 3, 5, 6].map((index) => log.firstIndexOfTermAt(index))).toEqual([1, 1, 3, 3, 6]);
  });

  it('has no gap', () => {
    expect(() => logOf(1, 1).append([{ index: 4, term: 1, data: '' }])).toThrow(
      new AssertionError('broken: the log has no gap (lastIndex 2, appended 4)'),
    );
  });

  it('loses the entry it is truncated from and all that follow', () => {
    const log = logOf(1, 1, 2);
    log.truncateFrom(2);
    expect(log.lastIndex).toBe(1);
    log.truncateFrom(2);
    expect(log.lastIndex).toBe(1);
  });

  it.each([
    { limits: { entries: 2, dataLength: 100 }, from: 1, sent: [1, 2] },
    { limits: { entries: 9, dataLength: 8 }, from: 1, sent: [1, 2] },
    { limits: { entries: 9, dataLength: 11 }, from: 1, sent: [1, 2] },
    { limits: { entries: 9, dataLength: 12 }, from: 1, sent: [1, 2, 3] },
    { limits: { entries: 9, dataLength: 1 }, from: 2, sent: [2] },
    { limits: { entries: 9, dataLength: 100 }, from: 3, sent: [3, 4] },
    { limits: { entries: 9, dataLength: 100 }, from: 5, sent: [] },
  ])('gives $sent from $from within $limits', ({ limits, from, sent }) => {
    expect(
      logOf(1, 1, 1, 1)
        .sliceWithin(from, limits)
        .map(({ index }) => index),
    ).toEqual(sent);
  });
});
