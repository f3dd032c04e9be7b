import { expect, test } from 'vitest';
import { RoundStarts } from './round-starts.ts';

test('a lease is counted from the start of the latest confirmed round', () => {
  const starts = new RoundStarts();
  expect(starts.ofConfirmed(0)).toBeUndefined();
  starts.started(5, 100);
  starts.started(6, 150);
  starts.started(7, 200);
  expect(starts.ofConfirmed(4)).toBeUndefined();
  expect(starts.ofConfirmed(6)).toBe(150);
  expect(starts.ofConfirmed(6)).toBe(150);
  starts.started(8, 50);
  expect(starts.ofConfirmed(8)).toBe(50);
  starts.clear();
  expect(starts.ofConfirmed(8)).toBeUndefined();
});
