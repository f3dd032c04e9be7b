import { expect, test } from 'vitest';
import { judge, probePlan, type Wish } from './evidence.ts';
import type { Probed } from './protocol.ts';

const answered: Probed = {
  from: 'n1',
  to: 'n2',
  connected: true,
  control: true,
  reset: false,
  arrivedMs: 1,
  answeredMs: 2,
  waitedMs: 2,
};
const arrived: Probed = { ...answered, answeredMs: null, waitedMs: 200 };
const silent: Probed = { ...arrived, arrivedMs: null };
const reset: Probed = { ...silent, reset: true };

const drop = { kind: 'drop' } as const;
const delay = { kind: 'delay', delayMs: 100, jitterMs: 20 } as const;
const limit = { kind: 'limit', bytesPerSecond: 10_000 } as const;

test.each<[Wish, Probed, boolean]>([
  [drop, silent, true],
  [drop, arrived, false],
  [drop, answered, false],
  [drop, reset, false],
  [drop, { ...silent, control: false }, false],
  [drop, { ...silent, connected: false }, false],
  [{ kind: 'pass' }, arrived, true],
  [{ kind: 'pass' }, silent, false],
  [{ kind: 'pass' }, reset, false],
  [{ kind: 'pass both ways' }, answered, true],
  [{ kind: 'pass both ways' }, arrived, false],
  [{ kind: 'reset' }, reset, true],
  [{ kind: 'reset' }, { ...reset, connected: false }, true],
  [{ kind: 'reset' }, answered, false],
  [{ kind: 'reset' }, silent, false],
  [delay, { ...arrived, arrivedMs: 80 }, true],
  [delay, { ...arrived, arrivedMs: 70 }, false],
  [delay, silent, false],
  [limit, { ...arrived, arrivedMs: 150 }, true],
  [limit, { ...arrived, arrivedMs: 50 }, false],
  [limit, silent, false],
])('a wish of %j is judged by %j: %j', (wish, probed, asWished) => {
  expect(judge(wish, probed, probePlan(wish)).asWished).toBe(asWished);
});

test.each<[Probed, string]>([
  [silent, 'nothing arrived in 200 ms'],
  [arrived, 'arrived in 1 ms, no answer in 200 ms'],
  [answered, 'arrived in 1 ms, answered in 2 ms'],
  [reset, 'reset'],
  [{ ...silent, control: false }, 'cannot tell: the probe itself did not work in 200 ms'],
])('what is seen is said in words: %j', (probed, words) => {
  expect(judge(drop, probed, probePlan(drop)).seen).toBe(words);
});
