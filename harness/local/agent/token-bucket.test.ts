import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('over any time no more passes than the rate allows, and a burst of 50 ms', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.array(fc.record({ afterMs: fc.nat({ max: 200 }), wanted: fc.nat({ max: 100_000 }) })),
      (rate, takes) => {
        const bucket = new TokenBucket(rate, 0);
        let now = 0;
        let passed = 0;
        for (const { afterMs, wanted } of takes) {
          now += afterMs;
          const granted = bucket.take(wanted, now);
          expect(granted).toBeLessThanOrEqual(wanted);
          passed += granted;
          expect(passed).toBeLessThanOrEqual(Math.max(1, rate * 0.05) + (rate * now) / 1000 + 1e-6);
        }
      },
    ),
  );
});

test('who waits as long as he is told gets something, and the whole rate in the end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 10_000_000 }), (rate) => {
      const bucket = new TokenBucket(rate, 0);
      let now = 0;
      let passed = 0;
      while (now < 1000) {
        const granted = bucket.take(1_000_000, now);
        passed += granted;
        if (granted === 0) now += Math.ceil(bucket.waitMs());
        expect(now).toBeLessThan(2_000);
      }
      expect(passed).toBeGreaterThan(rate * 0.9);
    }),
  );
});
