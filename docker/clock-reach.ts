// Whether libfaketime will reach what a node is to run, found out before it is started: a fault of the clock that nobody
// sees would be worse than none.

import { type ProgramFile, programFile, type ReadBytes, whyOutOfReach } from './elf.ts';
import { quoted, type Shell } from './shell.ts';

/** Scripts whose interpreters are scripts whose … */
const mostInterpreters = 5;

/**
 * In words why libfaketime cannot reach the program in this machine; undefined: nothing speaks against it. For a script
 * its interpreter is looked at. `program` is a path, or a name to be found as a shell finds it.
 */
export async function reasonOutOfReach(shell: Shell, program: string): Promise<string | undefined> {
  let named = program;
  for (let depth = 0; depth < mostInterpreters; depth += 1) {
    const path = await pathOf(shell, named);
    if (path === undefined) return undefined;
    const file = await programFile(readerOf(shell, path));
    if (file.kind !== 'script') return whyOutOfReach(path, file);
    named = interpreterOf(file);
  }
  return undefined;
}

/** `#!/usr/bin/env -S node --flag` runs node. */
function interpreterOf({ words: [first = '', ...rest] }: Extract<ProgramFile, { kind: 'script' }>): string {
  if (!/(^|\/)env$/.test(first)) return first;
  return rest.find((word) => !word.startsWith('-') && !word.includes('=')) ?? first;
}

async function pathOf(shell: Shell, program: string): Promise<string | undefined> {
  const { stdout, status } = await shell.run(`readlink -f -- "$(command -v -- ${quoted(program)})"`);
  const path = stdout.replace(/\n$/, '');
  return status === 0 && path.startsWith('/') ? path : undefined;
}

function readerOf(shell: Shell, path: string): ReadBytes {
  return async (offset, length) => {
    if (!Number.isSafeInteger(offset)) return new Uint8Array();
    const { stdout } = await shell.run(
      `tail -c +${offset + 1} -- ${quoted(path)} 2>/dev/null | head -c ${length} | base64 -w 0`,
    );
    return Buffer.from(stdout, 'base64');
  };
}
