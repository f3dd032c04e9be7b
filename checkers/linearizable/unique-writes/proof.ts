// The few operations that show a violation of a register with unique writes: by construction, without a search.

import type { Proof } from '../decision.ts';
import { INITIAL, type Moves } from '../moves.ts';
import { NONE } from '../problem.ts';
import { type Bad, FIELDS, FIRST, FROM, LAST, type Monitor, OVER, WRITER } from './monitor.ts';

/**
 * Rows that by themselves have no order: a few, and the cas that link them. They are what is left by steps that never turn
 * a good history bad (clusters taken out whole, observers, the unseen end of a chain), or, from any state, a stretch of
 * one cluster's block.
 */
export function proofOf(moves: Moves, monitor: Monitor, { violation, event }: Bad): Proof {
  const { needs, leaves, events } = moves;
  const known = (value: number, field: number): number => monitor.values[value * FIELDS + field] as number;
  const rows = new Set<number>();
  const rowAt = (time: number): number => (events[time] as number) >>> 1;
  const valueOf = (row: number): number => (leaves[row] === NONE ? needs[row] : leaves[row]) as number;
  /** The writers of `value` and of those before it in its chain, down to that which needs `before`. */
  const addChain = (value: number, before: number): void => {
    const walked = new Set<number>();
    for (let at = value; at !== before && at !== INITIAL; at = known(at, FROM)) {
      const writer = known(at, WRITER);
      if (writer === NONE || walked.has(at)) break;
      walked.add(at);
      rows.add(writer);
    }
  };
  const addWithChain = (row: number, before: number): void => {
    rows.add(row);
    addChain(valueOf(row), before);
  };

  const culprit = rowAt(event);
  rows.add(culprit);
  switch (violation.rule) {
    case 'no source':
      addChain(violation.value, NONE);
      break;
    case 'taken twice':
      addChain(violation.value, violation.taken);
      addWithChain(rowAt(violation.over), violation.taken);
      break;
    case 'stale':
      addWithChain(rowAt(violation.over), violation.value);
      break;
    case 'zones':
      addWithChain(culprit, NONE);
      for (const head of [violation.cluster, violation.other]) {
        const first = known(head, FIRST);
        if (first >= 0) addWithChain(rowAt(first), NONE);
        const last = rowAt(known(head, LAST));
        addWithChain(last, NONE);
        // That a writer took effect may be known from others only.
        const from = known(valueOf(last), FROM);
        if (leaves[last] !== NONE && from !== NONE) addWithChain(rowAt(known(from, OVER)), NONE);
      }
      break;
  }
  const isStretch = violation.rule === 'taken twice' || violation.rule === 'stale';
  return { culprit, rows: Int32Array.from(rows).sort(), start: isStretch ? 'any' : 'initial' };
}
