import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendLimits } from './append-limits.ts';
import { mergeEffects } from './effects.ts';
import type { Effects, Entry, Envelope, Index, Message, Term } from './messages.ts';

const nothing: Effects = { send: [], apply: [], answers: [] };

function entries(term: Term, ...indices: readonly Index[]): readonly Entry[] {
  return indices.map((index) => ({ index, term, data: `${term}.${index}` }));
}

function append(
  prevIndex: Index,
  sent: readonly Entry[],
  more: { round?: number; term?: Term; commit?: Index } = {},
) {
  const message: Message = {
    kind: 'append',
    term: more.term ?? 1,
    prevIndex,
    prevTerm: prevIndex === 0 ? 0 : 1,
    entries: sent,
    commit: more.commit ?? 0,
    round: more.round ?? 1,
  };
  return message;
}

function to(id: string, message: Message): Envelope {
  return { from: 'a', to: id, message };
}

describe('what consecutive steps persist', () => {
  it('is nothing when none persists anything', () => {
    expect(mergeEffects([nothing, nothing])).toEqual(nothing);
    expect(mergeEffects([])).toEqual(nothing);
  });

  it('is the last hard state and all entries in order', () => {
    const merged = mergeEffects([
      { ...nothing, persist: { hardState: { term: 1, votedFor: null }, append: entries(1, 1, 2) } },
      { ...nothing, persist: { append: entries(1, 3) } },
      { ...nothing, persist: { hardState: { term: 2, votedFor: 'b' }, append: [] } },
    ]);
    expect(merged.persist).toEqual({ hardState: { term: 2, votedFor: 'b' }, append: entries(1, 1, 2, 3) });
  });

  it('leaves out what a later step truncates again, and cuts the disk only where the disk has something', () => {
    const merged = mergeEffects([
      { ...nothing, persist: { append: entries(1, 5, 6, 7) } },
      { ...nothing, persist: { truncateFrom: 6, append: entries(2, 6) } },
    ]);
    expect(merged.persist).toEqual({ append: [...entries(1, 5), ...entries(2, 6)] });
  });

  it('cuts the disk at the lowest of the cuts', () => {
    const merged = mergeEffects([
      { ...nothing, persist: { truncateFrom: 5, append: entries(2, 5, 6) } },
      { ...nothing, persist: { truncateFrom: 3, append: entries(3, 3) } },
      { ...nothing, persist: { append: entries(3, 4) } },
    ]);
    expect(merged.persist).toEqual({ truncateFrom: 3, append: entries(3, 3, 4) });
  });

  it('leaves the same disk as persisting step by step, whatever the steps', () => {
    const change = fc.record({ keep: fc.nat(8), count: fc.nat(3), cuts: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(4), fc.array(change, { maxLength: 8 }), (length, changes) => {
        const disk = entries(1, ...Array.from({ length }, (_, position) => position + 1));
        let last = length;
        const steps = changes.map(({ keep, count, cuts }, position): Effects => {
          const kept = cuts ? Math.min(keep, last) : last;
          // What truncates has something to put there.
          const size = kept < last ? count + 1 : count;
          const added = entries(
            position + 2,
            ...Array.from({ length: size }, (_, offset) => kept + offset + 1),
          );
          const truncates = kept < last;
          last = kept + added.length;
          return { ...nothing, persist: { ...(truncates && { truncateFrom: kept + 1 }), append: added } };
        });
        expect(persisted(disk, [mergeEffects(steps)])).toEqual(persisted(disk, steps));
      }),
    );
  });
});

/** The disk afterwards, which must never be cut or extended beyond its end. */
function persisted(disk: readonly Entry[], steps: readonly Effects[]): readonly Entry[] {
  return steps.reduce((before, { persist }) => {
    if (persist === undefined) return before;
    if (persist.truncateFrom !== undefined) expect(persist.truncateFrom).toBeLessThanOrEqual(before.length);
    const kept = persist.truncateFrom === undefined ? before : before.slice(0, persist.truncateFrom - 1);
    const after = [...kept, ...persist.append];
    expect(after.map(({ index }) => index)).toEqual(after.map((_, position) => position + 1));
    return after;
  }, disk);
}

describe('what consecutive steps send', () => {
  const sentBy = (...envelopes: readonly Envelope[]) =>
    mergeEffects(envelopes.map((envelope) => ({ ...nothing, send: [envelope] }))).send;

  it('is one append where appends to the same peer continue each other, with the latest commit and round', () => {
    expect(
      sentBy(
        to('b', append(1, entries(1, 2))),
        to('c', append(1, entries(1, 2))),
        to('b', append(2, [], { round: 2 })),
        to('b', append(2, entries(1, 3), { round: 2, commit: 1 })),
      ),
    ).toEqual([
      to('b', append(1, entries(1, 2, 3), { round: 2, commit: 1 })),
      to('c', append(1, entries(1, 2))),
    ]);
  });

  it('stays apart where something lies between: another term, a gap, another message', () => {
    const apart = [
      to('b', append(1, entries(1, 2))),
      to('b', append(2, entries(1, 3), { term: 2 })),
      to('b', append(5, entries(1, 6), { term: 2 })),
      to('b', { kind: 'vote', term: 2, granted: true }),
      to('b', append(6, entries(1, 7), { term: 2 })),
    ];
    expect(sentBy(...apart)).toEqual(apart);
  });

  it('stays apart where one append would carry too much', () => {
    const full = Array.from({ length: appendLimits.entries }, (_, position) => position + 1);
    const apart = [
      to('b', append(0, entries(1, ...full))),
      to('b', append(full.length, entries(1, full.length + 1))),
    ];
    expect(sentBy(...apart)).toEqual(apart);
  });
});

it('entries to apply and answers follow each other as the steps did', () => {
  const [first, second] = entries(1, 1, 2);
  const merged = mergeEffects([
    { ...nothing, apply: entries(1, 1), answers: [{ kind: 'committed', ticket: 1, index: 1 }] },
    { ...nothing, apply: entries(1, 2), answers: [{ kind: 'readable', ticket: 2, index: 2 }] },
  ]);
  expect(merged.apply).toEqual([first, second]);
  expect(merged.answers.map(({ ticket }) => ticket)).toEqual([1, 2]);
});
