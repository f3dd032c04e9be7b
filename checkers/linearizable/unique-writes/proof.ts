// The few operations that show a violation of a register with unique writes: by construction, without a search.

import type { Proof } from '../decision.ts';
import { INITIAL, type Moves } from '../moves.ts';
import { NONE } from '../problem.ts';
import type { Bad, Monitor } from './monitor.ts';

/**
 * Rows that by themselves have no order: a few, and the cas that link them. They are what is left by steps that never turn
 * a good history bad (clusters taken out whole, observers, the unseen end of a chain), or, from any state, a stretch of
 * one cluster's block.
 */
export function proofOf(moves: Moves, monitor: Monitor, { violation, event }: Bad): Proof {
  const { needs, leaves, events } = moves;
  const rows = new Set<number>();
  const rowAt = (time: number): number => (events[time] as number) >>> 1;
  const valueOf = (row: number): number => (leaves[row] === NONE ? needs[row] : leaves[row]) as number;
  /** The writers of `value` and of those before it in its chain, down to that which needs `before`. */
  const addChain = (value: number, before: number): void => {
    const walked = new Set<number>();
    for (let at = value; at !== before && at !== INITIAL; at = monitor.from[at] as number) {
      const writer = monitor.writer[at] as number;
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
        const first = monitor.first[head] as number;
        if (first >= 0) addWithChain(rowAt(first), NONE);
        const last = rowAt(monitor.last[head] as number);
        addWithChain(last, NONE);
        // That a writer took effect may be known from others only.
        const from = monitor.from[valueOf(last)] as number;
        if (leaves[last] !== NONE && from !== NONE) addWithChain(rowAt(monitor.over[from] as number), NONE);
      }
      break;
  }
  const isStretch = violation.rule === 'taken twice' || violation.rule === 'stale';
  return { culprit, rows: Int32Array.from(rows).sort(), start: isStretch ? 'any' : 'initial' };
}
