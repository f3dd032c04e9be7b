// What `check` and `convert` are asked with.

import type { Argv, Options } from 'yargs';
import { formatNames, writtenFormats } from '../../checkers/formats/format.ts';
import { checkOptions } from './options.ts';

const readOptions = {
  format: { choices: formatNames, describe: 'what the file is in [what it looks like]' },
  keyed: {
    type: 'boolean',
    describe:
      'values are pairs [key value], as Jepsen writes them [what they look like]; --no-keyed: they are none',
  },
} as const satisfies Record<string, Options>;

/** What `-` is turned into for `check`: the parser drops a dash from a list of paths. */
export const standardInput = '/dev/stdin';

export function checkArguments(yargs: Argv) {
  return yargs
    .parserConfiguration({ 'duplicate-arguments-array': true })
    .middleware(lastOfEach, true)
    .positional('paths', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'run folders or history files; - is the standard input',
    })
    .option('model', {
      type: 'string',
      describe: 'what to judge against (see "faultline list") [the run\'s own]',
    })
    .option('initial', {
      type: 'string',
      describe: 'value of every key before the history, in JSON [absent, or what the model says]',
    })
    .options(readOptions)
    .option('algorithm', {
      type: 'string',
      describe: 'judge with this one alone [what fits, the cheapest first]; a wrong name lists them',
    })
    .option('orders', {
      type: 'string',
      describe: 'a file for the order found for each key, in ids of operations',
    })
    .options(checkOptions);
}

/** A flag that is given twice means what it says last. The parser does so itself, but then of several paths as well. */
function lastOfEach(args: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(args)) {
    if (name !== '_' && name !== 'paths' && Array.isArray(value)) args[name] = value.at(-1);
  }
}

export type CheckArguments = Awaited<ReturnType<typeof checkArguments>['argv']>;

export function convertArguments(yargs: Argv) {
  return yargs
    .positional('in', {
      type: 'string',
      demandOption: true,
      describe: 'a history file; - is the standard input',
    })
    .positional('out', {
      type: 'string',
      demandOption: true,
      describe: 'the file to write; - is the standard output',
    })
    .option('to', { choices: writtenFormats, demandOption: true, describe: 'the format to write' })
    .option('force', { type: 'boolean', default: false, describe: 'overwrite the file if it is there' })
    .options(readOptions);
}

export type ConvertArguments = Awaited<ReturnType<typeof convertArguments>['argv']>;
