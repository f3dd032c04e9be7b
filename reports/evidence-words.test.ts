import { describe, expect, it } from 'vitest';
import { wordsOf } from './evidence-words.ts';

describe('evidence in words', () => {
  it('the same said of several things is said once', () => {
    expect(wordsOf({ 'n1→n2': 'silent', 'n1→n3': 'silent', 'n2→n1': 'open' })).toBe(
      'n1→n2, n1→n3: silent; n2→n1 open',
    );
  });

  it('durations that differ become a range, other numbers keep things apart', () => {
    expect(
      wordsOf({
        'n1→n2': 'arrived in 3.5 ms, answered in 9 ms',
        'n1→n3': 'arrived in 4 ms, answered in 9 ms',
      }),
    ).toBe('n1→n2, n1→n3: arrived in 3.5–4 ms, answered in 9 ms');
    expect(wordsOf({ n1: 'pid 16', n2: 'pid 17' })).toBe('n1 pid 16, n2 pid 17');
  });

  it('many names are counted', () => {
    const links = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`l${i}`, 'open']));
    expect(wordsOf(links)).toBe('l0, l1, l2, l3, l4, l5, l6, l7 and 12 more: open');
  });

  it('a node tells what it was and is, or why it was passed over', () => {
    const was = 'running';
    expect(
      wordsOf({
        n1: { status: 'applied', was, now: 'dead', pid: 17, ms: 5 },
        n2: { status: 'skipped', reason: 'it is dead', was: 'dead' },
        n3: { status: 'applied', was: 'dead', now: was, ready: true, readyMs: 1151.7 },
      }),
    ).toBe('n1 (running → dead, pid 17), n2 (skipped: it is dead), n3 (dead → running, ready after 1152 ms)');
  });

  it('amounts of time that were chosen keep things apart, and are told in seconds', () => {
    const read = { roundTripMs: 0.4, 'read by': 'program' };
    expect(
      wordsOf({
        n1: { status: 'applied', byMs: -30_000, offsetMs: -29_998, ...read },
        n2: { status: 'applied', byMs: 11, offsetMs: 12, ...read },
      }),
    ).toBe(
      'n1 (by -30 seconds, offset -29.998 seconds, round trip 0.4 ms, read by program), ' +
        'n2 (by 0.011 seconds, offset 0.012 seconds, round trip 0.4 ms, read by program)',
    );
    expect(wordsOf({ targets: 'primaries', byMs: -30_000 })).toBe('targets primaries, by -30 seconds');
  });

  it('whatever else it is, it stays readable', () => {
    expect(wordsOf([['n1'], ['n2', 'n3']])).toBe('(n1), (n2, n3)');
    expect(wordsOf({ a: 1, b: true, c: null })).toBe('a 1, b, c');
    expect(wordsOf('\u001b[2J')).toBe('␛[2J');
    expect([wordsOf(null), wordsOf(undefined), wordsOf({}), wordsOf(0)]).toEqual(['', '', '', '0']);
  });
});
