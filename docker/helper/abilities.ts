// From what the kernel took when it was tried to what can be done to links here. Pure.

import type { HelperAbility } from './protocol.ts';

/** The kernel's words where it refused; null: it works. */
export type Tried = string | null;

export interface TriedFirewall {
  /** What the trial was made with. */
  readonly program: string;
  readonly drop: Tried;
  readonly tcpReset: Tried;
  readonly statistic: Tried;
}

export type QueueKind = 'htb' | 'tbf' | 'netem' | 'u32';

export type TriedQueues = Readonly<Record<QueueKind, Tried>>;

/** `firewalls`: one for each family of addresses that the node has. */
export function abilities(
  firewalls: readonly TriedFirewall[],
  queues: TriedQueues,
): Record<HelperAbility, Tried> {
  const firewall = (match: 'drop' | 'tcpReset' | 'statistic', what: string): Tried => {
    for (const tried of firewalls) {
      const reason = tried.drop ?? tried[match];
      if (reason !== null) return `${tried.program} cannot ${what}: ${reason}`;
    }
    return null;
  };
  const queue = (...kinds: QueueKind[]): Tried => {
    const missing = kinds.find((kind) => queues[kind] !== null);
    return missing === undefined ? null : `the kernel has no ${missing}: ${queues[missing]}`;
  };
  const drop = firewall('drop', 'drop packets');
  const netem = queue('netem', 'htb', 'u32');
  return {
    drop,
    'cut-clients': drop,
    reset: firewall('tcpReset', 'reset connections'),
    loss: firewall('statistic', 'lose packets by chance'),
    limit: queue('htb', 'tbf', 'u32'),
    delay: netem,
    duplicate: netem,
    reorder: netem,
  };
}
