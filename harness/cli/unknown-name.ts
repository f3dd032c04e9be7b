// The complaint about a name that does not exist. On its own, so that a command that only judges does not load clusters.

import { UsageError } from '../errors.ts';
import { didYouMean } from '../nearest-word.ts';

/** One line: what was found, what is allowed, what was probably meant. */
export function unknownName(what: string, name: string, allowed: readonly string[]): UsageError {
  return new UsageError(
    `${what}: unknown '${name}'; allowed: ${allowed.join(', ')}${didYouMean(name, allowed)}`,
  );
}
