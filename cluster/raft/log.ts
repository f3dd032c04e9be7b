// The log of one node, in memory: entries from index 1 on without a gap. It decides nothing; see rules.ts.

import type { AppendLimits } from './append-limits.ts';
import { assert } from './assert.ts';
import type { Entry, Index, Term } from './messages.ts';

export class Log {
  readonly #entries: Entry[] = [];

  constructor(recovered: readonly Entry[]) {
    this.append(recovered);
  }

  get lastIndex(): Index {
    return this.#entries.length;
  }

  /** 0 for an empty log. */
  get lastTerm(): Term {
    return this.#entries.at(-1)?.term ?? 0;
  }

  /** The term of the entry there; 0 before the first entry, `undefined` past the last. */
  termAt(index: Index): Term | undefined {
    return index === 0 ? 0 : this.#entries[index - 1]?.term;
  }

  /** The first index of the run of entries that share the term of the entry at this index. */
  firstIndexOfTermAt(index: Index): Index {
    const term = this.termAt(index);
    let first = index;
    while (first > 1 && this.termAt(first - 1) === term) first -= 1;
    return first;
  }

  /** Entries from `first` to `last`, both included; empty when first > last. */
  slice(first: Index, last: Index): readonly Entry[] {
    return this.#entries.slice(first - 1, last);
  }

  /** Entries from `first` on, as many as one append may carry. */
  sliceWithin(first: Index, limits: AppendLimits): readonly Entry[] {
    let dataLength = 0;
    let last = first - 1;
    while (last < this.lastIndex && last - first + 1 < limits.entries) {
      dataLength += this.#entries[last]?.data.length ?? 0;
      if (last >= first && dataLength > limits.dataLength) break;
      last += 1;
    }
    return this.slice(first, last);
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      assert(entry.index === this.lastIndex + 1, 'the log has no gap', {
        lastIndex: this.lastIndex,
        appended: entry.index,
      });
      this.#entries.push(entry);
    }
  }

  /** Removes the entry at this index and all that follow it. */
  truncateFrom(index: Index): void {
    assert(index >= 1, 'the log begins at 1', { index });
    this.#entries.length = Math.min(this.#entries.length, index - 1);
  }
}
