// What runs have on an engine, found by its labels, and how it is removed.

import { EnvironmentError } from '../harness/errors.ts';
import type { ForeignUndo } from '../harness/ledger.ts';
import { hostIdentity, identityOf, type ProcessIdentity, stateOf } from '../harness/os-process.ts';
import { Engine, statusOf } from './engine.ts';
import { keepLabel, ownerLabel, runLabel } from './labels.ts';

export const undoKind = 'docker:run';

/** The ledger's entry for everything that a run makes on the engine. */
export function undoOf(run: string): ForeignUndo {
  return { kind: undoKind, run, engine: process.env['DOCKER_HOST'] ?? '' };
}

/** For `clean`: removes what an entry of `undoOf` is about. */
export async function undoRun(undo: ForeignUndo): Promise<string | undefined> {
  const { run, engine: address } = undo;
  if (typeof run !== 'string') throw new EnvironmentError('the ledger names no run');
  if (typeof address === 'string' && address !== (process.env['DOCKER_HOST'] ?? '')) {
    throw new EnvironmentError(`it is on another engine: set DOCKER_HOST=${address}`);
  }
  return words(await removeRun(await Engine.open(), run));
}

/** What was removed; in words, or nothing when there was nothing. */
export interface Removed {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

export function words({ containers, networks, volumes }: Removed): string | undefined {
  const parts = [
    counted(containers, 'container'),
    counted(networks, 'network'),
    counted(volumes, 'volume'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Removes everything that carries the run's label, and looks again. Throws EnvironmentError when something stays. */
export async function removeRun(engine: Engine, run: string): Promise<Removed> {
  const filters = { label: [`${runLabel}=${run}`] };
  const removed = { containers: 0, networks: 0, volumes: 0 };
  const containers = await engine.attempt('list containers', (docker) =>
    docker.listContainers({ all: true, filters }),
  );
  await Promise.all(
    containers.map(async ({ Id, State }) => {
      // A frozen container cannot be killed.
      if (State === 'paused')
        await gently(engine, 'thaw a container', (docker) => docker.getContainer(Id).unpause());
      await gently(engine, 'remove a container', (docker) =>
        docker.getContainer(Id).remove({ force: true, v: true }),
      );
      removed.containers++;
    }),
  );
  const networks = await engine.attempt('list networks', (docker) => docker.listNetworks({ filters }));
  for (const { Id } of networks) {
    await gently(engine, 'remove a network', (docker) => docker.getNetwork(Id).remove());
    removed.networks++;
  }
  const { Volumes: volumes } = await engine.attempt('list volumes', (docker) =>
    docker.listVolumes({ filters }),
  );
  for (const { Name } of volumes ?? []) {
    await gently(engine, 'remove a volume', (docker) => docker.getVolume(Name).remove({ force: true }));
    removed.volumes++;
  }
  const left = await engine.attempt('list containers', (docker) =>
    docker.listContainers({ all: true, filters }),
  );
  if (left.length > 0)
    throw new EnvironmentError(`${left.length} containers of the run ${run} could not be removed`);
  return removed;
}

/** 404: somebody else has removed it; 409: somebody else is removing it, which is waited for. */
async function gently(
  engine: Engine,
  what: string,
  act: Parameters<typeof engine.attempt<unknown>>[1],
): Promise<void> {
  for (let round = 0; ; round++) {
    try {
      await engine.attempt(what, act);
      return;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return;
      const isPassing = status === 409 || status === 403 || status === 500;
      if (!isPassing || round === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Who made it: the value of `ownerLabel`. */
export function ownOwner(): string {
  const own = identityOf(process.pid);
  if (own === undefined) throw new EnvironmentError('cannot read the process table');
  return JSON.stringify({ host: hostIdentity(), ...own });
}

export interface Orphan {
  readonly run: string;
  readonly isKept: boolean;
}

/** Runs of this machine whose controller is dead and that still have something on the engine, kept ones included. */
export async function orphans(engine: Engine): Promise<readonly Orphan[]> {
  const filters = { label: [runLabel] };
  const containers = await engine.attempt('list containers', (docker) =>
    docker.listContainers({ all: true, filters }),
  );
  const networks = await engine.attempt('list networks', (docker) => docker.listNetworks({ filters }));
  const { Volumes: volumes } = await engine.attempt('list volumes', (docker) =>
    docker.listVolumes({ filters }),
  );
  const found = new Map<string, Orphan>();
  for (const { Labels: labels } of [...containers, ...networks, ...(volumes ?? [])]) {
    const run = labels?.[runLabel];
    if (run === undefined || !isOwnerDead(labels?.[ownerLabel])) continue;
    found.set(run, { run, isKept: labels?.[keepLabel] !== undefined });
  }
  return [...found.values()];
}

/** What is not known to be dead is left alone. */
function isOwnerDead(text: string | undefined): boolean {
  try {
    const { host, pid, startedAt } = JSON.parse(text ?? '') as ProcessIdentity & { host: string };
    return host === hostIdentity() && stateOf({ pid, startedAt }) === 'dead';
  } catch {
    return false;
  }
}
