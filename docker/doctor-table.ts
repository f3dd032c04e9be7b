// Which fault can be had in which environment, as a run would find it. Pure.

import type { Capability, EnvironmentProvider } from '../harness/environment.ts';
import type { FaultDescription } from '../harness/nemesis/nemesis.ts';
import type { Ability, Ruling, Trial } from './doctor-trial.ts';

export interface FaultRow {
  readonly fault: string;
  /** By environment. */
  readonly rulings: Readonly<Record<string, Ruling>>;
}

/** What any of the faults needs, each once. */
export function needsOf(faults: readonly FaultDescription[]): readonly Capability[] {
  return [...new Set(faults.flatMap(({ needs = [] }) => needs))];
}

/** The worst of what each fault needs: it is not here if one of its needs is not. */
export function faultTable(
  faults: readonly FaultDescription[],
  trials: ReadonlyMap<string, Trial>,
): readonly FaultRow[] {
  return faults.map(({ name, needs = [] }) => ({
    fault: name,
    rulings: Object.fromEntries(
      [...trials].map(([environment, trial]) => [environment, worst(['basics', ...needs], trial)]),
    ),
  }));
}

function worst(abilities: readonly Ability[], trial: Trial): Ruling {
  const rulings = abilities.map(
    (ability): Ruling => trial.get(ability) ?? { verdict: 'degraded', reason: `${ability} was not tried` },
  );
  return (
    rulings.find(({ verdict }) => verdict === 'not here') ??
    rulings.find(({ verdict }) => verdict === 'degraded') ?? { verdict: 'works' }
  );
}

/** For an environment that is not brought up: what it never can do, by its own word. */
export function byItsWord(provider: EnvironmentProvider, wanted: readonly Capability[]): Trial {
  return new Map<Ability, Ruling>([
    ['basics', { verdict: 'works' }],
    ...wanted.map((capability): [Ability, Ruling] => {
      const reason = provider.never?.(capability);
      return [capability, reason === undefined ? { verdict: 'works' } : { verdict: 'not here', reason }];
    }),
  ]);
}
