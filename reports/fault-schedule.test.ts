import { describe, expect, it } from 'vitest';
import { History, type NewOp } from '../checkers/history.ts';
import type { Json } from '../checkers/json.ts';
import { faultActions, faultTotals, shadedSpans } from './fault-schedule.ts';
import { bands } from './testdata/synthetic-run.ts';

function call(f: string, from: number, to: number, value: Json, outcome: Json): NewOp[] {
  return [
    { type: 'invoke', process: 'nemesis', f, time: from, value },
    { type: 'info', process: 'nemesis', f, time: to, value: outcome },
  ];
}

const applied: Json = { status: 'applied', evidence: {} };

describe('the fault schedule', () => {
  it('tells of each call whom it met, what became of it and what was seen', () => {
    const history = History.of([
      ...call('kill', 10, 20, 'minority', {
        status: 'applied',
        evidence: {
          targets: ['n1', 'n2'],
          nodes: {
            n1: { status: 'applied', was: 'running', now: 'dead', ms: 7 },
            n2: { was: 'running', now: 'dead' },
          },
          ms: 8,
        },
      }),
      ...call('kill', 30, 31, 'one', { status: 'skipped', reason: 'it is dead already', evidence: {} }),
      ...call('start', 40, 50, null, applied),
      ...call('phase', 60, 60, 'final', applied),
      { type: 'invoke', process: 'nemesis', f: 'pause', time: 70 },
    ]);
    const actions = faultActions(history, bands);
    expect(
      actions.map(({ f, target, status, kind, from, to }) => [f, target, status, kind, from, to]),
    ).toEqual([
      ['kill', 'minority: n1, n2', 'applied', 'harm', 10, 20],
      ['kill', 'one', 'skipped', 'harm', 30, 31],
      ['start', '', 'applied', 'repair', 40, 50],
      ['phase', 'final', 'applied', undefined, 60, 60],
      ['pause', '', 'unknown', 'harm', 70, undefined],
    ]);
    expect(actions[0]?.evidence).toEqual(['nodes: n1, n2: (running → dead)']);
    expect(actions[1]?.evidence).toEqual(['it is dead already']);
  });

  it('tells rules of links, clocks and whose links were left alone as a person would', () => {
    const evidence = (seen: Json) => ({ status: 'applied', evidence: seen });
    const history = History.of([
      ...call('start-delay', 0, 1, 'one', evidence({ rule: { kind: 'delay', delayMs: 50, jitterMs: 10 } })),
      ...call('start-slow', 2, 3, 'all', evidence({ rule: { kind: 'limit', bytesPerSecond: 125_000 } })),
      ...call('start-loss', 4, 5, 'all', evidence({ rule: { kind: 'loss', share: 0.2 } })),
      ...call(
        'start-reset',
        6,
        7,
        'all',
        evidence({ rule: { kind: 'reset' }, 'left to': { 'n1→n2': 'slow' } }),
      ),
      ...call(
        'bump-clock',
        8,
        9,
        { targets: 'primaries', byMs: -30_000 },
        evidence({
          targets: ['n2'],
          'clock-offsets': { n1: 0, n2: -29.998, n3: 0 },
          'host-moved-ms': 0,
        }),
      ),
      ...call('start-partition', 10, 11, 'one', evidence({ clients: ['n1'] })),
    ]);
    const actions = faultActions(history, bands);
    expect(actions.map(({ evidence }) => evidence)).toEqual([
      ['rule: delay 50 ms, jitter 10 ms'],
      ['rule: limit 125000 bytes a second'],
      ['rule: loss 20 % of the packets'],
      ['left to other faults: n1→n2 slow', 'rule: reset'],
      [
        'clocks are ahead by: n1, n3: 0 seconds; n2 -29.998 seconds',
        'the controller’s own clock moved by: 0 ms',
      ],
      ['who hears no clients: n1'],
    ]);
    expect(actions[4]?.target).toBe('by -30 seconds, targets primaries: n2');
  });

  it('takes a completion that is no outcome of ours as not told', () => {
    const history = History.of(call('kill', 0, 1, null, { n1: 'killed' }));
    expect(faultActions(history, bands)[0]).toMatchObject({ status: 'unknown', evidence: ['n1 killed'] });
  });

  it('counts by fault, with those that were asked for and never came', () => {
    const history = History.of([
      ...call('kill', 0, 1, null, applied),
      ...call('start', 2, 3, null, { status: 'failed', evidence: {} }),
    ]);
    expect(faultTotals(faultActions(history, bands), bands)).toMatchObject([
      { name: 'partition', applied: 0 },
      { name: 'kill', applied: 1, healed: 0, notHealed: 1 },
      { name: 'pause', applied: 0 },
    ]);
  });

  it('shades overlapping spans of one fault once', () => {
    const history = History.of([
      ...call('kill', 10, 20, null, applied),
      ...call('kill', 30, 40, null, applied),
      ...call('start', 50, 60, null, applied),
      ...call('kill', 80, 90, null, applied),
    ]);
    expect(shadedSpans(history, bands)).toMatchObject([
      { name: 'kill', from: 10, to: 60, harms: 2 },
      { name: 'kill', from: 80, to: 90, harms: 1 },
    ]);
  });
});
