// The word somebody probably meant, for one-line complaints about names that do not exist.

/**
 * Of `words` the one nearest to `word`, or undefined when none is near enough to be worth suggesting: more than a
 * third of the letters would have to change. A neighbouring pair that is swapped counts once; case counts nothing; a
 * beginning of at least two letters is near when only one word begins with it.
 */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of words) {
    const distance = editDistance(typed, candidate.toLowerCase());
    const bearable = Math.ceil(Math.max(typed.length, candidate.length) / 3);
    if (distance < least && distance <= bearable && distance < candidate.length) {
      nearest = candidate;
      least = distance;
    }
  }
  if (nearest !== undefined) return nearest;
  const begun = words.filter((candidate) => candidate.toLowerCase().startsWith(typed));
  return typed.length >= 2 && begun.length === 1 ? begun[0] : undefined;
}

/** `; did you mean 'x'?` or nothing, to be put at the end of a complaint. */
export function didYouMean(word: string, words: readonly string[]): string {
  const nearest = nearestWord(word, words);
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
