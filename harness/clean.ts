// What a run that was killed left behind, found by its ledger and undone. Runs whose controller lives are not touched.

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from './errors.ts';
import {
  type ForeignUndo,
  Ledger,
  type LedgerEntry,
  ledgerFile,
  markVariable,
  unsettledEntries,
} from './ledger.ts';
import {
  eventually,
  hostIdentity,
  killGroup,
  livingInGroup,
  livingWithVariable,
  type ProcessIdentity,
  send,
  stateOf,
} from './os-process.ts';

export interface CleanReport {
  /** Every run folder that has a ledger, whether there was anything to do or not. */
  readonly runs: readonly CleanedRun[];
}

export interface CleanedRun {
  readonly directory: string;
  /**
   * - `live`: its controller runs; nothing was touched.
   * - `elsewhere`: written on another machine, in another container or before a reboot: what it names is not here.
   * - `clean`: nothing was left, or not any more.
   * - `dirty`: something could not be undone.
   */
  readonly state: 'live' | 'elsewhere' | 'clean' | 'dirty';
  /** What was removed, in words. */
  readonly removed: readonly string[];
  /** What is still there, and why. */
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

/** Undoes an entry of a kind that an environment brought; gives what was removed in words, undefined if it was gone. */
export type Undoer = (undo: ForeignUndo) => Promise<string | undefined>;

/** How long processes may take to vanish after SIGKILL. */
const killLimitMs = 5_000;

/** Run folders lie at most this deep below the folder of runs: `<name>/<timestamp>/`. */
const maxDepth = 2;

/** `undoers` by kind of undo. Throws EnvironmentError when `runsDirectory` cannot be read. */
export async function clean(
  runsDirectory: string,
  undoers: Readonly<Record<string, Undoer>> = {},
): Promise<CleanReport> {
  const runs: CleanedRun[] = [];
  for (const directory of await foldersWithLedger(runsDirectory, 0)) {
    runs.push(await cleanRun(directory, undoers));
  }
  return { runs };
}

async function foldersWithLedger(directory: string, depth: number): Promise<readonly string[]> {
  if (existsSync(join(directory, ledgerFile))) return [directory];
  if (depth === maxDepth) return [];
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new EnvironmentError(`cannot read the folder of runs ${directory}`, { cause });
  });
  const below: string[] = [];
  // Links are not followed: `latest` would have every run cleaned twice.
  for (const entry of entries.filter((entry) => entry.isDirectory())) {
    below.push(...(await foldersWithLedger(join(directory, entry.name), depth + 1)));
  }
  return below.sort();
}

async function cleanRun(directory: string, undoers: Readonly<Record<string, Undoer>>): Promise<CleanedRun> {
  const entries = unsettledEntries(directory);
  const here = entries.filter((entry) => entry.host === hostIdentity());
  if (here.some((entry) => stateOf(entry.owner) !== 'dead')) {
    return { directory, state: 'live', removed: [], left: [] };
  }
  const removed: string[] = [];
  const left: { what: string; why: string }[] = [];
  using ledger = Ledger.open(directory);
  // Newest first, as things are taken down in the reverse order of their making.
  for (const entry of here.toReversed()) {
    try {
      const what = await undo(entry, undoers);
      if (what !== undefined) removed.push(what);
      await ledger.settle(entry.id);
    } catch (error) {
      left.push({ what: entry.what, why: error instanceof Error ? error.message : String(error) });
    }
  }
  if (left.length > 0) return { directory, state: 'dirty', removed, left };
  return { directory, state: here.length < entries.length ? 'elsewhere' : 'clean', removed, left };
}

async function undo(
  { what, undo }: LedgerEntry,
  undoers: Readonly<Record<string, Undoer>>,
): Promise<string | undefined> {
  if (undo.kind === 'end-group') return endGroup(what, undo);
  if (undo.kind === 'end-marked') return endMarked(what, undo.mark);
  const undoer = undoers[undo.kind];
  if (undoer === undefined) throw new EnvironmentError(`nobody here knows how to undo "${undo.kind}"`);
  return undoer(undo);
}

/** Without its leader a group cannot be told from a stranger's; its members are found by their mark instead. */
async function endGroup(what: string, leader: ProcessIdentity): Promise<string | undefined> {
  if (stateOf(leader) === 'dead') return undefined;
  killGroup(leader);
  const gone = await eventually(() => livingInGroup(leader).length === 0, killLimitMs);
  if (!gone) throw new EnvironmentError(`process group ${leader.pid} survived SIGKILL`);
  return `${what} (process group ${leader.pid})`;
}

async function endMarked(what: string, mark: string): Promise<string | undefined> {
  const found = livingWithVariable(markVariable, mark);
  if (found.length === 0) return undefined;
  for (const { pid } of found) send(pid, 'SIGKILL');
  const gone = await eventually(() => livingWithVariable(markVariable, mark).length === 0, killLimitMs);
  const pids = found.map(({ pid }) => pid).join(', ');
  if (!gone) throw new EnvironmentError(`of the processes ${pids} some survived SIGKILL`);
  return `${what} (processes ${pids})`;
}
