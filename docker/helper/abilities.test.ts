import { expect, test } from 'vitest';
import { abilities } from './abilities.ts';

const firewall = { program: 'iptables-nft', drop: null, tcpReset: null, statistic: null };
const queues = { htb: null, tbf: null, netem: null, u32: null };

test('what works in every family and every queue can be done', () => {
  expect(Object.values(abilities([firewall, firewall], queues)).every((reason) => reason === null)).toBe(
    true,
  );
});

test('what the kernel refuses in one family only cannot be done, in its words', () => {
  const six = { ...firewall, program: 'ip6tables-nft', statistic: 'No chain/target/match by that name.' };
  expect(abilities([firewall, six], queues)).toMatchObject({
    drop: null,
    loss: 'ip6tables-nft cannot lose packets by chance: No chain/target/match by that name.',
  });
});

test('without netem there is no delay, but a limit', () => {
  const reason = 'Error: Specified qdisc kind is unknown.';
  const netem = `the kernel has no netem: ${reason}`;
  expect(abilities([firewall], { ...queues, netem: reason })).toMatchObject({
    delay: netem,
    duplicate: netem,
    reorder: netem,
    limit: null,
  });
});
