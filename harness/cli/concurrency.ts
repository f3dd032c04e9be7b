// `--concurrency` as Jepsen writes it: a number of threads, or a multiple of the number of nodes ("2n").

import { UsageError } from '../errors.ts';

/** Threads for a text such as `10` or `2n`. Throws UsageError. */
export function concurrencyOf(text: string, nodeCount: number): number {
  const match = /^(\d+)(n?)$/.exec(text.trim());
  const threads = match?.[1] === undefined ? 0 : Number(match[1]) * (match[2] === 'n' ? nodeCount : 1);
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > 10_000) {
    throw new UsageError(
      `--concurrency: "${text}" is not a number of threads; write a number from 1 to 10000, or a multiple of the nodes such as 2n`,
    );
  }
  return threads;
}
