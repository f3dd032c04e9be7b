// `faultline list`: every name that the command line takes.

import { models } from '../../checkers/models/registry.ts';
import { mutants } from '../../cluster/mutants/catalogue.ts';
import { systems } from '../../cluster/systems.ts';
import { workloads } from '../../workloads/registry.ts';
import { faultDescriptions, faultSets } from '../nemesis/registry.ts';
import { environments } from './plan.ts';

export function listCommand(): Promise<number> {
  const sections: readonly [title: string, entries: readonly { name: string; about: string }[]][] = [
    ['Workloads (faultline test NAME)', workloads],
    ['Faults (--nemesis NAME,NAME)', [...faultDescriptions, ...faultSets]],
    ['Environments (--env NAME)', environments],
    ['Systems under test (--system NAME)', systems],
    [
      'Models (faultline check PATH --model NAME)',
      models.map(({ name, description }) => ({ name, about: description })),
    ],
    ['Mutants: our own register with a bug on purpose (--mutant NAME)', mutants],
  ];
  const width = Math.max(...sections.flatMap(([, entries]) => entries.map(({ name }) => name.length)));
  const text = sections.map(
    ([title, entries]) =>
      `${title}\n${entries.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n')}\n`,
  );
  process.stdout.write(text.join('\n'));
  return Promise.resolve(0);
}
