// Times and durations in words, always with a unit.

const nanosPerSecond = 1_000_000_000;

/** A moment of the run: `12.304 s`. `decimals` from {@link decimalsFor} where near moments must look different. */
export function momentText(nanos: number, decimals = 3): string {
  return `${(nanos / nanosPerSecond).toFixed(decimals)} s`;
}

/** The fewest decimals of a second (3 to 9) by which these moments, in nanoseconds, differ from each other. */
export function decimalsFor(moments: Iterable<number>): number {
  const sorted = [...new Set(moments)].sort((a, b) => a - b);
  let closest = Infinity;
  for (let i = 1; i < sorted.length; i++) {
    closest = Math.min(closest, (sorted[i] ?? 0) - (sorted[i - 1] ?? 0));
  }
  for (let decimals = 3; decimals < 9; decimals++) {
    if (closest >= 10 ** (9 - decimals)) return decimals;
  }
  return 9;
}

/** How long something took: three digits and the unit that fits, `840 µs`, `3.21 ms`, `14.2 s`, `2 min 5 s`. */
export function durationText(nanos: number): string {
  if (nanos >= 119.5 * nanosPerSecond) {
    const seconds = Math.round(nanos / nanosPerSecond);
    return seconds % 60 === 0
      ? `${Math.floor(seconds / 60)} min`
      : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  if (nanos >= 999.5e6) return `${threeDigits(nanos / 1e9)} s`;
  if (nanos >= 999.5e3) return `${threeDigits(nanos / 1e6)} ms`;
  if (nanos === 0) return '0 s';
  return nanos >= 999.5 ? `${threeDigits(nanos / 1e3)} µs` : `${Math.round(nanos)} ns`;
}

function threeDigits(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
