// Processes as the operating system sees them. A process is named by its number and its start, since numbers are used
// again: whoever kills by number alone kills a stranger some day. Linux is read through /proc, other systems by `ps`.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramState } from './environment.ts';
import { EnvironmentError } from './errors.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Compared for equality only: clock ticks since boot on Linux, a date elsewhere. */
  readonly startedAt: string;
}

export interface ProcessRow extends ProcessIdentity {
  readonly group: number;
  /** The letter that `ps` shows: R and S run, T is stopped, Z and X are dead. */
  readonly state: string;
}

export interface ProcessTable {
  read(pid: number): ProcessRow | undefined;
  all(): readonly ProcessRow[];
}

export const procTable: ProcessTable = {
  read(pid) {
    const text = readOrUndefined(`/proc/${pid}/stat`);
    if (text === undefined) return undefined;
    // The name in parentheses may hold spaces and parentheses of its own, so fields are counted from the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0] ?? 'X', group: Number(fields[2]), startedAt: fields[19] ?? '' };
  },
  all() {
    return allPids().flatMap((pid) => procTable.read(pid) ?? []);
  },
};

export const psTable: ProcessTable = {
  read: (pid) => ps(['-p', String(pid)])[0],
  all: () => ps(['-A']),
};

const table = process.platform === 'linux' ? procTable : psTable;

export function identityOf(pid: number): ProcessIdentity | undefined {
  const row = table.read(pid);
  return row === undefined ? undefined : { pid, startedAt: row.startedAt };
}

/** A process that ended but was not waited for yet is dead: it does nothing any more. */
export function stateOf(process: ProcessIdentity): ProgramState {
  const row = table.read(process.pid);
  if (row === undefined || row.startedAt !== process.startedAt || !isAlive(row)) return 'dead';
  return row.state === 'T' ? 'paused' : 'running';
}

/**
 * The living processes of the group that `leader` leads or led. Where another process has the leader's number by now,
 * the group is gone: a number is not given away while a group bears it.
 */
export function livingInGroup(leader: ProcessIdentity): readonly ProcessRow[] {
  if (isReused(leader)) return [];
  return table.all().filter((row) => row.group === leader.pid && isAlive(row));
}

/**
 * The living processes whose environment holds `NAME=value`, wherever they moved since. Only Linux tells; elsewhere
 * nothing is found.
 */
export function livingWithVariable(name: string, value: string): readonly ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  const wanted = `${name}=${value}`;
  return allPids().flatMap((pid) => {
    const environment = readOrUndefined(`/proc/${pid}/environ`);
    if (environment?.split('\0').includes(wanted) !== true) return [];
    const row = procTable.read(pid);
    return row !== undefined && isAlive(row) ? [row] : [];
  });
}

/** Sends SIGKILL to the group that `leader` leads or led, and to nobody else. */
export function killGroup(leader: ProcessIdentity): void {
  if (!isReused(leader)) send(-leader.pid, 'SIGKILL');
}

/** Sends a signal to a process, or to a group by its negative number; false when there is none. */
export function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Where numbers of processes mean the same: one boot of one machine, and one process namespace in it. A container
 * sees other numbers than its host although it shares the boot.
 */
export function hostIdentity(): string {
  const boot = readOrUndefined('/proc/sys/kernel/random/boot_id');
  if (boot === undefined) return `init ${psTable.read(1)?.startedAt ?? 'unknown'}`;
  return `${boot.trim()} ${namespaceOfPids()}`;
}

/** Asks again and again until `met` holds; false when `limitMs` passed first. */
export async function eventually(met: () => boolean, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  const pauseMs = process.platform === 'linux' ? 3 : 25;
  while (!met()) {
    if (performance.now() > deadline) return false;
    await sleep(pauseMs);
  }
  return true;
}

function isReused({ pid, startedAt }: ProcessIdentity): boolean {
  const row = table.read(pid);
  return row !== undefined && row.startedAt !== startedAt;
}

function isAlive(row: ProcessRow): boolean {
  return row.state !== 'Z' && row.state !== 'X';
}

function allPids(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function ps(selection: readonly string[]): readonly ProcessRow[] {
  const { stdout, error } = spawnSync('ps', [...selection, '-o', 'pid=,pgid=,state=,lstart='], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  if (error !== undefined) throw new EnvironmentError('cannot list processes with ps', { cause: error });
  return stdout.split('\n').flatMap((line) => {
    const [pid, group, state, ...start] = line.trim().split(/\s+/);
    if (state === undefined) return [];
    return [{ pid: Number(pid), group: Number(group), state: state.charAt(0), startedAt: start.join(' ') }];
  });
}

function namespaceOfPids(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return 'pid:unknown';
  }
}

/** A process may end between two looks at it, and other users' processes keep their secrets: both are no answer. */
function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
