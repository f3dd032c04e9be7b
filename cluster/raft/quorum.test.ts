import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { reachedByQuorum } from './quorum.ts';
import { paperRules } from './rules.ts';

it.each([
  { values: [7], reached: 7 },
  { values: [7, 3], reached: 3 },
  { values: [7, 3, 0], reached: 3 },
  { values: [0, 9, 9], reached: 9 },
  { values: [5, 4, 3, 2], reached: 3 },
  { values: [5, 4, 3, 2, 1], reached: 3 },
])('of $values a majority has reached $reached', ({ values, reached }) => {
  expect(reachedByQuorum(values, paperRules.isQuorum)).toBe(reached);
});

it('agrees with counting how many have reached each number', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), (values) => {
      const byCounting = Array.from({ length: 21 }, (_, number) => number).filter(
        (number) => values.filter((value) => value >= number).length * 2 > values.length,
      );
      expect(reachedByQuorum(values, paperRules.isQuorum)).toBe(Math.max(...byCounting));
    }),
  );
});
