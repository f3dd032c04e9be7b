// How much goes out at a time, so that one slow or lost message does not hold much.

/** How much one append may carry. At least one entry always goes, however long it is. */
export interface AppendLimits {
  readonly entries: number;
  /** Of all `data` together, in UTF-16 units. */
  readonly dataLength: number;
}

export const appendLimits: AppendLimits = { entries: 256, dataLength: 256 * 1024 };

/** How many entries may be on their way to a follower before it has answered for the first of them. */
export const entriesInFlight = 1024;
