// Why no order fits, when it is none of the classic shapes: which order real time forces. (What is wrong with each
// operation that could come after the longest legal order: dead-ends.ts.)

import type { History } from '../history.ts';
import type { Operation } from '../op.ts';
import { noun, seconds } from './words.ts';

const SENTENCES = 12;

/** A sentence for each operation that had completed before another began, those that follow from others left out. */
export function forcedOrder(history: History, operations: readonly Operation[]): string[] {
  const precedes = (a: Operation, b: Operation): boolean => a.completedAt < b.invokedAt;
  const pairs = operations.flatMap((a) =>
    operations
      .filter((b) => precedes(a, b) && !operations.some((c) => precedes(a, c) && precedes(c, b)))
      .map((b) => [a, b] as const),
  );
  const sentences = pairs.map(
    ([a, b]) =>
      `${noun(a)} comes before ${noun(b)}, because it had completed at ${seconds(history.time(a.completedAt))} ` +
      `and the other began at ${seconds(history.time(b.invokedAt))}`,
  );
  return bounded(sentences);
}

function bounded(sentences: readonly string[]): string[] {
  if (sentences.length <= SENTENCES) return [...sentences];
  return [...sentences.slice(0, SENTENCES), `and ${sentences.length - SENTENCES} more of this kind`];
}
