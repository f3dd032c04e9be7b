// Shapes of broken networks as grudges. Pure: who leads and which node is unlucky is decided by the caller.

import type { Grudge, NodeName } from '../environment.ts';
import type { Random } from '../random.ts';

type Nodes = readonly NodeName[];

/** Nodes of different groups refuse each other; a node in no group is left alone. */
export function components(groups: readonly Nodes[]): Grudge {
  return grudgeOf(groups.flat(), (hearer, speaker) => {
    return !groups.some((group) => group.includes(hearer) && group.includes(speaker));
  });
}

/** The smaller half first, in the order given. */
export function halves(nodes: Nodes): Grudge {
  return components(split(nodes));
}

export function randomHalves(nodes: Nodes, random: Random): Grudge {
  return halves(random.shuffle(nodes));
}

/** Everybody else stays together. With the leader's name this is the isolation of the leader. */
export function oneAlone(nodes: Nodes, alone: NodeName): Grudge {
  return components([[alone], nodes.filter((node) => node !== alone)]);
}

/** Two halves that only one node, the middle one of the order given, hears and reaches both. */
export function bridge(nodes: Nodes): Grudge {
  const middle = Math.floor(nodes.length / 2);
  return components([nodes.slice(0, middle), nodes.slice(middle + 1)]);
}

/**
 * Every node sees a majority, itself included, and no two see the same one: nodes sit in a ring in the order given and
 * see only their nearest neighbours (and, where the numbers ask for one more, the node opposite). Links are symmetric.
 * On 4k + 3 nodes no such graph has exactly a majority for everybody, so all see one node more. On three nodes or
 * fewer that is everybody and nothing is cut: an empty grudge.
 */
export function majoritiesRing(nodes: Nodes): Grudge {
  const n = nodes.length;
  const others = Math.floor(n / 2);
  const opposite = others % 2 === 1 && n % 2 === 0;
  const reach = opposite ? (others - 1) / 2 : Math.ceil(others / 2);
  return grudgeOf(nodes, (hearer, speaker) => {
    const apart = Math.abs(nodes.indexOf(hearer) - nodes.indexOf(speaker));
    const distance = Math.min(apart, n - apart);
    return distance > reach && !(opposite && distance === n / 2);
  });
}

/** `deaf`: the set hears nobody of the rest. `mute`: nobody of the rest hears the set. The other direction passes. */
export function oneWay(nodes: Nodes, set: Nodes, direction: 'deaf' | 'mute'): Grudge {
  return grudgeOf(nodes, (hearer, speaker) => {
    const [cut, whole] = direction === 'deaf' ? [hearer, speaker] : [speaker, hearer];
    return set.includes(cut) && !set.includes(whole);
  });
}

/** The smallest symmetric grudge that contains this one: who is refused refuses in turn. */
export function symmetric(grudge: Grudge): Grudge {
  const names = new Set([...grudge.keys(), ...[...grudge.values()].flatMap((refused) => [...refused])]);
  return grudgeOf(
    [...names],
    (hearer, speaker) => refuses(grudge, hearer, speaker) || refuses(grudge, speaker, hearer),
  );
}

export function refuses(grudge: Grudge, hearer: NodeName, speaker: NodeName): boolean {
  return grudge.get(hearer)?.has(speaker) ?? false;
}

/** Who hears fewer than a majority of these nodes, itself included. */
export function withoutMajority(grudge: Grudge, nodes: Nodes): readonly NodeName[] {
  const majority = Math.floor(nodes.length / 2) + 1;
  return nodes.filter(
    (hearer) => nodes.filter((speaker) => !refuses(grudge, hearer, speaker)).length < majority,
  );
}

/** As it goes into the history: names in order. */
export function grudgeJson(grudge: Grudge): { readonly [hearer: NodeName]: readonly NodeName[] } {
  const sorted = [...grudge].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([hearer, refused]) => [hearer, [...refused].sort()]));
}

/** A node that refuses nobody is left out, so that an empty grudge is an empty map. */
function grudgeOf(nodes: Nodes, refused: (hearer: NodeName, speaker: NodeName) => boolean): Grudge {
  const grudge = new Map<NodeName, ReadonlySet<NodeName>>();
  for (const hearer of nodes) {
    const silent = nodes.filter((speaker) => speaker !== hearer && refused(hearer, speaker));
    if (silent.length > 0) grudge.set(hearer, new Set(silent));
  }
  return grudge;
}

function split(nodes: Nodes): [Nodes, Nodes] {
  const middle = Math.floor(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
}
