// All faults by name. What they are called and how they look is known without any environment.

import type { Capability } from '../environment.ts';
import { UsageError } from '../errors.ts';
import { didYouMean } from '../nearest-word.ts';
import type { FaultContext } from './fault-context.ts';
import { killDescription, killFault } from './kill.ts';
import type { Fault, FaultBand, FaultDescription } from './nemesis.ts';
import { partitionDescription, partitionFault } from './partition.ts';
import { pauseDescription, pauseFault } from './pause.ts';

interface Registered {
  readonly description: FaultDescription;
  readonly make: (context: FaultContext) => Fault;
}

/** In the order of their repair: net, paused nodes, dead nodes. */
const faults: readonly Registered[] = [
  { description: partitionDescription, make: partitionFault },
  { description: pauseDescription, make: pauseFault },
  { description: killDescription, make: killFault },
];

export const faultDescriptions: readonly FaultDescription[] = faults.map(({ description }) => description);

export const faultNames: readonly string[] = faultDescriptions.map(({ name }) => name);

/** Words for sets of faults. */
export const faultSets: readonly {
  readonly name: string;
  readonly about: string;
  readonly faults: readonly string[];
}[] = [
  { name: 'all', about: `all faults: ${faultNames.join(', ')}`, faults: faultNames },
  { name: 'none', about: 'no faults', faults: [] },
];

/**
 * `partition,kill` to names, each once, in the order of their repair. Throws UsageError for a name that does not exist,
 * for no name at all, and for `none` together with others.
 */
export function parseFaultNames(text: string, flag = '--nemesis'): readonly string[] {
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
  const chosen = words.flatMap((word) => faultSets.find(({ name }) => name === word)?.faults ?? [word]);
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
