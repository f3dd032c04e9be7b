import { expect, test } from 'vitest';
import type { Arrival } from './helper/protocol.ts';
import { judgeFamilies, judgeLink, linkProbePlan, type SeenOfLink, type Wish } from './link-evidence.ts';

const silent: SeenOfLink = { family: 'v4', control: true, waitedMs: 200, arrivals: [] };
const arrived: SeenOfLink = { ...silent, waitedMs: 2, arrivals: [[0, 1, 30]] };
const answered: SeenOfLink = { ...arrived, connection: { outcome: 'answered', ms: 2 } };
const unanswered: SeenOfLink = { ...arrived, connection: { outcome: 'silent', ms: 300 } };
const reset: SeenOfLink = { ...silent, connection: { outcome: 'reset', ms: 1, code: 'ECONNRESET' } };
const refused: SeenOfLink = { ...silent, connection: { outcome: 'refused', ms: 1, code: 'ECONNREFUSED' } };
const these = (count: number, ms = 1, bytes = 30): SeenOfLink => ({
  ...silent,
  arrivals: Array.from({ length: count }, (_, i): Arrival => [i, ms, bytes]),
});
const twice = (count: number, again: number): SeenOfLink => ({
  ...silent,
  arrivals: [...these(count).arrivals, ...these(again).arrivals],
});
const early = (count: number, of: number): SeenOfLink => ({
  ...silent,
  arrivals: [...these(count, 1).arrivals, ...these(of - count, 50).arrivals],
});

const drop = { kind: 'drop' } as const;
const delay = { kind: 'delay', delayMs: 100, jitterMs: 20 } as const;
const limit = { kind: 'limit', bytesPerSecond: 100_000 } as const;
const loss = { kind: 'loss', share: 0.3 } as const;

test.each<[Wish, SeenOfLink, boolean]>([
  [drop, silent, true],
  [drop, arrived, false],
  [drop, { ...silent, control: false }, false],
  [drop, { ...silent, sendError: 'send ENETUNREACH' }, false],
  [{ kind: 'pass' }, unanswered, true],
  [{ kind: 'pass' }, silent, false],
  [{ kind: 'pass' }, { ...arrived, connection: reset.connection }, false],
  [{ kind: 'pass both ways' }, answered, true],
  [{ kind: 'pass both ways' }, unanswered, false],
  [{ kind: 'pass both ways' }, { ...answered, arrivals: [] }, false],
  [{ kind: 'reset' }, reset, true],
  [{ kind: 'reset' }, refused, false],
  [{ kind: 'reset' }, answered, false],
  [delay, these(5, 80), true],
  [delay, these(5, 70), false],
  [delay, silent, false],
  [limit, these(20, 150, 1_000), true],
  [limit, these(20, 50, 1_000), false],
  [limit, these(2, 4_000, 1_000), false],
  [loss, these(210), true],
  [loss, these(300), false],
  [loss, these(100), false],
  [{ kind: 'duplicate', share: 0.5 }, twice(300, 150), true],
  [{ kind: 'duplicate', share: 0.5 }, twice(300, 0), false],
  [{ kind: 'reorder', share: 0.25, delayMs: 50 }, early(75, 300), true],
  [{ kind: 'reorder', share: 0.25, delayMs: 50 }, early(300, 300), false],
  [{ kind: 'reorder', share: 0.25, delayMs: 50 }, early(0, 300), false],
])('a wish of %j is judged by %j: %j', (wish, seen, asWished) => {
  expect(judgeLink(wish, seen, linkProbePlan(wish)).asWished).toBe(asWished);
});

test('a rare loss is looked for with more packets, and not called seen when none was lost', () => {
  const rare = { kind: 'loss', share: 0.001 } as const;
  const plan = linkProbePlan(rare);
  expect(plan.tokens).toBe(2_000);
  expect(judgeLink(rare, these(2_000), plan)).toEqual({ asWished: false, seen: '0 of 2000 packets lost' });
  expect(judgeLink(rare, these(1_998), plan).asWished).toBe(true);
});

test.each<[Wish, SeenOfLink, string]>([
  [drop, silent, 'nothing arrived in 200 ms'],
  [drop, arrived, 'arrived in 1 ms'],
  [{ kind: 'pass' }, answered, 'arrived in 1 ms, answered in 2 ms'],
  [{ kind: 'pass' }, unanswered, 'arrived in 1 ms, no answer in 300 ms'],
  [{ kind: 'reset' }, reset, 'reset'],
  [{ kind: 'reset' }, refused, 'no connection: ECONNREFUSED'],
  [limit, these(20, 150, 1_000), '20000 bytes arrived in 150 ms'],
  [loss, these(210), '90 of 300 packets lost'],
  [drop, { ...silent, control: false }, 'cannot tell: the probe itself did not work in 200 ms'],
])('for %j, %j is said in words: %s', (wish, seen, words) => {
  expect(judgeLink(wish, seen, linkProbePlan(wish)).seen).toBe(words);
});

test('a cut of one family is no cut', () => {
  const cut = { family: 'v4', asWished: true, seen: 'nothing arrived in 200 ms' } as const;
  const whole = { family: 'v6', asWished: false, seen: 'arrived in 1 ms' } as const;
  expect(judgeFamilies([cut, whole])).toEqual({
    asWished: false,
    seen: 'nothing arrived in 200 ms (v6: arrived in 1 ms)',
  });
  expect(judgeFamilies([cut])).toEqual({ asWished: true, seen: 'nothing arrived in 200 ms' });
  expect(judgeFamilies([]).asWished).toBe(false);
});
