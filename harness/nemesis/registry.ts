// All faults by name. What they are called and how they look is known without any environment.

import type { Capability } from '../environment.ts';
import { UsageError } from '../errors.ts';
import { didYouMean } from '../nearest-word.ts';
import { clockDescription, clockFault } from './clock.ts';
import { crashLoopDescription, crashLoopFault } from './crash-loop.ts';
import { diskFullDescription, diskFullFault } from './disk-full.ts';
import { diskReadOnlyDescription, diskReadOnlyFault } from './disk-read-only.ts';
import type { FaultContext } from './fault-context.ts';
import { freezeDescription, freezeFault } from './freeze.ts';
import { killDescription, killFault } from './kill.ts';
import { linkFaults } from './link-faults.ts';
import { monotonicDescription, monotonicFault } from './monotonic.ts';
import type { Fault, FaultBand, FaultDescription } from './nemesis.ts';
import { partitionDescription, partitionFault } from './partition.ts';
import { pauseDescription, pauseFault } from './pause.ts';
import { powerDescription, powerFault } from './power.ts';
import { slowCpuDescription, slowCpuFault } from './slow-cpu.ts';
import { terminateDescription, terminateFault } from './terminate.ts';

interface Registered {
  readonly description: FaultDescription;
  readonly make: (context: FaultContext) => Fault;
}

/** In the order of their repair: net, paused nodes, processors and disks, dead nodes, clocks. */
const faults: readonly Registered[] = [
  { description: partitionDescription, make: partitionFault },
  ...linkFaults,
  { description: pauseDescription, make: pauseFault },
  { description: freezeDescription, make: freezeFault },
  { description: slowCpuDescription, make: slowCpuFault },
  { description: diskFullDescription, make: diskFullFault },
  { description: diskReadOnlyDescription, make: diskReadOnlyFault },
  { description: killDescription, make: killFault },
  { description: powerDescription, make: powerFault },
  { description: terminateDescription, make: terminateFault },
  { description: crashLoopDescription, make: crashLoopFault },
  { description: clockDescription, make: clockFault },
  { description: monotonicDescription, make: monotonicFault },
];

export const faultDescriptions: readonly FaultDescription[] = faults.map(({ description }) => description);

export const faultNames: readonly string[] = faultDescriptions.map(({ name }) => name);

/** What finds most, and can be done wherever a cluster runs. */
export const usualFaults: readonly string[] = ['partition', 'pause', 'kill'];

/** Where the monotonic clock can be bent, nothing jumps any more: see monotonic.ts. */
const exclusive: readonly (readonly [string, string])[] = [
  [clockDescription.name, monotonicDescription.name],
];

/** Words for sets of faults; which faults they stand for may depend on the environment, see `parseFaultNames`. */
export const faultSets: readonly { readonly name: string; readonly about: string }[] = [
  { name: 'all', about: `the usual faults: ${usualFaults.join(', ')}; and in some environments more` },
  { name: 'none', about: 'no faults' },
];

export interface FaultNameOptions {
  /** What the user wrote before the names. */
  readonly flag?: string;
  /** What `all` stands for where the faults are to happen; the usual ones unless told. */
  readonly all?: readonly string[];
}

/**
 * `partition,kill` to names, each once, in the order of their repair. Throws UsageError for a name that does not exist,
 * for no name at all, for `none` together with others, and for faults that exclude each other.
 */
export function parseFaultNames(
  text: string,
  { flag = '--nemesis', all = usualFaults }: FaultNameOptions = {},
): readonly string[] {
  const words = text.split(',').map((word) => word.trim());
  const known = [...faultNames, ...faultSets.map(({ name }) => name)];
  const allowed = `allowed: ${known.join(', ')}`;
  if (words.some((word) => word === '')) {
    throw new UsageError(`${flag}: a name is missing in '${text}'; ${allowed}`);
  }
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) {
    throw new UsageError(`${flag}: unknown fault '${unknown}'; ${allowed}${didYouMean(unknown, known)}`);
  }
  if (words.includes('none') && words.some((word) => word !== 'none')) {
    throw new UsageError(`${flag}: 'none' stands alone, but '${text}' names others as well; ${allowed}`);
  }
  const chosen = words.flatMap((word) => (word === 'all' ? all : [word]));
  const pair = exclusive.find((both) => both.every((name) => chosen.includes(name)));
  if (pair !== undefined) {
    throw new UsageError(`${flag}: '${pair[0]}' and '${pair[1]}' exclude each other; name one of them`);
  }
  return faultNames.filter((name) => chosen.includes(name));
}

export function faultBands(names: readonly string[]): readonly FaultBand[] {
  return names.map((name) => registered(name).description.band);
}

/** What a fault asks of its environment; see `Capability`. */
export function faultNeeds(name: string): readonly Capability[] {
  return registered(name).description.needs ?? [];
}

export function makeFault(name: string, context: FaultContext): Fault {
  return registered(name).make(context);
}

function registered(name: string): Registered {
  const found = faults.find(({ description }) => description.name === name);
  if (found === undefined) throw new Error(`no such fault: ${name}`);
  return found;
}
