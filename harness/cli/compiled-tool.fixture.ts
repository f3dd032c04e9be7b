// The compiled tool as a child process, for tests of the command line: run as a user would, in a folder of its own.

import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { programPath } from '../program-path.ts';

export interface Workplace extends AsyncDisposable {
  readonly path: string;
  /** Starts the tool here; does not throw for an exit code. */
  start(...argv: readonly string[]): ReturnType<typeof startTool>;
  /** The same with more in its environment. */
  startWith(env: Readonly<Record<string, string>>, ...argv: readonly string[]): ReturnType<typeof startTool>;
}

export async function workplace(): Promise<Workplace> {
  const path = await mkdtemp(join(tmpdir(), 'faultline-'));
  return {
    path,
    start: (...argv) => startTool(path, argv),
    startWith: (env, ...argv) => startTool(path, argv, env),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

function startTool(cwd: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return execa(process.execPath, [programPath('harness/cli/main.ts'), ...argv], {
    reject: false,
    cwd,
    env,
  });
}

/** Command lines and working directories of living processes that have to do with a folder. Linux only. */
export async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const place = await readlink(`/proc/${entry}/cwd`).catch(() => '');
    if (command.includes(folder) || place.startsWith(folder))
      found.push(`${entry}: ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}

/** Waits for a condition, asking every 50 ms; throws with what was seen last. */
export async function eventually<T>(limitMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`not seen within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
