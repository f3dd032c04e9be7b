// The best of a layer, where not all of it is gone on with.

import type { Effort } from './effort.ts';
import type { Layer } from './layer.ts';

/** Of a configuration's choice: an index and a score, and what sorting takes. */
const BYTES_PER_CHOICE = 40;

/** Keeps the configurations with the highest scores, of equal ones the first, in the order in which they are there. */
export function keepBest(layer: Layer, most: number, effort: Effort, score: (index: number) => number): void {
  const { count } = layer;
  effort.borrow(count * BYTES_PER_CHOICE);
  const scores = Float64Array.from({ length: count }, (_, index) => score(index));
  const order = Int32Array.from(scores.keys());
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  layer.keep(order.subarray(0, most).sort());
}
