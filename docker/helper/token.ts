// What a probe sends: a word that only this probe uses, which of its tokens this is, and when it left. Helpers on one
// engine share the kernel's monotonic clock, so the far end knows how long it was under way. Pure.

export interface Token {
  readonly nonce: string;
  readonly number: number;
  /** By the kernel's monotonic clock, in milliseconds. */
  readonly sentAtMs: number;
}

export function tokenText({ nonce, number, sentAtMs }: Token, bytes: number): string {
  return `${nonce} ${number} ${sentAtMs} `.padEnd(bytes, '.');
}

/** Undefined when it is none of ours. */
export function readToken(text: string): Token | undefined {
  const found = /^([a-z0-9]+) (\d+) (\d+(?:\.\d+)?) /.exec(text);
  if (found?.[1] === undefined) return undefined;
  return { nonce: found[1], number: Number(found[2]), sentAtMs: Number(found[3]) };
}

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
