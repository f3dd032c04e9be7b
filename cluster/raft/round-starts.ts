// When a leader's rounds of messages were started: what a lease is counted from (Ongaro's dissertation, §6.4.1). What a
// majority has answered it has answered after that.

export class RoundStarts {
  /** Rising in both; the rounds of one node. */
  #starts: { readonly round: number; readonly at: number }[] = [];

  started(round: number, at: number): void {
    this.#starts.push({ round, at });
  }

  /** Of the latest of these rounds up to `confirmed`; undefined: there is none. Earlier ones are forgotten. */
  ofConfirmed(confirmed: number): number | undefined {
    const last = this.#starts.findLastIndex(({ round }) => round <= confirmed);
    this.#starts = this.#starts.slice(Math.max(0, last));
    return last === -1 ? undefined : this.#starts[0]?.at;
  }

  /** At the beginning of a leadership: what an earlier one was told is no lease of this one. */
  clear(): void {
    this.#starts = [];
  }
}
