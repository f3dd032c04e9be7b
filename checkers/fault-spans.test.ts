import { describe, expect, it } from 'vitest';
import { type FaultBandLike, faultSpans, phases } from './fault-spans.ts';
import type { History } from './history.ts';
import { done, fault, phase, type ScriptedOp, scripted } from './scripted-history.fixture.ts';

const partition: FaultBandLike = {
  name: 'partition',
  from: ['cut', 'isolate'],
  to: ['mend'],
  colour: '#aa0000',
};
const kill: FaultBandLike = { name: 'kill', from: ['kill'], to: ['start'], colour: '#0000aa' };

function shape(history: History, ...bands: FaultBandLike[]): unknown[] {
  return faultSpans(history, bands).map((span) => [span.fault, span.startIndex, span.endIndex]);
}

describe('faultSpans', () => {
  it('a span lasts from the invocation of the harm to the completion of the heal', () => {
    const history = scripted(
      ...done(0, 'read'),
      ...fault('cut', 'applied', 'halves'),
      ...fault('mend', 'applied'),
    );
    expect(faultSpans(history, [partition])).toEqual([
      {
        fault: 'partition',
        from: 2e6,
        to: 5e6,
        startIndex: 2,
        appliedIndex: 3,
        healIndex: 4,
        endIndex: 5,
        value: 'halves',
        outcome: { status: 'applied', evidence: { n1: 'seen' } },
      },
    ]);
  });

  it('a span that was never healed lasts to the end of the history and has no end index', () => {
    const [span] = faultSpans(scripted(...fault('cut', 'applied'), ...done(0, 'read')), [partition]);
    expect(span).toMatchObject({ from: 0, to: 3e6, startIndex: 0 });
    expect(span).not.toHaveProperty('endIndex');
    expect(span).not.toHaveProperty('healIndex');
  });

  it.each(['skipped', 'failed'] as const)('a call that was %s begins nothing', (status) => {
    expect(shape(scripted(...fault('cut', status), ...fault('mend', 'applied')), partition)).toEqual([]);
  });

  it.each(['skipped', 'failed'] as const)('a heal that was %s ends nothing', (status) => {
    const history = scripted(
      ...fault('cut', 'applied'),
      ...fault('mend', status),
      ...fault('mend', 'applied'),
    );
    expect(shape(history, partition)).toEqual([['partition', 0, 5]]);
  });

  it('one heal ends all open spans of its band, and no other band', () => {
    const history = scripted(
      ...fault('cut', 'applied'),
      ...fault('kill', 'applied'),
      ...fault('isolate', 'applied'),
      ...fault('mend', 'applied'),
    );
    expect(shape(history, partition, kill)).toEqual([
      ['partition', 0, 7],
      ['kill', 2, undefined],
      ['partition', 4, 7],
    ]);
  });

  it('a heal that came before the harm does not end it', () => {
    const history = scripted(
      ...fault('mend', 'applied'),
      ...fault('cut', 'applied'),
      ...fault('mend', 'applied'),
    );
    expect(shape(history, partition)).toEqual([['partition', 2, 5]]);
  });

  it('a call without completion, and a value that tells no outcome, begin nothing', () => {
    const nemesis = (op: Partial<ScriptedOp>): ScriptedOp => ({
      type: 'info',
      process: 'nemesis',
      f: 'cut',
      ...op,
    });
    expect(shape(scripted(nemesis({ type: 'invoke' })), partition)).toEqual([]);
    for (const value of [null, 'applied', ['applied'], { status: 'done' }, {}]) {
      expect(shape(scripted(nemesis({ type: 'invoke' }), nemesis({ value })), partition)).toEqual([]);
    }
  });

  it("a client's call of the same name is no fault", () => {
    const applied = { status: 'applied', evidence: {} };
    const history = scripted(
      { type: 'invoke', process: 0, f: 'cut' },
      { type: 'ok', process: 0, f: 'cut', value: applied },
    );
    expect(shape(history, partition)).toEqual([]);
  });

  it('an empty history has no spans', () => {
    expect(shape(scripted(), partition)).toEqual([]);
  });
});

describe('phases', () => {
  it('each lasts from its mark to the next one, the last to the end', () => {
    const history = scripted(...done(0, 'read'), ...phase('warm-up'), ...phase('main'), ...done(0, 'read'));
    expect(phases(history)).toEqual([
      { name: 'warm-up', index: 2, endIndex: 4, time: 2e6, endTime: 4e6 },
      { name: 'main', index: 4, endIndex: 8, time: 4e6, endTime: 7e6 },
    ]);
  });

  it('a mark may be a single info', () => {
    const mark = (value: string): ScriptedOp => ({ type: 'info', process: 'nemesis', f: 'phase', value });
    const names = phases(scripted(mark('warm-up'), mark('main'), mark('recovery'), mark('final')));
    expect(names.map(({ name, index }) => [name, index])).toEqual([
      ['warm-up', 0],
      ['main', 1],
      ['recovery', 2],
      ['final', 3],
    ]);
  });

  it('names that are none are passed over, and a history without marks has no phases', () => {
    expect(phases(scripted(...fault('phase', 'applied', 'lunch'), ...done(0, 'phase', 'main')))).toEqual([]);
    expect(phases(scripted())).toEqual([]);
  });
});
