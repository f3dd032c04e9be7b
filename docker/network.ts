// The network between the nodes: a bridge of the run's own, with both families of addresses where the engine has them.

import type { Engine } from './engine.ts';

export interface NetworkWish {
  readonly name: string;
  /** The run's mark, of which its private IPv6 prefix is made. */
  readonly run: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Gives the network's name. */
export async function makeNetwork(engine: Engine, { name, run, labels }: NetworkWish): Promise<string> {
  const base = {
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Labels: { ...labels },
  };
  try {
    await engine.attempt(`create the network ${name}`, (docker) =>
      docker.createNetwork({
        ...base,
        EnableIPv6: true,
        IPAM: { Driver: 'default', Config: [{ Subnet: uniqueLocalPrefix(run) }] },
      }),
    );
  } catch {
    // Some engines have no IPv6 at all: then there is none to cut.
    await engine.attempt(`create the network ${name}`, (docker) => docker.createNetwork(base));
  }
  return name;
}

/** RFC 4193: fd and 40 random bits. */
export function uniqueLocalPrefix(run: string): string {
  const digits = run.slice(0, 10).padEnd(10, '0');
  return `fd${digits.slice(0, 2)}:${digits.slice(2, 6)}:${digits.slice(6, 10)}::/64`;
}
