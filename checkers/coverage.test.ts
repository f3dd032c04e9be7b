import { describe, expect, it } from 'vitest';
import type { CheckResult } from './checker.ts';
import { coverage } from './coverage.ts';
import type { FaultBandLike } from './fault-spans.ts';
import {
  done,
  fail,
  fault,
  info,
  invoke,
  ok,
  phase,
  type ScriptedOp,
  scripted,
} from './scripted-history.fixture.ts';

const partition: FaultBandLike = { name: 'partition', from: ['cut'], to: ['mend'], colour: '#aa0000' };
const kill: FaultBandLike = { name: 'kill', from: ['kill'], to: ['start'], colour: '#0000aa' };

function check(required: string[], faults: FaultBandLike[], ...ops: ScriptedOp[][]): Promise<CheckResult> {
  return coverage({ required, faults }).check(scripted(...ops.flat()), { giveUp: () => undefined });
}

const read = done(0, 'read', 1);
const failedRead = [invoke(0, 'read'), fail(0, 'read')];
const cut = fault('cut', 'applied');
const mend = fault('mend', 'applied');

describe('coverage', () => {
  it('is valid when the function succeeded before, during and after the fault', async () => {
    const result = await check(['read'], [partition], read, cut, read, mend, read);
    expect(result).toMatchObject({
      validity: 'valid',
      summary: 'read succeeded before, during and after faults; applied: partition (1)',
      details: { ok: { read: { before: 1, during: 1, after: 1 } }, missing: [] },
    });
  });

  it.each([
    ['before the first fault', [failedRead, cut, read, mend, read]],
    ['while a fault was active', [read, cut, failedRead, mend, read]],
    ['after a fault was healed', [read, cut, read, mend, failedRead]],
    ['after a fault was healed', [read, cut, read, fault('mend', 'failed'), read]],
  ])('is unknown when none succeeded %s', async (when, ops) => {
    expect(await check(['read'], [partition], ...ops)).toMatchObject({
      validity: 'unknown',
      summary: `no read succeeded ${when}`,
    });
  });

  it('is unknown when one of several functions lacks something, and says which', async () => {
    const both = [...read, ...done(1, 'cas', [1, 2])];
    expect(await check(['read', 'cas'], [partition], both, cut, read, mend, both)).toMatchObject({
      validity: 'unknown',
      summary: 'no cas succeeded while a fault was active',
    });
    expect(await check(['read', 'cas'], [partition], read, cut, read, mend, read)).toMatchObject({
      summary: 'no cas succeeded',
    });
  });

  it.each(['skipped', 'failed'] as const)('a fault that was %s did not take effect', async (status) => {
    const result = await check(['read'], [partition], read, fault('cut', status), read, mend, read);
    expect(result.validity).toBe('unknown');
    expect(result.summary).toMatch(/^partition never took effect in the main phase \(. skipped, . failed\)$/);
  });

  it('each requested fault has to take effect, and one that was not requested is none', async () => {
    expect(await check(['read'], [partition, kill], read, cut, read, mend, read)).toMatchObject({
      validity: 'unknown',
      summary: 'kill was never tried in the main phase',
    });
    expect(await check(['read'], [kill], read, cut, read, mend, read)).toMatchObject({ validity: 'unknown' });
  });

  it('what is invoked while a fault comes or goes is neither before, during nor after', async () => {
    const [start, applied] = cut as [ScriptedOp, ScriptedOp];
    const [healing, healed] = mend as [ScriptedOp, ScriptedOp];
    const result = await check(['read'], [partition], [start], read, [applied, healing], read, [healed]);
    expect(result.details).toMatchObject({ ok: { read: { before: 0, during: 0, after: 0 } } });
  });

  it('counts by invocation: what began under the fault and succeeded after it was tried under it', async () => {
    const result = await check(
      ['read'],
      [partition],
      read,
      cut,
      [invoke(1, 'read')],
      mend,
      [ok(1, 'read')],
      read,
    );
    expect(result.validity).toBe('valid');
  });

  it('while one of two faults lasts, nothing is after', async () => {
    const faults = [cut, fault('kill', 'applied'), read, mend, read];
    expect((await check(['read'], [partition, kill], read, ...faults)).details).toMatchObject({
      ok: { read: { before: 1, during: 2, after: 0 } },
    });
  });

  it('without requested faults each function only has to succeed', async () => {
    expect(await check(['read'], [], read)).toMatchObject({ validity: 'valid', summary: 'read succeeded' });
    expect(await check(['read', 'cas'], [], read)).toMatchObject({
      validity: 'unknown',
      summary: 'no cas succeeded',
    });
  });

  it('is never invalid', async () => {
    expect((await check(['read'], [partition], [invoke(0, 'read'), info(0, 'read')])).validity).toBe(
      'unknown',
    );
  });

  it('a fault counts in the main phase only', async () => {
    const late = [phase('warm-up'), phase('main'), read, phase('recovery'), cut, read, mend, read];
    expect(await check(['read'], [partition], ...late)).toMatchObject({
      validity: 'unknown',
      summary: 'partition was never tried in the main phase',
    });
  });

  it('warm-up counts as before, recovery after the heal as after', async () => {
    const run = [
      phase('warm-up'),
      read,
      phase('main'),
      cut,
      read,
      phase('recovery'),
      mend,
      read,
      phase('final'),
    ];
    expect(await check(['read'], [partition], ...run)).toMatchObject({ validity: 'valid' });
  });

  it('pitfall 27: operations of set-up and of the final phase do not count', async () => {
    const emptyMain = [phase('main'), failedRead, cut, failedRead, mend, failedRead];
    const result = await check(
      ['read'],
      [partition],
      read,
      phase('warm-up'),
      ...emptyMain,
      phase('final'),
      read,
      read,
    );
    expect(result).toMatchObject({ validity: 'unknown', summary: 'no operation succeeded' });
    const noneAfter = [phase('warm-up'), read, phase('main'), cut, read, mend, phase('final'), read];
    expect(await check(['read'], [partition], ...noneAfter)).toMatchObject({
      validity: 'unknown',
      summary: 'no read succeeded after a fault was healed',
    });
  });

  it('does not ask for success while the only node there is was down, and does for everything else', async () => {
    const alone = (...ops: ScriptedOp[][]) =>
      coverage({ required: ['read'], faults: [kill], nodes: 1 }).check(scripted(...ops.flat()), {
        giveUp: () => undefined,
      });
    const down = fault('kill', 'applied');
    const up = fault('start', 'applied');
    expect(await alone(read, down, failedRead, up, read)).toMatchObject({
      validity: 'valid',
      summary: 'read succeeded before and after faults, of one node; applied: kill (1)',
    });
    expect(await alone(read, down, failedRead, up, failedRead)).toMatchObject({
      validity: 'unknown',
      summary: 'no read succeeded after a fault was healed',
    });
  });

  it('pitfall 57: nothing at all, or nothing but the nemesis, is unknown', async () => {
    expect((await check([], [])).validity).toBe('unknown');
    expect((await check([], [partition], cut, mend)).validity).toBe('unknown');
  });

  it('pitfall 58: ok operations are counted for each f under faults', async () => {
    const write = done(1, 'write', 1);
    const result = await check(['read'], [partition], read, cut, read, read, write, failedRead, mend, read);
    expect(result.details).toMatchObject({ ok: { read: { during: 2 }, write: { during: 1 } } });
  });
});
