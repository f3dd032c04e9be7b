// How good the harness is at its job: every mutant under its nemesis, and the unmodified cluster under all faults, once
// for each seed, each run a process of its own as a user would start it. Prints a line a run and a table at the end.
//   npm run bench:mutants -- --seeds 10 --time-limit 60s --nemesis-interval 3s --only stale-read,none

import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { mutants } from '../../cluster/mutants/catalogue.ts';
import { programPath } from '../program-path.ts';
import { exitCodes } from './exit-codes.ts';

interface Row {
  readonly name: string;
  readonly nemesis: string;
  readonly flags: readonly string[];
  /** The exit code that says that the harness did its job. */
  readonly wanted: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    'first-seed': { type: 'string', default: '1' },
    'time-limit': { type: 'string', default: '60s' },
    'nemesis-interval': { type: 'string', default: '3s' },
    only: { type: 'string' },
  },
});

const control: Row = { name: 'none', nemesis: 'all', flags: [], wanted: exitCodes.valid };
const rows: readonly Row[] = [
  control,
  ...mutants.map(({ name, nemesis }) => ({
    name,
    nemesis: nemesis.length === 0 ? 'none' : nemesis.join(','),
    flags: ['--mutant', name],
    wanted: exitCodes.violation,
  })),
].filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));

const say = (text: string) => process.stdout.write(`${text}\n`);
const firstSeed = Number(values['first-seed']);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => firstSeed + i);
const board: string[] = [];
for (const row of rows) {
  let right = 0;
  for (const seed of seeds) {
    const { sentence, exitCode, seconds } = await oneRun(row, seed);
    if (exitCode === row.wanted) right++;
    say(`${row.name} seed ${seed}: exit ${exitCode} in ${seconds} s: ${sentence}`);
  }
  const verb = row.wanted === exitCodes.violation ? 'caught' : 'passed';
  board.push(`${row.name.padEnd(24)} ${row.nemesis.padEnd(22)} ${verb} ${right} of ${seeds.length}`);
}
say(
  `\n${'mutant'.padEnd(24)} ${'nemesis'.padEnd(22)} result, ${values['time-limit']} of operations a run, a call of each fault every ${values['nemesis-interval']} in the mean`,
);
say(board.join('\n'));

async function oneRun(
  row: Row,
  seed: number,
): Promise<{ sentence: string; exitCode: number; seconds: string }> {
  const begun = performance.now();
  const { stdout, exitCode } = await execa(
    process.execPath,
    [
      programPath('harness/cli/main.ts'),
      'test',
      'register',
      `--nemesis=${row.nemesis}`,
      `--seed=${seed}`,
      `--time-limit=${values['time-limit']}`,
      `--nemesis-interval=${values['nemesis-interval']}`,
      ...row.flags,
    ],
    { reject: false },
  );
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  return { sentence: stdout.split('\n')[0] ?? '', exitCode: exitCode ?? -1, seconds };
}
