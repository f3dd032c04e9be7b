#!/usr/bin/env node
// argv to command to exit code: the only place that ends the process. Commands are loaded when they are called, so that
// `--help` and a mistyped flag answer at once.

import { hideBin } from 'yargs/helpers';
import { UsageError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { parse } from './parse.ts';

/** One line for what the user can mend; the whole stack only for a bug of ours. */
function report(error: unknown): number {
  if (error instanceof UsageError || isNamed(error, 'HistoryFileError')) {
    process.stderr.write(`faultline: ${error.message}\n`);
    return exitCodes.usage;
  }
  if (isNamed(error, 'EnvironmentError')) {
    process.stderr.write(`faultline: ${error.message}\n`);
    return exitCodes.harnessFailure;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`faultline: this is a bug in faultline, please report it\n${stack}\n`);
  return exitCodes.bug;
}

/** By name, because loading those classes' modules here would load half the tool for `--help`. */
function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

function end(code: number): void {
  process.exitCode = code;
  // What is written to a pipe is written later; leave only when it has gone.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

process.on('uncaughtException', (error) => end(report(error)));
process.on('unhandledRejection', (error) => end(report(error)));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `faultline list | head` closes the pipe: not our failure, and nothing more can be said on it.
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.valid);
  throw error;
});

try {
  end(await parse(hideBin(process.argv)));
} catch (error) {
  end(report(error));
}
