// For `faultline clean`: undoing what ledgers tell of engines, and what engines tell of runs whose ledger is gone.

import type { Undoer } from '../harness/clean.ts';
import { EnvironmentError } from '../harness/errors.ts';
import { Engine } from './engine.ts';
import { removeImages } from './image.ts';
import { orphans, removeRun, undoKind, undoRun, words } from './leftovers.ts';

/** By kind of undo. */
export const undoers: Readonly<Record<string, Undoer>> = { [undoKind]: undoRun };

export interface SweepWishes {
  /** Clusters that were left running on purpose as well. */
  readonly kept: boolean;
  /** The images that were built here as well. */
  readonly images: boolean;
}

export interface Swept {
  readonly removed: readonly string[];
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

const openLimitMs = 3_000;

/** Looks only at what this machine's runs have made. Without an engine there is nothing to look at, and no complaint. */
export async function sweep({ kept, images }: SweepWishes): Promise<Swept> {
  const removed: string[] = [];
  const left: { what: string; why: string }[] = [];
  const engine = await Engine.open(openLimitMs).catch((error: unknown) => {
    if (!(error instanceof EnvironmentError)) throw error;
    if (kept || images) left.push({ what: 'what is on the Docker engine', why: error.message });
    return undefined;
  });
  if (engine === undefined) return { removed, left };
  for (const { run, isKept } of await orphans(engine)) {
    if (isKept && !kept) continue;
    try {
      const what = words(await removeRun(engine, run));
      if (what !== undefined) removed.push(`${what} of the ${isKept ? 'kept ' : ''}run ${run} (Docker)`);
    } catch (error) {
      left.push({ what: `the run ${run} (Docker)`, why: (error as Error).message });
    }
  }
  if (images) {
    const gone = await removeImages(engine);
    removed.push(...gone.removed.map((name) => `the image ${name}`));
    left.push(...gone.left);
  }
  return { removed, left };
}
