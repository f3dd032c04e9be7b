// What is worth looking at for the story of a violation whose place is known, when the history is long.

import type { Operation } from '../op.ts';
import type { Proof } from './decision.ts';
import type { Moves } from './moves.ts';
import type { Part } from './part.ts';
import { NONE } from './problem.ts';

/** Up to so many operations, all are looked at. */
const ALL = 4_000;
/** Events before the culprit's invocation whose operations are looked at. */
const EVENTS = 400;
/** So many observers of each of their values are looked at, from the beginning and from the end of the history each. */
const OBSERVERS = 50;

/**
 * Operations, by invocation: those of the proof, those around the culprit's invocation, and of the values that any of these
 * needs or leaves all who leave it, and the first and last who saw it. So whether somebody ever saw one of these
 * values, who left it behind and by when he must have, is the same among them as among all.
 */
export function neighbourhood<State>(part: Part<State>, proof: Proof): readonly Operation[] {
  const moves = part.moves();
  if (moves === undefined || part.size <= ALL) return part.operations();
  const { needs, leaves, events } = moves;
  const rows = new Set<number>(proof.rows);
  const invocation = events.indexOf(proof.culprit * 2);
  for (const event of events.subarray(Math.max(0, invocation - EVENTS), invocation + 1))
    rows.add(event >>> 1);
  const isNear = new Uint8Array(moves.states);
  for (const row of rows) {
    for (const value of [needs[row] as number, leaves[row] as number]) if (value !== NONE) isNear[value] = 1;
  }
  for (let row = 0; row < leaves.length; row++) if (isNear[leaves[row] as number] === 1) rows.add(row);
  addObservers(moves, isNear, events, rows);
  addObservers(moves, isNear, events.toReversed(), rows);
  return Array.from(Int32Array.from(rows).sort(), (row) => part.operation(row));
}

function addObservers(
  { needs, states }: Moves,
  isNear: Uint8Array,
  events: Int32Array,
  rows: Set<number>,
): void {
  const seen = new Uint8Array(states);
  for (const event of events) {
    const value = needs[event >>> 1] as number;
    if ((event & 1) === 0 || value === NONE || isNear[value] !== 1 || seen[value] === OBSERVERS) continue;
    (seen[value] as number)++;
    rows.add(event >>> 1);
  }
}
