// The reaper: waits for the end of its input. If it was not told `done` before that, the controller is dead, and what its
// run has on the engine is removed. It has a process group of its own, so that nothing meant for the controller ends it.

import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { Ledger, unsettledEntries } from '../../harness/ledger.ts';
import { Engine } from '../engine.ts';
import { removeRun, undoKind, words } from '../leftovers.ts';

const jobSchema = v.object({ run: v.string(), directory: v.string(), logFile: v.string() });
const pauseMs = 1_000;
/** An engine that was restarted comes back within this time; after it `faultline clean` is left to try. */
const patienceMs = 60_000;

const job = v.parse(jobSchema, JSON.parse(process.argv[2] ?? ''));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

let heard = '';
for await (const chunk of process.stdin) heard += String(chunk);
if (!heard.includes('done')) await reap();

async function reap(): Promise<void> {
  const begun = performance.now();
  for (;;) {
    try {
      const removed = words(await removeRun(await Engine.open(), job.run));
      say(`removed ${removed ?? 'nothing'}`);
      await settle();
      return;
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      if (performance.now() - begun > patienceMs) process.exit(1);
      await sleep(pauseMs);
    }
  }
}

async function settle(): Promise<void> {
  using ledger = Ledger.open(job.directory);
  for (const { id, undo } of unsettledEntries(job.directory)) {
    if (undo.kind === undoKind && 'run' in undo && undo.run === job.run) await ledger.settle(id);
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
