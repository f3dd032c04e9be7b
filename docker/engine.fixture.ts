// Tests that need a Docker engine: run where one answers, skipped with a loud line where none does, and a failure in CI,
// where a skip would be green without a reason.

import { describe, it } from 'vitest';
import { EnvironmentError } from '../harness/errors.ts';
import { Engine } from './engine.ts';

const answered: Promise<Engine | EnvironmentError> = Engine.open().catch((error: unknown) => {
  if (error instanceof EnvironmentError) return error;
  throw error;
});

/**
 * The engine, opened once a test file; or why there is none. In CI none is an error.
 */
export async function dockerOrSkip(): Promise<Engine | { readonly reason: string }> {
  const found = await answered;
  if (found instanceof Engine) return found;
  if (inCi()) throw new Error(`the Docker tests must run in CI, but ${found.message}`);
  return { reason: found.message };
}

/** A `describe` whose body gets an engine that answers. `title` names what is not tested without one. Await it. */
export async function describeDocker(title: string, body: (engine: Engine) => void): Promise<void> {
  const found = await dockerOrSkip();
  if (found instanceof Engine) {
    describe(title, () => body(found));
    return;
  }
  process.stderr.write(`\nNOT TESTED: ${title}: ${found.reason}; .ci/run sets up what Debian needs\n\n`);
  describe.skip(title, () => it(`needs a Docker engine: ${found.reason}`, () => undefined));
}

function inCi(): boolean {
  const ci = process.env['CI'];
  return ci !== undefined && ci !== '' && ci !== 'false';
}
