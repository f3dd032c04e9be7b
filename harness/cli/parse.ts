// The command line. A validation error must throw: with yargs's own handling the command would still run after it,
// and a mistyped flag would attack the cluster.

import yargs from 'yargs';
import { UsageError } from '../errors.ts';
import { didYouMean } from '../nearest-word.ts';
import { version } from '../version.ts';
import { checkArguments, convertArguments, standardInput } from './check-arguments.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { checkOptions, testArguments, testOptions } from './options.ts';

const commands = ['test', 'check', 'convert', 'list', 'clean', 'doctor'];

const wanted: Readonly<Record<string, string>> = {
  test: 'which workload? see "faultline list"',
  check: 'which run folder or history file?',
  convert: 'which history file, and where to?',
};

/** Runs the command of `argv` and returns the exit code. Throws UsageError before anything is touched. */
export async function parse(argv: readonly string[]): Promise<number> {
  let code = 0;
  const words = argv[0] === 'check' ? argv.map((word) => (word === '-' ? standardInput : word)) : [...argv];
  const parser = yargs(words)
    .scriptName('faultline')
    .usage(
      '$0 <command>\n\nBreaks a cluster, records what its clients saw, and judges whether it was linearizable.',
    )
    .command(
      'test <workload>',
      'run a workload under faults and judge it',
      (y) => testArguments(y),
      async (args) => {
        code = await (await import('./test-command.ts')).testCommand(args);
      },
    )
    .command(
      'check <paths..>',
      'judge recorded histories, or run folders again, without any cluster',
      (y) => checkArguments(y),
      async (args) => {
        code = await (await import('./check-command.ts')).checkCommand(args);
      },
    )
    .command(
      'convert <in> <out>',
      'write a history in another format: that of Jepsen, of elle-cli, or our own',
      (y) => convertArguments(y),
      async (args) => {
        code = await (await import('./convert-command.ts')).convertCommand(args);
      },
    )
    .command(
      'list',
      'show workloads, faults, environments, models and mutants',
      (y) => y,
      async () => {
        code = await (await import('./list-command.ts')).listCommand();
      },
    )
    .command(
      'clean',
      'end what dead runs left behind, and say what it was',
      (y) =>
        y.option('out', testOptions.out).options({
          kept: { type: 'boolean', default: false, describe: 'also clusters that --keep has left running' },
          images: {
            type: 'boolean',
            default: false,
            describe: 'also the Docker images that were built here',
          },
        }),
      async (args) => {
        code = await (await import('./clean-command.ts')).cleanCommand({
          directory: args.out,
          kept: args.kept,
          images: args.images,
        });
      },
    )
    .command(
      'doctor',
      'find out what can be done on this machine, and how to get the rest',
      (y) =>
        y
          .option('json', {
            type: 'boolean',
            default: false,
            describe: 'everything as one JSON object',
          })
          .option('out', testOptions.out),
      async (args) => {
        code = await (await import('./doctor-command.ts')).doctorCommand(args);
      },
    )
    .demandCommand(1)
    .strict()
    .parserConfiguration({ 'duplicate-arguments-array': false })
    .exitProcess(false)
    .version(version())
    .help()
    .alias('h', 'help')
    .wrap(110)
    .epilogue(
      `Exit codes:\n${exitCodeMeanings.map(([n, meaning]) => `  ${String(n).padStart(3)}  ${meaning}`).join('\n')}`,
    )
    .fail((message, error) => {
      throw error ?? new UsageError(explained(message, argv));
    });
  await parser.parseAsync();
  return code;
}

/** yargs's complaint in one line, with the nearest word where a name is unknown. */
function explained(message: string, argv: readonly string[]): string {
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1]?.split(', ');
  const first = unknown?.[0];
  if (first === undefined) {
    if (message.startsWith('Not enough non-option arguments')) {
      const command = argv.find((word) => !word.startsWith('-'));
      if (command === undefined) return `no command; allowed: ${commands.join(', ')} (see faultline --help)`;
      return `${command}: ${wanted[command] ?? 'what?'}`;
    }
    return message.replaceAll('\n', ' ');
  }
  const isFlag = argv.some((word) => word.replace(/^-+/, '').split('=')[0] === first && word.startsWith('-'));
  if (!isFlag)
    return `unknown command or argument '${first}'; allowed: ${commands.join(', ')}${didYouMean(first, commands)}`;
  const flags = [
    ...Object.keys(testOptions),
    ...Object.keys(checkOptions),
    'model',
    'initial',
    'format',
    'keyed',
    'to',
    'force',
    'help',
    'version',
  ];
  const dashed = flags.map((flag) => `--${flag}`);
  return `unknown flag '--${first}' (see faultline --help)${didYouMean(`--${first}`, dashed)}`;
}
