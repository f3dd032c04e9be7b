import { expect, test } from 'vitest';
import type { SayingRule } from './protocol.ts';
import { shapingBatch } from './shaping-rules.ts';

const says = (to: number, rule: SayingRule) => ({
  name: `n1→n${to}`,
  toAddresses: [`10.0.0.${to}`, `fd00::${to}`],
  rule,
});

test('nothing to shape is no queue', () => {
  expect(shapingBatch([], 'eth0')).toEqual([]);
});

test('a limit is a class of its own for both families of one destination', () => {
  expect(shapingBatch([says(2, { kind: 'limit', bytesPerSecond: 100_000 })], 'eth0')).toEqual([
    'qdisc add dev eth0 root handle fa17: htb default 0',
    'class add dev eth0 parent fa17: classid fa17:1 htb rate 32gbit quantum 60000',
    'qdisc add dev eth0 parent fa17:1 tbf rate 800000bit burst 3200b limit 65536b',
    'filter add dev eth0 parent fa17: protocol ip prio 1 u32 match ip dst 10.0.0.2/32 flowid fa17:1',
    'filter add dev eth0 parent fa17: protocol ipv6 prio 2 u32 match ip6 dst fd00::2/128 flowid fa17:1',
  ]);
});

test('equal limits are not shared, equal rules of netem are', () => {
  const queues = (rule: SayingRule) =>
    shapingBatch([says(2, rule), says(3, rule)], 'eth0').filter((line) => /^qdisc .* parent/.test(line));
  expect(queues({ kind: 'limit', bytesPerSecond: 1_000 })).toHaveLength(2);
  expect(queues({ kind: 'duplicate', share: 0.25 })).toEqual([
    'qdisc add dev eth0 parent fa17:1 netem limit 100000 duplicate 25%',
  ]);
});

test.each<[SayingRule, string]>([
  [{ kind: 'delay', delayMs: 100 }, 'delay 100000us'],
  [{ kind: 'delay', delayMs: 1.5, jitterMs: 0.5 }, 'delay 1500us 500us'],
  [{ kind: 'reorder', share: 0.1, delayMs: 20 }, 'delay 20000us reorder 10%'],
])('%j is netem’s %s', (rule, words) => {
  expect(shapingBatch([says(2, rule)], 'eth0')[2]).toBe(
    `qdisc add dev eth0 parent fa17:1 netem limit 100000 ${words}`,
  );
});
