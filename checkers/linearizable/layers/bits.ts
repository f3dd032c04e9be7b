// Words of 32 bits.

/** The number of the lowest bit that is set; there is one. */
export function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** How many bits are set. */
export function bits(word: number): number {
  let left = word - ((word >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
