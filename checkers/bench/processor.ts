// What this process has used, as the system counts it.

import { readFileSync, writeFileSync } from 'node:fs';

/** Processor time of all threads so far, ms: a busy machine does not count. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What this process holds, in bytes, from where the system counts its peak anew. NaN where the system cannot. */
export function startOfPeak(): number {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return Number.NaN;
  }
  return peakBytes();
}

export function peakBytes(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/u.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return Number.NaN;
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
