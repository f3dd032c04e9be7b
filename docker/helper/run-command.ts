// Runs one of the system's network programs to its end.

import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** Its own words when it failed, on one line. */
  readonly reason: string;
}

/** None of these programs waits for anything but a lock. */
const limitMs = 8_000;

/** Never throws: a program that is not there has failed. */
export function runCommand(
  program: string,
  args: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'pipe', timeout: limitMs, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => {
      resolve({ ok: false, stdout, reason: `${program}: ${error.message}` });
    });
    child.on('close', (code, signal) => {
      const words = stderr.replaceAll(/\s+/g, ' ').trim();
      const end = signal === null ? `exit code ${code}` : `ended by ${signal}`;
      resolve({ ok: code === 0, stdout, reason: words === '' ? `${program}: ${end}` : words });
    });
    // Its end is what gets reported.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
