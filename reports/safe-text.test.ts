import { describe, expect, it } from 'vitest';
import { countText, plural, safeLine, safeText, shortened } from './safe-text.ts';

describe('text made safe to look at', () => {
  it('shows controls and direction marks as their codes, and replaces lone surrogates', () => {
    expect(safeText('a\u0000b\u001b[2J\u007f\u009b')).toBe('a␀b␛[2J␡\\u009b');
    expect(safeText('\u202eabc\u2066\u200b\ufeff\uffff')).toBe('\\u202eabc\\u2066\\u200b\\ufeff\\uffff');
    expect(safeText('\ud800 \udc00 \u{1f600}')).toBe('\ufffd \ufffd \u{1f600}');
  });

  it('leaves line feeds and tabs, which a line does not', () => {
    expect(safeText('a\n\tb')).toBe('a\n\tb');
    expect(safeLine(' a\n\tb\r\n')).toBe('a b␍');
  });

  it('is shortened with its whole length told, never within a character', () => {
    expect(shortened('x'.repeat(100_000), 3)).toBe('xxx… (100,000 characters)');
    expect(shortened('ab\u{1f600}', 3)).toBe('ab… (4 characters)');
    expect(shortened('abc', 3)).toBe('abc');
  });

  it('counts with separators and the right noun', () => {
    expect([0, 999, 1000, 12_480, 1_234_567].map(countText)).toEqual([
      '0',
      '999',
      '1,000',
      '12,480',
      '1,234,567',
    ]);
    expect([plural(1, 'key'), plural(2, 'key')]).toEqual(['1 key', '2 keys']);
  });
});
