// Which nodes a fault hits, from a word. Pure: the leaders are given, the choice is a Random's.

import * as v from 'valibot';
import type { Json } from '../../checkers/json.ts';
import type { NodeName } from '../environment.ts';
import type { Random } from '../random.ts';

export const targetWords = ['one', 'minority', 'majority', 'minority-third', 'primaries', 'all'] as const;

/** A word, or the nodes by name. */
export type TargetSpec = (typeof targetWords)[number] | readonly NodeName[];

export interface Targets {
  /** In the order of the cluster's nodes; empty only if nothing fits the cluster. */
  readonly nodes: readonly NodeName[];
  /** Why these are not what the word says. */
  readonly note?: string;
}

const targetSchema = v.union([v.picklist(targetWords), v.array(v.string())]);

/** What a call's value says, or undefined when it says nothing that is known. Absent means `fallback`. */
export function parseTargets(value: Json | undefined, fallback?: TargetSpec): TargetSpec | undefined {
  if (value === undefined) return fallback;
  const parsed = v.safeParse(targetSchema, value);
  return parsed.success ? parsed.output : undefined;
}

/**
 * `minority` is as many nodes as a majority can do without, `majority` the fewest that make one, `minority-third` the
 * most that are fewer than a third (what Byzantine systems promise to survive). Each of them is at least one node.
 * `primaries` are all that claim to lead, since a stale claimant is as interesting as the real one.
 */
export function chooseTargets(
  spec: TargetSpec,
  nodes: readonly NodeName[],
  primaries: readonly NodeName[],
  random: Random,
): Targets {
  const some = (count: number): Targets => inOrder(nodes, random.shuffle(nodes).slice(0, Math.max(1, count)));
  switch (spec) {
    case 'one':
      return some(1);
    case 'minority':
      return some(Math.ceil(nodes.length / 2) - 1);
    case 'majority':
      return some(Math.floor(nodes.length / 2) + 1);
    case 'minority-third':
      return some(Math.ceil(nodes.length / 3) - 1);
    case 'primaries':
      if (primaries.length > 0) return inOrder(nodes, primaries);
      return { ...some(1), note: 'nobody claims to lead; a random node instead' };
    case 'all':
      return { nodes };
    default: {
      const strangers = spec.filter((name) => !nodes.includes(name));
      const note = `no such node: ${strangers.join(', ')}`;
      return { ...inOrder(nodes, spec), ...(strangers.length > 0 ? { note } : {}) };
    }
  }
}

function inOrder(nodes: readonly NodeName[], chosen: readonly NodeName[]): Targets {
  return { nodes: nodes.filter((node) => chosen.includes(node)) };
}
