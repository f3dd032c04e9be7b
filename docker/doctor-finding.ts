// What the doctor says of one thing.

export type FindingState = 'ok' | 'degraded' | 'missing';

export interface Finding {
  readonly name: string;
  readonly state: FindingState;
  /** What was seen, not what should be. */
  readonly seen: string;
  /** What depends on it. */
  readonly why: string;
  /** What to do; where all is well there is nothing. */
  readonly fix?: string;
}

/** `fix` is left out where all is well. */
export function finding(
  name: string,
  why: string,
  result: { readonly state: FindingState; readonly seen: string; readonly fix?: string },
): Finding {
  const { state, seen, fix } = result;
  return { name, state, seen: oneLine(seen), why, ...(state === 'ok' || fix === undefined ? {} : { fix }) };
}

export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
