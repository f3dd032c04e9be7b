// A Shell that is this machine's own, for tests.

import { execFile } from 'node:child_process';
import type { Shell } from './shell.ts';

export const localShell: Shell = {
  run: (script, limitMs = 10_000) =>
    new Promise((resolve, reject) => {
      const options = { timeout: limitMs, killSignal: 'SIGKILL' } as const;
      const child = execFile('sh', ['-c', script], options, (error, stdout) => {
        if (child.exitCode === null) reject(error ?? new Error('the command did not end'));
        else resolve({ stdout, status: child.exitCode });
      });
    }),
};
