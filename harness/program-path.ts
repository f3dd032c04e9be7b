// Where the compiled file of one of our own programs is. Sources run under the test runner start the compiled
// programs as well, since Node 20 cannot run TypeScript.

import { fileURLToPath } from 'node:url';

/**
 * The absolute path of the program whose source is at `relative` (a `.ts` path from the repository's root, e.g.
 * `cluster/server/main.ts`), found from this file's place in `dist/` or in the sources.
 */
export function programPath(relative: string): string {
  const compiled = relative.replace(/\.ts$/, '.js');
  const here = import.meta.url;
  const root = here.endsWith('.ts') ? new URL('../dist/', here) : new URL('../', here);
  return fileURLToPath(new URL(compiled, root));
}
