// Worker threads that are kept for the next check. They never hold the process open.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { heapLimitBytes } from '../../heap-guard.ts';

/** More threads than this share nothing but the machine's memory. */
const MOST_THREADS = 16;

const idle: Worker[] = [];

/** Undefined where the sources run uncompiled: Node 20 cannot run TypeScript, so there all stays in one thread. */
function program(): string | undefined {
  const url = new URL('./judge-thread.js', import.meta.url);
  if (!import.meta.url.endsWith('.js')) return undefined;
  const path = fileURLToPath(url);
  return existsSync(path) ? path : undefined;
}

/** How many threads may judge at once when the caller names `wanted`; 0: none can or shall. */
export function threadsFor(wanted: number | undefined): number {
  if (wanted === 0 || program() === undefined) return 0;
  return Math.min(wanted ?? availableParallelism(), MOST_THREADS);
}

/** A thread of the pool or a new one; its heap may be as large as that of this thread. */
export function takeThread(): Worker {
  const kept = idle.pop();
  if (kept !== undefined) return kept;
  const path = program();
  if (path === undefined) throw new Error('threads need the compiled program');
  const worker = new Worker(path, {
    // Flags of this process may be none that a thread takes.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: Math.max(16, Math.floor(heapLimitBytes() / 2 ** 20)) },
  });
  worker.unref();
  // One that dies while nobody uses it is not used again.
  worker.on('exit', () => drop(worker));
  worker.on('error', () => drop(worker));
  return worker;
}

export function giveThread(worker: Worker): void {
  idle.push(worker);
}

function drop(worker: Worker): void {
  const place = idle.indexOf(worker);
  if (place !== -1) idle.splice(place, 1);
}
