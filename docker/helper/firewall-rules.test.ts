import { expect, test } from 'vitest';
import { firewallPlan, packetsByName } from './firewall-rules.ts';
import { noRules } from './protocol.ts';

const n2 = { name: 'n2→n1', fromAddresses: ['10.0.0.2', 'fd00::2', 'fe80::2'] };
const neighbours = [
  '-A FAULTLINE -p ipv6-icmp -m icmp6 --icmpv6-type neighbour-solicitation -j RETURN',
  '-A FAULTLINE -p ipv6-icmp -m icmp6 --icmpv6-type neighbour-advertisement -j RETURN',
];
const restore = (...rules: string[]) =>
  `${['*filter', ':FAULTLINE - [0:0]', ...rules, 'COMMIT'].join('\n')}\n`;

test('no rules empty our chain and nothing else', () => {
  for (const family of ['v4', 'v6'] as const) {
    expect(firewallPlan(noRules, family)).toEqual({ restore: restore(), counts: [] });
  }
});

test('every address of a speaker is cut in its own family, and neighbours are still found', () => {
  const rules = { ...noRules, hears: [{ ...n2, rule: { kind: 'drop' } as const }] };
  expect(firewallPlan(rules, 'v4').restore).toBe(restore('-A FAULTLINE -s 10.0.0.2 -j DROP'));
  expect(firewallPlan(rules, 'v6')).toEqual({
    restore: restore(...neighbours, '-A FAULTLINE -s fd00::2 -j DROP', '-A FAULTLINE -s fe80::2 -j DROP'),
    counts: [undefined, undefined, 'n2→n1', 'n2→n1'],
  });
});

test('a reset spares what opens a connection and what resets one; a loss is by chance', () => {
  const of = (rule: { kind: 'reset' } | { kind: 'loss'; share: number }) =>
    firewallPlan({ ...noRules, hears: [{ ...n2, rule }] }, 'v4').restore;
  expect(of({ kind: 'reset' })).toContain(
    '-s 10.0.0.2 -p tcp -m tcp --tcp-flags SYN,RST NONE -j REJECT --reject-with tcp-reset\n',
  );
  expect(of({ kind: 'loss', share: 0.25 })).toContain(
    '-s 10.0.0.2 -m statistic --mode random --probability 0.2500000000 -j DROP\n',
  );
});

test('clients cut off: only loopback and nodes are heard, after the rules for nodes', () => {
  const rules = {
    hears: [{ ...n2, rule: { kind: 'drop' } as const }],
    clientsCut: { name: 'clients→n1', nodeAddresses: ['10.0.0.1', '10.0.0.2', 'fd00::1'] },
  };
  expect(firewallPlan(rules, 'v4')).toEqual({
    restore: restore(
      '-A FAULTLINE -s 10.0.0.2 -j DROP',
      '-A FAULTLINE -i lo -j RETURN',
      '-A FAULTLINE -s 10.0.0.1 -j RETURN',
      '-A FAULTLINE -s 10.0.0.2 -j RETURN',
      '-A FAULTLINE -j DROP',
    ),
    counts: ['n2→n1', undefined, undefined, undefined, 'clients→n1'],
  });
});

test('packets are counted by the rule’s place; a list that is not ours counts nothing', () => {
  const listing = `Chain FAULTLINE (1 references)
    pkts      bytes target     prot opt in     out     source               destination
      12      700 RETURN     0    --  lo     *       0.0.0.0/0            0.0.0.0/0
       3      180 DROP       0    --  *      *       10.0.0.2             0.0.0.0/0
    4000      180 DROP       0    --  *      *       10.0.0.3             0.0.0.0/0
`;
  expect(packetsByName(listing, [undefined, 'a', 'a'])).toEqual(new Map([['a', 4003]]));
  expect(packetsByName(listing, [undefined, 'a'])).toBeUndefined();
});
