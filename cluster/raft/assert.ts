// Assertions that stay on in production: a node that has lost its footing must stop before it answers anybody.

/** A broken promise inside the core: a mistake of ours (or a mutant of it), never of the network or of a client. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws {@link AssertionError} with the numbers in its message when the condition does not hold. */
export function assert(
  condition: boolean,
  claim: string,
  facts: Readonly<Record<string, unknown>>,
): asserts condition {
  if (condition) return;
  const numbers = Object.entries(facts).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  throw new AssertionError(`broken: ${claim} (${numbers.join(', ')})`);
}
