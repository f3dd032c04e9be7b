// The controller's end of the reaper (reaper/main.ts): a process of its own that outlives a killed controller by as long
// as it takes to remove the run's containers, networks and volumes.

import { spawnGroup } from '../harness/local/spawn-group.ts';
import { programPath } from '../harness/program-path.ts';

export interface ReaperJob {
  readonly run: string;
  /** The run folder, whose ledger is settled. */
  readonly directory: string;
  readonly logFile: string;
}

export interface Reaper {
  /** Nothing is left to do for it. */
  dismiss(): Promise<void>;
  /** To work, at once; synchronous. */
  release(): void;
}

export async function startReaper(job: ReaperJob): Promise<Reaper> {
  const { child, ended } = await spawnGroup({
    argv: [process.execPath, programPath('docker/reaper/main.ts'), JSON.stringify(job)],
    env: {},
    workingDirectory: job.directory,
    logFile: job.logFile,
    talk: 'piped',
  });
  child.stdin?.on('error', () => undefined);
  child.stdout?.resume();
  // The controller does not wait for it.
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  (child.stdout as { unref?: () => void } | null)?.unref?.();
  return {
    async dismiss() {
      child.ref();
      child.stdin?.end('done\n');
      await ended;
    },
    release() {
      child.stdin?.destroy();
    },
  };
}
