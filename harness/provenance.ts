// On what a run was made: enough to repeat it, nothing secret.

import { cpus, release, totalmem, type } from 'node:os';
import { execa } from 'execa';
import { version } from './version.ts';

/** Versions by name; `commit` only where the working directory is a git checkout. */
export async function provenance(): Promise<Record<string, string>> {
  const commit = await gitCommit();
  return {
    faultline: version(),
    node: process.version,
    system: `${type()} ${release()}`,
    cpus: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    ...(commit === undefined ? {} : { commit }),
  };
}

async function gitCommit(): Promise<string | undefined> {
  const git = (...args: string[]) => execa('git', args, { reject: false, timeout: 2000 });
  const head = await git('rev-parse', '--short=12', 'HEAD');
  if (head.exitCode !== 0) return undefined;
  const status = await git('status', '--porcelain', '--untracked-files=no');
  return status.stdout === '' ? head.stdout : `${head.stdout} with uncommitted changes`;
}
