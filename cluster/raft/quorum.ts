// The arithmetic of majorities.

/** The highest number that enough of the members have reached, one value a member; 0 when there is none. */
export function reachedByQuorum(
  values: readonly number[],
  isQuorum: (count: number, members: number) => boolean,
): number {
  const falling = [...values].sort((a, b) => b - a);
  return falling.find((_, position) => isQuorum(position + 1, values.length)) ?? 0;
}
