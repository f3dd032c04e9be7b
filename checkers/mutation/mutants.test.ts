// The tests of the checker, tested: each of these mutants of it must be found out by the hunt.

import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { MutantTree } from './mutant-tree.fixture.ts';
import { mutants } from './mutants.fixture.ts';

const tree = new MutantTree();
afterAll(() => tree[Symbol.dispose]());

/** A mutant that goes round in circles is found out as well. */
const TIME_MS = 100_000;

function hunt() {
  const argv = ['--max-old-space-size=2048', tree.program('mutation/hunt.fixture.ts'), '--hunt'];
  return execa(process.execPath, argv, { reject: false, timeout: TIME_MS });
}

it('the hunt finds nothing wrong with the checker as it is', async () => {
  const { exitCode, stdout, stderr } = await hunt();
  expect(`${stdout}${stderr}`).toBe('');
  expect(exitCode).toBe(0);
});

describe('mutants of the checker', () => {
  it.each(mutants)('$name', async ({ name, ...mutation }) => {
    using _ = tree.mutate(mutation);
    const { exitCode, stdout, stderr, timedOut } = await hunt();
    const how = timedOut ? 'it never ends' : stdout.slice(0, 120);
    process.stdout.write(`mutant "${name}": ${how === '' ? 'SURVIVED' : `killed: ${how}`}\n`);
    expect(stderr, 'a mutant that does not run says nothing of the tests').toBe('');
    expect(timedOut || exitCode === 1, `${name} got past the hunt`).toBe(true);
  });
});
