// From the name of a shape to a grudge on the nodes at hand. Pure: who leads is given, the choice is a Random's.

import type { Json } from '../../checkers/json.ts';
import type { Grudge, NodeName } from '../environment.ts';
import type { Random } from '../random.ts';
import { bridge, components, halves, majoritiesRing, oneAlone, oneWay, randomHalves } from './grudges.ts';

export const shapeNames = [
  'halves',
  'random-halves',
  'one',
  'leader',
  'majorities-ring',
  'bridge',
  'one-way',
] as const;

export type ShapeName = (typeof shapeNames)[number];

/** A shape by name, or the groups that shall not hear each other. */
export type Shape = ShapeName | readonly (readonly NodeName[])[];

export interface PlannedPartition {
  /** Empty when the cluster is too small for it. */
  readonly grudge: Grudge;
  /** What was chosen, where the name leaves a choice; and why it is not what the name says. */
  readonly note?: string;
}

export function parseShape(value: Json | undefined): Shape | undefined {
  if (typeof value === 'string') return shapeNames.find((name) => name === value);
  if (!isArray(value) || !value.every(isNames)) return undefined;
  return value;
}

/** True when the shape asks who leads. */
export function needsLeader(shape: Shape): boolean {
  return shape === 'leader' || shape === 'one-way';
}

export function planPartition(
  shape: Shape,
  nodes: readonly NodeName[],
  leader: NodeName | undefined,
  random: Random,
): PlannedPartition {
  switch (shape) {
    case 'halves':
      return { grudge: halves(nodes) };
    case 'random-halves':
      return { grudge: randomHalves(nodes, random) };
    case 'one': {
      const alone = random.pick(nodes);
      return { grudge: oneAlone(nodes, alone), note: `${alone} is alone` };
    }
    case 'leader':
      return leaderAlone(nodes, leader, random);
    case 'majorities-ring':
      return ring(random.shuffle(nodes));
    case 'bridge':
      return { grudge: bridge(random.shuffle(nodes)) };
    case 'one-way':
      return oneDirection(nodes, leader, random);
    default:
      return { grudge: components(shape) };
  }
}

function leaderAlone(
  nodes: readonly NodeName[],
  leader: NodeName | undefined,
  random: Random,
): PlannedPartition {
  if (leader !== undefined) return { grudge: oneAlone(nodes, leader), note: `the leader ${leader} is alone` };
  const alone = random.pick(nodes);
  return { grudge: oneAlone(nodes, alone), note: `nobody claims to lead; a random node, ${alone}, is alone` };
}

function ring(nodes: readonly NodeName[]): PlannedPartition {
  const grudge = majoritiesRing(nodes);
  if (grudge.size > 0 || nodes.length < 3) return { grudge };
  return { grudge: bridge(nodes), note: 'on three nodes two neighbours are everybody; a bridge instead' };
}

/** The leader alone in half of the cases, where there is one; otherwise a random minority. */
function oneDirection(
  nodes: readonly NodeName[],
  leader: NodeName | undefined,
  random: Random,
): PlannedPartition {
  const direction = random.next() < 0.5 ? 'deaf' : 'mute';
  const wantsLeader = random.next() < 0.5;
  const count = 1 + random.integer(Math.max(1, Math.ceil(nodes.length / 2) - 1));
  const set = wantsLeader && leader !== undefined ? [leader] : random.shuffle(nodes).slice(0, count).sort();
  const who = set.length === 1 && set[0] === leader ? `the leader ${leader}` : set.join(', ');
  return {
    grudge: oneWay(nodes, set, direction),
    note: `${who} ${set.length === 1 ? 'is' : 'are'} ${direction}`,
  };
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isNames(value: Json): value is readonly NodeName[] {
  return isArray(value) && value.every((name) => typeof name === 'string');
}
