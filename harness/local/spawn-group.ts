// Starts a program as the leader of a process group of its own, which a Ctrl-C in the terminal does not reach. Output
// goes straight to a file: a pipe through us would break the program when we are gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { EnvironmentError } from '../errors.ts';
import { identityOf, type ProcessIdentity } from '../os-process.ts';

export interface GroupLeader {
  readonly identity: ProcessIdentity;
  readonly child: ChildProcess;
  /** When the leader ended and was waited for; others of its group may live on. */
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnOptions {
  readonly argv: readonly string[];
  /** Added to our own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Appended to. Gets standard error, and standard output unless that is piped. */
  readonly logFile: string;
  /** `piped`: standard input and output are for talking with us. */
  readonly talk: 'piped' | 'none';
}

/** Throws EnvironmentError when the system cannot start it. Nothing else happened between the start and the return. */
export async function spawnGroup(options: SpawnOptions): Promise<GroupLeader> {
  const [file = '', ...args] = options.argv;
  const log = openSync(options.logFile, 'a');
  const child = spawn(file, args, {
    cwd: options.workingDirectory,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: options.talk === 'piped' ? ['pipe', 'pipe', log] : ['ignore', log, log],
  });
  closeSync(log);
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity === undefined) {
    const reason = await new Promise<string>((resolve) => {
      child.on('error', ({ message }) => {
        resolve(message);
      });
    });
    throw new EnvironmentError(`cannot start ${file === '' ? 'nothing' : file}: ${reason}`);
  }
  const ended = new Promise<Ended>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  return { identity, child, ended };
}
