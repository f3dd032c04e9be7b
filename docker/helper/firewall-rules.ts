// What a node hears, as the firewall's words: one input for `iptables-restore --noflush`, which the kernel takes as a
// whole or not at all, and which empties and fills our own chain and touches no other. Pure.

import { type Family, ofFamily } from './family.ts';
import type { HearingRule, Rules } from './protocol.ts';

export const chain = 'FAULTLINE';

export interface FirewallPlan {
  readonly restore: string;
  /** Of each rule in the chain, in their order: whose packets it counts. */
  readonly counts: readonly (string | undefined)[];
}

interface ChainRule {
  readonly words: string;
  readonly counts?: string;
}

export function firewallPlan({ hears, clientsCut }: Omit<Rules, 'says'>, family: Family): FirewallPlan {
  const heard = hears.flatMap(({ name, fromAddresses, rule }) =>
    ofFamily(fromAddresses, family).map(
      (address): ChainRule => ({ words: `-s ${address} ${verdict(rule)}`, counts: name }),
    ),
  );
  const clients = clientsCut === null ? [] : onlyNodes(clientsCut, family);
  const rules = [...heard, ...clients];
  const all = rules.length === 0 || family === 'v4' ? rules : [...neighbours, ...rules];
  const lines = all.map(({ words }) => `-A ${chain} ${words}`);
  return {
    restore: `${['*filter', `:${chain} - [0:0]`, ...lines, 'COMMIT'].join('\n')}\n`,
    counts: all.map(({ counts }) => counts),
  };
}

/**
 * Who has which hardware address is asked and answered in IPv6's own packets, in IPv4 below the firewall. Were they
 * cut in one direction, nothing could be said in the other.
 */
const neighbours: readonly ChainRule[] = ['neighbour-solicitation', 'neighbour-advertisement'].map(
  (type) => ({
    words: `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`,
  }),
);

/**
 * A reset spares the packets that open a connection and those that reset one: so an attempt to connect ends in a reset
 * rather than in a refusal, and the other end learns of it too.
 */
export function verdict(rule: HearingRule): string {
  switch (rule.kind) {
    case 'drop':
      return '-j DROP';
    case 'reset':
      return '-p tcp -m tcp --tcp-flags SYN,RST NONE -j REJECT --reject-with tcp-reset';
    case 'loss':
      return `-m statistic --mode random --probability ${rule.share.toFixed(10)} -j DROP`;
  }
}

function onlyNodes(
  { name, nodeAddresses }: NonNullable<Rules['clientsCut']>,
  family: Family,
): readonly ChainRule[] {
  return [
    { words: '-i lo -j RETURN' },
    ...ofFamily(nodeAddresses, family).map((address) => ({ words: `-s ${address} -j RETURN` })),
    { words: '-j DROP', counts: name },
  ];
}

/** From the firewall's own list of the chain, numbers exact (`-v -x -n -L`). Undefined when it is not our plan's. */
export function packetsByName(
  listing: string,
  counts: FirewallPlan['counts'],
): Map<string, number> | undefined {
  const rows = listing
    .split('\n')
    .slice(2)
    .filter((row) => row.trim() !== '');
  if (rows.length !== counts.length) return undefined;
  const packets = new Map<string, number>();
  for (const [i, row] of rows.entries()) {
    const name = counts[i];
    if (name === undefined) continue;
    packets.set(name, (packets.get(name) ?? 0) + Number.parseInt(row, 10));
  }
  return packets;
}
