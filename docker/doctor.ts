// What can be done here, and how to get the rest.

import type { EnvironmentProvider } from '../harness/environment.ts';
import type { FaultDescription } from '../harness/nemesis/nemesis.ts';
import { examineEngine, reachEngine } from './doctor-engine.ts';
import { type Finding, finding } from './doctor-finding.ts';
import { judgeMachine, readMachine } from './doctor-machine.ts';
import { byItsWord, type FaultRow, faultTable, needsOf } from './doctor-table.ts';
import { type Trial, tryEnvironment } from './doctor-trial.ts';

export interface Diagnosis {
  readonly sections: readonly { readonly title: string; readonly findings: readonly Finding[] }[];
  readonly environments: readonly string[];
  readonly faults: readonly FaultRow[];
  /** Whether a run with its defaults can be had here. */
  readonly defaultJobWorks: boolean;
}

export interface DoctorWishes {
  /** Those that a run may name; `local` and `docker` are tried, others are believed. */
  readonly environments: readonly EnvironmentProvider[];
  readonly faults: readonly FaultDescription[];
  readonly defaults: { readonly environment: string; readonly faults: readonly string[] };
  /** Where runs go. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/** Throws only when interrupted, and after it has removed what it made. */
export async function examine(wishes: DoctorWishes): Promise<Diagnosis> {
  const { environments, faults, defaults, directory, signal, note } = wishes;
  const needs = needsOf(faults);
  const trials = new Map<string, Trial>();
  // The engine may take its time to answer, or not to: meanwhile there is enough to do.
  const reached = reachEngine();
  const machine = readMachine(directory);
  const local = environments.find(({ name }) => name === 'local');
  const localTrial = local && (await tryEnvironment(local, needs, { signal, note }));
  signal.throwIfAborted();
  const machineFindings = judgeMachine(await machine);
  note('looking at the Docker engine');
  const engine = await examineEngine(await reached, { signal, note });
  for (const provider of environments) {
    signal.throwIfAborted();
    if (provider.name === 'local' && localTrial !== undefined) trials.set('local', localTrial);
    else if (provider.name !== 'docker') trials.set(provider.name, byItsWord(provider, needs));
    else if (engine.unusable !== undefined) trials.set('docker', nothingWorks(needs, engine.unusable));
    else {
      note('trying the Docker environment with two nodes');
      trials.set('docker', await tryEnvironment(provider, needs, { signal, note }));
    }
  }
  signal.throwIfAborted();
  const rows = faultTable(faults, trials);
  const machineIsFit = machineFindings.every(({ state }) => state !== 'missing');
  return {
    sections: [
      { title: 'This machine', findings: machineFindings },
      ...[...trials].flatMap(([name, trial]) =>
        name === 'docker'
          ? []
          : [{ title: `Environment ${name}`, findings: environmentFindings(name, trial) }],
      ),
      {
        title: 'Environment docker',
        findings: [
          ...engine.findings,
          ...environmentFindings('docker', trials.get('docker'), engine.unusable),
        ],
      },
    ],
    environments: [...trials.keys()],
    faults: rows,
    defaultJobWorks:
      machineIsFit &&
      isBasicallyFit(trials.get(defaults.environment)) &&
      rows
        .filter(({ fault }) => defaults.faults.includes(fault))
        .every(({ rulings }) => rulings[defaults.environment]?.verdict === 'works'),
  };
}

function isBasicallyFit(trial: Trial | undefined): boolean {
  return trial?.get('basics')?.verdict === 'works';
}

function nothingWorks(needs: ReturnType<typeof needsOf>, reason: string): Trial {
  const ruling = { verdict: 'not here', reason } as const;
  return new Map([['basics', ruling] as const, ...needs.map((need) => [need, ruling] as const)]);
}

/** The engine's own finding has said why nothing works on it. */
function environmentFindings(name: string, trial: Trial | undefined, unusable?: string): readonly Finding[] {
  const basics = trial?.get('basics');
  if (basics === undefined || unusable !== undefined) return [];
  return [
    finding('a cluster of two', 'programs in process groups, signals, links that can be cut and healed', {
      state: basics.verdict === 'works' ? 'ok' : 'missing',
      seen:
        basics.verdict === 'works'
          ? name === 'local' || name === 'docker'
            ? 'brought up, cut, healed, paused, killed, started again'
            : 'not tried: it needs nothing of the machine'
          : basics.reason,
      fix:
        name === 'local'
          ? 'it needs Linux or macOS, a free range of ports, and the right to start processes'
          : '"faultline clean" ends what earlier runs left; the reason above names the rest',
    }),
  ];
}
