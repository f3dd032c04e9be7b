// Log replication as a follower sees it (§5.3): what an append changes in its log, or why it does not fit.

import { assert } from './assert.ts';
import type { Log } from './log.ts';
import type { Entry, Index, Message, Term } from './messages.ts';
import type { Rules } from './rules.ts';

type Append = Extract<Message, { kind: 'append' }>;

export type Acceptance =
  | { readonly fits: true; readonly match: Index; readonly commit: Index; readonly change?: LogChange }
  | { readonly fits: false; readonly conflictTerm?: Term; readonly firstIndex: Index };

export interface LogChange {
  readonly truncateFrom?: Index;
  readonly append: readonly Entry[];
}

/** Changes nothing. `commit` is the follower's own commit index, which never goes back. */
export function acceptanceOf(append: Append, log: Log, commit: Index, rules: Rules): Acceptance {
  const found = log.termAt(append.prevIndex);
  if (!rules.fitsLog(found, append.prevTerm)) {
    return found === undefined
      ? { fits: false, firstIndex: log.lastIndex + 1 }
      : { fits: false, conflictTerm: found, firstIndex: log.firstIndexOfTermAt(append.prevIndex) };
  }
  const covered = append.prevIndex + append.entries.length;
  const change = changeBy(append.entries, log, commit, rules);
  const lastIndex = change === undefined ? log.lastIndex : covered;
  return {
    fits: true,
    match: rules.knownMatch(covered, lastIndex),
    commit: Math.max(commit, rules.followerCommit(append.commit, covered)),
    ...(change && { change }),
  };
}

// The first entry that conflicts takes all that follow it away. Entries that are there already stay, and so does what
// lies behind them: a shorter append that arrives late must not undo a longer one.
function changeBy(entries: readonly Entry[], log: Log, commit: Index, rules: Rules): LogChange | undefined {
  for (const [position, entry] of entries.entries()) {
    const found = log.termAt(entry.index);
    if (rules.conflicts(found, entry.term)) {
      const truncateFrom = entry.index;
      assert(rules.mayTruncate(truncateFrom, commit), 'a committed entry is never overwritten', {
        truncateFrom,
        commit,
        termFound: found,
        termSent: entry.term,
      });
      return { truncateFrom, append: entries.slice(position) };
    }
    if (found === undefined) return { append: entries.slice(position) };
  }
  return undefined;
}
