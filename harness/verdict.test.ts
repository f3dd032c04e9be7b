import { describe, expect, it } from 'vitest';
import type { Validity } from '../checkers/checker.ts';
import { exitCodeOf } from './cli/exit-codes.ts';
import { conclude, type Ending } from './verdict.ts';

const ending = (validity: Validity, changes: Partial<Ending> = {}): Ending => ({
  result: { validity, summary: `the checker says ${validity}` },
  problems: [],
  interrupted: false,
  partial: false,
  operations: 1234,
  ...changes,
});
const problem = { stage: 'heal', message: 'n1 still cannot hear n2' };

describe('the verdict', () => {
  it("pitfall 56: a violation outranks the harness's own failure, an interruption and a partial history", () => {
    const worst = conclude(ending('invalid', { problems: [problem], interrupted: true, partial: true }));
    expect(worst.conclusion).toBe('violation');
    expect(worst.sentence).toBe('INVALID: the checker says invalid (1,234 operations recorded)');
  });

  it('says that a run was ended early, and that a violation found on the way was not confirmed', () => {
    const early = { partial: true, endedEarly: 'key a has no legal order' };
    const confirmed = conclude(ending('invalid', early));
    expect(confirmed.conclusion).toBe('violation');
    expect(confirmed.sentence).toContain('says invalid; the run was ended early because of --fail-fast');
    const denied = conclude(ending('valid', early));
    expect(denied.conclusion).toBe('unknown');
    expect(denied.sentence).toContain('(key a has no legal order), but the check at its end did not confirm');
  });

  it('pitfall 80: a pass is none when the harness failed', () => {
    const failed = conclude(ending('valid', { problems: [problem, problem] }));
    expect(failed.conclusion).toBe('harness-failure');
    expect(failed.sentence).toContain('heal: n1 still cannot hear n2 and 1 more; no violation was found');
  });

  it('pitfall 60: unknown is never turned into yes or no, and a partial pass is unknown', () => {
    expect(conclude(ending('unknown')).conclusion).toBe('unknown');
    expect(conclude(ending('valid', { partial: true })).conclusion).toBe('unknown');
    expect(conclude(ending('valid', { interrupted: true })).conclusion).toBe('interrupted');
    expect(conclude(ending('valid')).conclusion).toBe('valid');
  });

  it('has an exit code for each conclusion', () => {
    expect(exitCodeOf('valid')).toBe(0);
    expect(exitCodeOf('violation', 'SIGINT')).toBe(1);
    expect(exitCodeOf('unknown')).toBe(2);
    expect(exitCodeOf('harness-failure')).toBe(3);
    expect(exitCodeOf('interrupted', 'SIGINT')).toBe(130);
    expect(exitCodeOf('interrupted', 'SIGTERM')).toBe(143);
  });
});
