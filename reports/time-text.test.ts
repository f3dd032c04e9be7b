import { describe, expect, it } from 'vitest';
import { decimalsFor, durationText, momentText } from './time-text.ts';

describe('times in words', () => {
  it('a moment is in seconds, with as many decimals as tell near moments apart', () => {
    expect(momentText(12_304_000_000)).toBe('12.304 s');
    expect(decimalsFor([0, 1_000_000, 3_000_000])).toBe(3);
    expect(decimalsFor([0, 1_000_000, 1_020_000])).toBe(5);
    expect(decimalsFor([5, 6])).toBe(9);
    expect(decimalsFor([7, 7])).toBe(3);
  });

  it('a duration has three digits and the unit that fits', () => {
    const cases: [number, string][] = [
      [0, '0 s'],
      [850, '850 ns'],
      [999_499, '999 µs'],
      [999_600, '1 ms'],
      [3_214_000, '3.21 ms'],
      [412_000_000, '412 ms'],
      [1_730_000_000, '1.73 s'],
      [99_960_000_000, '100 s'],
      [120_000_000_000, '2 min'],
      [125_000_000_000, '2 min 5 s'],
    ];
    for (const [nanos, text] of cases) expect(durationText(nanos)).toBe(text);
  });
});
