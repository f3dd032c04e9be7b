import { describe, expect, it } from 'vitest';
import { paperRules as rules } from './rules.ts';

describe('terms (§5.1)', () => {
  it.each([
    { message: 2, own: 1, newer: true, stale: false, counts: false },
    { message: 1, own: 1, newer: false, stale: false, counts: true },
    { message: 1, own: 2, newer: false, stale: true, counts: false },
  ])('a message of term $message at a node of term $own', ({ message, own, newer, stale, counts }) => {
    expect(rules.isNewerTerm(message, own)).toBe(newer);
    expect(rules.isStaleRequest(message, own)).toBe(stale);
    expect(rules.mayCountAnswer(message, own)).toBe(counts);
    expect(rules.mayCountVote(message, own)).toBe(counts);
  });
});

describe('isQuorum (§5.2)', () => {
  it('is the smallest count of which any two sets of members share one', () => {
    for (let members = 1; members <= 9; members += 1) {
      for (let count = 0; count <= members; count += 1) {
        const twoAlwaysShareOne = count + count > members;
        expect(rules.isQuorum(count, members), `${count} of ${members}`).toBe(twoAlwaysShareOne);
      }
    }
  });
});

describe('mayGrantVote (§5.2, §5.4.1)', () => {
  it.each([
    { votedFor: null, isUpToDate: true, granted: true },
    { votedFor: 'b', isUpToDate: true, granted: true },
    { votedFor: 'c', isUpToDate: true, granted: false },
    { votedFor: null, isUpToDate: false, granted: false },
    { votedFor: 'b', isUpToDate: false, granted: false },
    { votedFor: 'c', isUpToDate: false, granted: false },
  ])('candidate b, vote given to $votedFor, log up to date $isUpToDate: $granted', (row) => {
    expect(rules.mayGrantVote(row.votedFor, 'b', row.isUpToDate)).toBe(row.granted);
  });
});

describe('mayFollow (§5.2)', () => {
  it.each([
    { known: null, sender: 'b', may: true },
    { known: 'b', sender: 'b', may: true },
    { known: 'c', sender: 'b', may: false },
  ])('leader known $known, append from $sender: $may', ({ known, sender, may }) => {
    expect(rules.mayFollow(known, sender)).toBe(may);
  });
});

describe('the consistency check (§5.3)', () => {
  it.each([
    { found: 0, prevTerm: 0, fits: true },
    { found: 3, prevTerm: 3, fits: true },
    { found: 2, prevTerm: 3, fits: false },
    { found: 4, prevTerm: 3, fits: false },
    { found: undefined, prevTerm: 3, fits: false },
    { found: undefined, prevTerm: 0, fits: false },
  ])('term $found at prevIndex, prevTerm $prevTerm: fits $fits', ({ found, prevTerm, fits }) => {
    expect(rules.fitsLog(found, prevTerm)).toBe(fits);
  });

  it.each([
    { found: 2, sent: 3, conflict: true },
    { found: 4, sent: 3, conflict: true },
    { found: 3, sent: 3, conflict: false },
    { found: undefined, sent: 3, conflict: false },
  ])('term $found where an entry of term $sent comes: conflict $conflict', ({ found, sent, conflict }) => {
    expect(rules.conflicts(found, sent)).toBe(conflict);
  });

  it.each([
    { from: 6, commit: 5, may: true },
    { from: 5, commit: 5, may: false },
    { from: 1, commit: 5, may: false },
    { from: 1, commit: 0, may: true },
  ])('truncating from $from with commit $commit: $may', ({ from, commit, may }) => {
    expect(rules.mayTruncate(from, commit)).toBe(may);
  });

  it('a follower answers for what the message covered, whatever it has behind that', () => {
    expect(rules.knownMatch(3, 7)).toBe(3);
  });

  it.each([
    { leaderCommit: 5, covered: 3, commit: 3 },
    { leaderCommit: 3, covered: 5, commit: 3 },
    { leaderCommit: 0, covered: 5, commit: 0 },
  ])('leader commit $leaderCommit, message up to $covered: commit $commit', (row) => {
    expect(rules.followerCommit(row.leaderCommit, row.covered)).toBe(row.commit);
  });
});

describe('isLogUpToDate (§5.4.1)', () => {
  const own = { lastTerm: 3, lastIndex: 5 };
  it.each([
    { lastTerm: 4, lastIndex: 1, upToDate: true },
    { lastTerm: 4, lastIndex: 9, upToDate: true },
    { lastTerm: 3, lastIndex: 4, upToDate: false },
    { lastTerm: 3, lastIndex: 5, upToDate: true },
    { lastTerm: 3, lastIndex: 6, upToDate: true },
    { lastTerm: 2, lastIndex: 4, upToDate: false },
    { lastTerm: 2, lastIndex: 9, upToDate: false },
    { lastTerm: 0, lastIndex: 0, upToDate: false },
  ])('a log ending at $lastIndex in term $lastTerm against 5 in term 3: $upToDate', (candidate) => {
    expect(rules.isLogUpToDate(candidate, own)).toBe(candidate.upToDate);
  });

  it('two empty logs are equally up to date', () => {
    const empty = { lastTerm: 0, lastIndex: 0 };
    expect(rules.isLogUpToDate(empty, empty)).toBe(true);
  });
});

describe('mayCommitByCounting (§5.4.2)', () => {
  it.each([
    { entryTerm: 4, may: true },
    { entryTerm: 3, may: false },
    { entryTerm: undefined, may: false },
  ])('an entry of term $entryTerm by the leader of term 4: $may', ({ entryTerm, may }) => {
    expect(rules.mayCommitByCounting(entryTerm, 4)).toBe(may);
  });
});

describe('reads and answers (§8)', () => {
  it('a leader begins its term with an empty entry', () => {
    expect(rules.needsNoop()).toBe(true);
  });

  it.each([
    { role: 'leader', may: true },
    { role: 'candidate', may: false },
    { role: 'follower', may: false },
  ] as const)('a $role takes reads: $may', ({ role, may }) => {
    expect(rules.mayTakeRead(role)).toBe(may);
  });

  it.each([
    { termAtCommit: 4, knows: true },
    { termAtCommit: 3, knows: false },
    { termAtCommit: 0, knows: false },
    { termAtCommit: undefined, knows: false },
  ])('the last committed entry is of term $termAtCommit, the leader of 4: knows $knows', (row) => {
    expect(rules.knowsCommit(row.termAtCommit, 4)).toBe(row.knows);
  });

  it.each([
    { arrived: 7, confirmed: 8, is: true },
    { arrived: 7, confirmed: 7, is: false },
    { arrived: 7, confirmed: 6, is: false },
  ])('a read of round $arrived, confirmed round $confirmed: $is', ({ arrived, confirmed, is }) => {
    for (const ageMs of [-1, 0, 1000, Number.POSITIVE_INFINITY]) {
      expect(rules.isReadConfirmed(arrived, confirmed, { ageMs, electionMs: 300 })).toBe(is);
    }
  });

  it('a candidate is heard however lately a leader has spoken', () => {
    expect(rules.mayHearCandidate(0, 300)).toBe(true);
  });

  it.each([
    { index: 5, commit: 5, may: true },
    { index: 5, commit: 4, may: false },
  ])('an entry at $index is acknowledged with commit $commit: $may', ({ index, commit, may }) => {
    expect(rules.mayAcknowledge(index, commit)).toBe(may);
  });

  it('an entry that a deposed leader leaves behind may still be committed', () => {
    expect(rules.mayStillCommit()).toBe(true);
  });
});
