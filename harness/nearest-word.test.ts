import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearestWord } from './nearest-word.ts';

const faults = ['partition', 'kill', 'pause', 'all', 'none'];

describe('the nearest word', () => {
  it('is found through missing, wrong, swapped and superfluous letters, and in other case', () => {
    const typed = ['partion', 'kil', 'pasue', 'Pause', 'kkill', 'partitoin', 'nome'];
    expect(typed.map((word) => nearestWord(word, faults))).toEqual([
      'partition',
      'kill',
      'pause',
      'pause',
      'kill',
      'partition',
      'none',
    ]);
  });

  it('is found by a beginning that only one word has', () => {
    expect(nearestWord('part', faults)).toBe('partition');
    expect(nearestWord('p', faults)).toBeUndefined();
    expect(nearestWord('time', ['time-limit', 'time-unit'])).toBeUndefined();
  });

  it('is not made up where nothing is near', () => {
    expect(['clock', '', 'xyz', 'earthquake'].map((word) => nearestWord(word, faults))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(nearestWord('kill', [])).toBeUndefined();
  });

  it('is the word itself where that exists', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), (words, n) => {
        const word = words[n % words.length] as string;
        expect(nearestWord(word, words)?.toLowerCase()).toBe(word.toLowerCase());
      }),
    );
  });

  it('is put at the end of a complaint as a question, or not at all', () => {
    expect(didYouMean('partion', faults)).toBe("; did you mean 'partition'?");
    expect(didYouMean('clock', faults)).toBe('');
  });
});
