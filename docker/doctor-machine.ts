// The machine that the controller runs on: is it enough for a run whose times mean something?

import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Finding, finding } from './doctor-finding.ts';

export interface MachineFacts {
  readonly nodeVersion: string;
  readonly cores: number;
  readonly memoryBytes: { readonly total: number; readonly available: number };
  readonly freeDiskBytes: number;
  /** undefined: the system does not tell. */
  readonly clockSource: string | undefined;
  /** How far the wall clock and the monotonic one went apart, in parts per million. */
  readonly driftPpm: number;
  /** undefined: the system does not tell; Infinity: no limit. */
  readonly openFiles: number | undefined;
}

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const driftWindowMs = 200;
/** What the system's own correction of its clock may reach is 500 ppm; the rest is what two readings can differ. */
const steadyPpm = 10_000;

/** `directory` is where runs go; it need not be there yet. */
export async function readMachine(directory: string): Promise<MachineFacts> {
  const [driftPpm, disk] = await Promise.all([measureDrift(), statfs(existingFolder(directory))]);
  return {
    nodeVersion: process.versions.node,
    cores: availableParallelism(),
    memoryBytes: { total: totalmem(), available: process.availableMemory?.() ?? totalmem() },
    freeDiskBytes: disk.bavail * disk.bsize,
    clockSource: readOrUndefined('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim(),
    driftPpm,
    openFiles: openFilesOf(readOrUndefined('/proc/self/limits')),
  };
}

export function judgeMachine(facts: MachineFacts): readonly Finding[] {
  const { nodeVersion, cores, memoryBytes, freeDiskBytes, clockSource, driftPpm, openFiles } = facts;
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const nodeIsEnough = major > 20 || (major === 20 && minor >= 19);
  return [
    finding('Node', 'everything here', {
      state: nodeIsEnough ? 'ok' : 'missing',
      seen: nodeVersion,
      fix: 'install Node 20.19 or newer',
    }),
    finding('cores', 'nodes, clients and the controller; with too few come timeouts that no fault caused', {
      state: cores >= 2 ? 'ok' : 'degraded',
      seen: String(cores),
      fix: 'use a machine with two or more, or fewer nodes, clients and a lower --rate',
    }),
    finding('memory', 'the checker, which may use 2 GiB (--memory-budget), and some 80 MiB for each node', {
      state: memoryBytes.available >= 2 * GiB ? 'ok' : 'degraded',
      seen: `${inGiB(memoryBytes.available)} available of ${inGiB(memoryBytes.total)}`,
      fix: 'end something else, or lower --memory-budget and --nodes',
    }),
    finding('free disk', 'histories, logs and the nodes’ data', {
      state: freeDiskBytes >= GiB ? 'ok' : freeDiskBytes >= 100 * MiB ? 'degraded' : 'missing',
      seen: inGiB(freeDiskBytes),
      fix: 'make room, or write elsewhere with --out',
    }),
    finding('clock', 'the order of operations, and clock faults to be measured against it', {
      state: Math.abs(driftPpm) <= steadyPpm && !isSlowSource(clockSource) ? 'ok' : 'degraded',
      seen: `${clockSource === undefined ? '' : `source ${clockSource}, `}wall and monotonic clock within ${Math.abs(driftPpm).toFixed(0)} ppm`,
      fix: isSlowSource(clockSource)
        ? 'the kernel fell back to a slow source: prefer tsc, kvm-clock or arch_sys_counter (kernel parameter clocksource=)'
        : 'something sets this machine’s clock while it runs: let its time service settle first',
    }),
    finding('open files', 'clients, links and nodes', {
      state: openFiles === undefined || openFiles >= 4096 ? 'ok' : 'degraded',
      seen: openFiles === undefined ? 'the system does not tell' : String(openFiles),
      fix: 'raise the limit (ulimit -n 65536), or use fewer nodes and clients',
    }),
  ];
}

function isSlowSource(name: string | undefined): boolean {
  return name !== undefined && /^(?:hpet|acpi_pm|pit|jiffies|refined-jiffies)$/.test(name);
}

/** From /proc/self/limits, what holds now. */
export function openFilesOf(limits: string | undefined): number | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? undefined : soft === 'unlimited' ? Infinity : Number(soft);
}

async function measureDrift(): Promise<number> {
  const before = offsetMs();
  await sleep(driftWindowMs);
  return ((offsetMs() - before) / driftWindowMs) * 1e6;
}

/** The wall clock has whole milliseconds: a reading right after a tick is exact. The best of several, for a busy machine. */
function offsetMs(): number {
  let best = -Infinity;
  for (let round = 0; round < 5; round++) {
    const now = Date.now();
    let ticked = now;
    while (ticked === now) ticked = Date.now();
    best = Math.max(best, ticked - performance.now());
  }
  return best;
}

function existingFolder(directory: string): string {
  let at = resolve(directory);
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function inGiB(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}
